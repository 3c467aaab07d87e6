// Random traffic for the engine: the steps, their execution, and what has to hold afterwards.
import fc from "fast-check";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { Aborted, TimedOut } from "../../src/engine/cancel.ts";
import { errnoOf } from "../../src/request/errors.ts";
import { Special } from "../../src/request/layout.ts";
import { ECANCELED } from "../../src/request/request.ts";
import { isAll } from "./bytes.ts";
import {
  callRogue,
  leftovers,
  makeEngine,
  nothing,
  send,
  setLimits,
  turn,
  until,
  type Engine,
  type Registers,
  type Sent,
} from "./engine.ts";
import { descriptorsBelow } from "./files.ts";
import type { OpName } from "../../src/ops/table.ts";

const SIZES = [0, 1, 8191, 8192, 8193, 16384, 40_000, 65_536, 1 << 20];
const KINDS = [
  "nop",
  "busy",
  "read",
  "spew",
  "slurp",
  "slurpMoved",
  "stat",
  "open",
  "openFails",
  "pathTooLong",
  "echo",
  "customFails",
] as const;
const KILLS = ["exit", "broken"] as const;
type Kind = (typeof KINDS)[number] | (typeof KILLS)[number];

const submit = fc.record({
  what: fc.constant("submit" as const),
  kind: fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom<Kind>(...KINDS) },
    { weight: 1, arbitrary: fc.constantFrom<Kind>(...KILLS) },
  ),
  size: fc.constantFrom(...SIZES),
  level: fc.nat(8),
  ends: fc.constantFrom("none", "none", "none", "signal", "timeout"),
  count: fc.constantFrom(1, 1, 1, 2, 5, 20),
});
const which = fc.nat(10_000);

export const step = fc.oneof(
  { weight: 12, arbitrary: submit },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant("cancel" as const), which }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant("cancelSoftly" as const), which }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant("poll" as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant("reprioritise" as const),
      which,
      level: fc.nat(8),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant("abort" as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant("limits" as const),
      maxParallel: fc.nat(4),
      minParallel: fc.nat(2),
      maxIdle: fc.nat(2),
      idleTimeoutMs: fc.constantFrom(0, 1, 50),
      lingerUs: fc.constantFrom(0, 40),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant("turns" as const),
      count: fc.nat(5),
    }),
  },
);
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Tracked extends Sent {
  kind: Kind;
  size: number;
  ends: string;
  cancelled: boolean;
  softly: boolean;
}

export class Traffic {
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-traffic-"));
  readonly #fd: number;
  #sent: Tracked[] = [];
  #abort = new AbortController();

  constructor() {
    for (const size of SIZES)
      fs.writeFileSync(this.#file(size), Buffer.alloc(size, size & 255));
    this.#fd = fs.openSync(this.#file(1 << 20), "r");
  }

  remove(): void {
    fs.closeSync(this.#fd);
    fs.rmSync(this.#folder, { recursive: true });
  }

  /** How many descriptors are open on our files, apart from our own. */
  descriptors(): number {
    return descriptorsBelow(this.#folder).length - 1;
  }

  async run(
    steps: Step[],
    slots: number,
    poll: "auto" | "manual" = "auto",
  ): Promise<void> {
    this.#sent = [];
    this.#abort = new AbortController();
    let edges = "";
    const manual = {
      wantPoll: () => void (edges += "W"),
      donePoll: () => void (edges += "D"),
    };
    const engine = makeEngine({
      slots,
      maxParallel: 2,
      poll,
      ...(poll === "manual" ? manual : {}),
    });
    for (const step of steps) {
      const before = this.#unsettled();
      await this.#apply(engine, step);
      // In manual mode a step that does not poll settles nothing.
      if (poll === "manual" && step.what !== "poll")
        expect(this.#unsettled()).toBeGreaterThanOrEqual(before);
    }
    setLimits(engine, { maxParallel: 2 });
    const inTheMiddle = steps.length % 2 === 0;
    let closed = !inTheMiddle;
    if (inTheMiddle) void engine.close().then(() => (closed = true));
    await until(() => {
      if (poll === "manual") engine.poll();
      return closed && this.#unsettled() === 0;
    });
    await until(() => engine.orphans === 0 && engine.nreqs === 0);
    if (!inTheMiddle && poll === "auto")
      expect(await send(engine, "nop").done).toBeDefined();
    await engine.close();
    expect(edges).toMatch(/^(WD)*$/);
    expect(leftovers(engine)).toEqual(nothing);
    expect(engine.nthreads).toBe(0);
    for (const sent of this.#sent) this.#judge(sent);
    for (const { kind, request } of this.#sent)
      if (kind === "open" && request.result >= 0) fs.closeSync(request.result);
    expect(this.descriptors()).toBe(0);
  }

  async #apply(engine: Engine, step: Step): Promise<void> {
    if (step.what === "submit")
      for (let i = 0; i < step.count; i++) this.#submit(engine, step);
    else if (step.what === "turns")
      for (let i = 0; i < step.count; i++) await turn();
    else if (step.what === "limits") setLimits(engine, step);
    else if (step.what === "poll") engine.poll();
    else if (step.what === "abort") {
      this.#abort.abort();
      this.#abort = new AbortController();
    } else {
      const sent = this.#sent[step.which % this.#sent.length];
      if (sent === undefined) return;
      if (step.what === "reprioritise")
        engine.reprioritise(sent.request, step.level);
      else if (step.what === "cancelSoftly") {
        engine.cancelSoftly(sent.request);
        sent.softly = true;
      } else if (engine.cancel(sent.request, "cancelled"))
        sent.cancelled = true;
    }
    const { nreqs, nready, npending } = engine;
    // Beyond ours there may be those that close the descriptors of orphaned opens.
    const opens = this.#sent.filter(({ kind }) => kind === "open").length;
    expect(nreqs).toBeGreaterThanOrEqual(this.#unsettled());
    expect(nreqs).toBeLessThanOrEqual(this.#unsettled() + opens);
    expect(Math.min(nreqs, nready, npending)).toBeGreaterThanOrEqual(0);
    expect(nready).toBeLessThanOrEqual(nreqs);
    expect([...engine.requests()]).toHaveLength(nreqs);
  }

  #unsettled(): number {
    return this.#sent.filter(({ settled }) => settled === 0).length;
  }

  #submit(engine: Engine, step: Step & { what: "submit" }): void {
    const { kind, size, level, ends } = step;
    const [name, registers] = this.#request(kind, size);
    const given: Registers = { ...registers, level };
    if (ends === "signal") given.ends = { signal: this.#abort.signal };
    if (ends === "timeout") given.ends = { timeout: 0 };
    const sent = { kind, size, ends, cancelled: false, softly: false };
    this.#sent.push(Object.assign(send(engine, name, given), sent));
  }

  #file = (size: number): string => path.join(this.#folder, `f${size}`);

  #request(kind: Kind, size: number): [OpName, Registers] {
    const file = this.#file(size);
    const other = path.join(this.#folder, "written");
    const requests: Record<Kind, () => [OpName, Registers]> = {
      nop: () => ["nop", {}],
      busy: () => ["busy", { a: size % 3 }],
      read: () => [
        "read",
        { fd: this.#fd, data: Buffer.alloc(size), position: 0 },
      ],
      spew: () => [
        "spew",
        { path: other, data: Buffer.alloc(size), a: 0o1101, b: 0o600 },
      ],
      slurp: () => ["slurp", { path: file, room: 65_536 }],
      slurpMoved: () => ["slurp", { path: file }],
      stat: () => ["stat", { path: file }],
      open: () => ["open", { path: file }],
      openFails: () => ["open", { path: `${file}/x` }],
      pathTooLong: () => ["stat", { path: "p".repeat(9000) }],
      echo: () => ["custom", callRogue("echo", "x".repeat(size))],
      customFails: () => ["custom", callRogue("fail", "as requested")],
      exit: () => ["custom", callRogue("exit")],
      broken: () => ["custom", { data: Buffer.from("no clone") }],
    };
    if (kind === "echo" && size >= 1 << 20) return requests.nop();
    return requests[kind]();
  }

  /** Settled once, with an outcome that its history allows. */
  #judge(sent: Tracked): void {
    const { request, kind, size, ends } = sent;
    const { result, reason, value } = request;
    expect(sent.settled).toBe(1);
    if (result === ECANCELED) {
      const why =
        sent.cancelled && reason === "cancelled"
          ? "cancel"
          : reason instanceof Aborted
            ? "signal"
            : reason instanceof TimedOut
              ? "timeout"
              : "nothing";
      expect(why === "cancel" || why === ends || sent.softly).toBe(true);
      return;
    }
    if (kind === "exit" || kind === "broken")
      return expect(result).toBe(Special.workerLost);
    if (kind === "openFails") return expect(result).toBe(errnoOf("ENOTDIR"));
    if (kind === "pathTooLong")
      return expect(result).toBe(errnoOf("ENAMETOOLONG"));
    if (kind === "customFails") return expect(result).toBe(-1);
    expect(result).toBeGreaterThanOrEqual(0);
    if (kind === "read") expect(value).toBe(size);
    if (kind === "slurp" || kind === "slurpMoved") {
      expect((value as Buffer).byteLength).toBe(size);
      expect(isAll(value as Buffer, size & 255)).toBe(true);
    }
  }
}

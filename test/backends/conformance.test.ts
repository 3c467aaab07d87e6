// One suite for every backend: the contract of src/backends/backend.ts, word for word. A backend that
// cannot do something is skipped with the reason.
import { afterEach, describe, expect, it } from "vitest";
import type {
  Backend,
  Completions,
  MovedValue,
} from "../../src/backends/backend.ts";
import { listBackends, selectBackend } from "../../src/backends/select.ts";
import { defaultThreadLimits } from "../../src/backends/thread-limits.ts";
import { ops, type OpName } from "../../src/ops/table.ts";
import { Codec, Encoded } from "../../src/request/codec.ts";
import { makeMemory } from "../../src/request/make-memory.ts";
import { Request } from "../../src/request/request.ts";
import { decoderOf, turn, until, type Registers } from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const file = folder.file("file", "content");

/** What cannot be tested on a backend of this kind, and why. */
const reasons: Record<string, { runs?: string }> = {
  null: { runs: "it completes everything with 0 and runs nothing" },
};

const sizes = { slots: 32, arenaBytes: 1 << 20, workersMax: 8 };

/** Plays the engine: encodes requests, and notes what completes. */
class Caller implements Completions {
  readonly memory = makeMemory(sizes);
  readonly codec = new Codec(this.memory);
  readonly done: { slot: number; result: number; moved?: unknown }[] = [];
  readonly backend: Backend;
  inside = false;
  wakes = 0;
  /** complete() returns false at every so many. */
  enoughAt = 0;

  constructor(name: string) {
    const limits = { ...defaultThreadLimits, maxParallel: 2 };
    const make = selectBackend(name, { limits });
    this.backend = make(this.memory, this, () => this.wakes++);
  }

  complete(slot: number, result: number, moved?: MovedValue): boolean {
    expect(this.inside).toBe(false);
    this.done.push(moved ? { slot, result, moved } : { slot, result });
    return this.enoughAt === 0 || this.done.length % this.enoughAt !== 0;
  }

  queue(slot: number, name: OpName, registers: Registers = {}): string {
    const request = new Request(ops[name].code, decoderOf(name), () => {});
    Object.assign(request, registers);
    expect(this.codec.encode(request, slot)).toBe(Encoded.ok);
    this.inside = true;
    const status = this.backend.queue(slot);
    this.inside = false;
    return status;
  }

  flush(): void {
    this.inside = true;
    this.backend.flush();
    this.inside = false;
  }

  async completed(count: number): Promise<number[]> {
    await until(() => {
      this.backend.reap();
      return this.done.length >= count;
    });
    return this.done.map(({ slot }) => slot).sort((a, b) => a - b);
  }
}

const callers: Caller[] = [];
function makeCaller(name: string): Caller {
  const caller = new Caller(name);
  callers.push(caller);
  return caller;
}
afterEach(() =>
  Promise.all(callers.splice(0).map(({ backend }) => backend.close())),
);

const range = (count: number): number[] => [...Array(count).keys()];

for (const [name, probe] of Object.entries(listBackends())) {
  const unavailable = probe.available ? undefined : probe.reason;
  const skip = (reason: string | undefined): string =>
    reason === undefined ? "" : ` (skipped: ${reason})`;
  const { runs } = reasons[name] ?? {};

  describe.skipIf(unavailable)(`${name}${skip(unavailable)}`, () => {
    it("has its name, and supports what it says", () => {
      const { backend } = makeCaller(name);
      expect(backend.name).toBe(name);
      expect(backend.supports(ops.nop.code)).toBe(true);
    });

    it("completes every slot once, none inside queue() or flush()", async () => {
      const caller = makeCaller(name);
      for (const slot of range(20))
        expect(caller.queue(slot, "nop")).toBe("queued");
      caller.flush();
      expect(await caller.completed(20)).toEqual(range(20));
      for (let i = 0; i < 20; i++) await turn();
      expect(caller.backend.reap()).toBe(0);
      expect(caller.done).toHaveLength(20);
      expect(caller.done.every(({ result }) => result === 0)).toBe(true);
      expect(caller.backend.counts()).toMatchObject({ ready: 0, pending: 0 });
    });

    it("takes as many as there are slots, or says busy", async () => {
      const caller = makeCaller(name);
      const queued = range(sizes.slots).filter(
        (slot) => caller.queue(slot, "nop") === "queued",
      );
      expect(queued.length).toBeGreaterThan(0);
      caller.flush();
      expect(await caller.completed(queued.length)).toEqual(queued);
    });

    it("uses a slot again and again", async () => {
      const caller = makeCaller(name);
      for (let use = 1; use <= 50; use++) {
        caller.queue(5, "nop");
        caller.flush();
        await caller.completed(use);
      }
      expect(caller.done).toHaveLength(50);
    });

    it("stops reaping when complete() returns false", async () => {
      const caller = makeCaller(name);
      caller.enoughAt = 3;
      for (const slot of range(10)) caller.queue(slot, "nop");
      caller.flush();
      await until(() => caller.backend.counts().pending === 10);
      expect([0, 1, 2, 3, 4].map(() => caller.backend.reap())).toEqual([
        3, 3, 3, 1, 0,
      ]);
    });

    it("completes a cancelled slot once, too", async () => {
      const caller = makeCaller(name);
      for (const slot of range(10)) caller.queue(slot, "nop");
      for (const slot of range(10)) caller.backend.cancel(slot);
      caller.flush();
      for (const slot of range(10)) caller.backend.cancel(slot);
      expect(await caller.completed(10)).toEqual(range(10));
      for (const { result } of caller.done)
        expect(result).toBeLessThanOrEqual(0);
    });

    it("does not arm over a completion", async () => {
      const caller = makeCaller(name);
      caller.queue(0, "nop");
      caller.flush();
      await until(() => caller.backend.counts().pending === 1);
      expect(caller.backend.arm()).toBe(false);
      expect(await caller.completed(1)).toEqual([0]);
    });

    it("arms when there is nothing, and can be disarmed", () => {
      const { backend } = makeCaller(name);
      expect(backend.arm()).toBe(true);
      backend.disarm();
      expect(backend.arm()).toBe(true);
    });

    it.skipIf(runs)("wakes once for completions after arm()", async () => {
      const caller = makeCaller(name);
      expect(caller.backend.arm()).toBe(true);
      for (const slot of range(10)) caller.queue(slot, "nop");
      caller.flush();
      await until(() => caller.wakes > 0);
      await until(() => caller.backend.counts().pending === 10);
      for (let i = 0; i < 20; i++) await turn();
      expect(caller.wakes).toBe(1);
      expect(await caller.completed(10)).toEqual(range(10));
    });

    it.skipIf(runs)("does not run what is cancelled in time", async () => {
      const caller = makeCaller(name);
      const path = folder.join("never");
      caller.queue(0, "mkdir", { path, a: 0o700 });
      caller.backend.cancel(0);
      caller.flush();
      await caller.completed(1);
      caller.queue(1, "rmdir", { path });
      caller.flush();
      await caller.completed(2);
      expect(caller.done[1]!.result).toBeLessThan(0);
    });

    it.skipIf(runs)("counts what is queued and not begun", async () => {
      const caller = makeCaller(name);
      for (const slot of range(5)) caller.queue(slot, "nop");
      expect(caller.backend.counts()).toMatchObject({ ready: 5, pending: 0 });
      caller.backend.cancel(3);
      expect(caller.backend.counts().ready).toBe(4);
      caller.flush();
      await caller.completed(5);
      expect(caller.backend.counts()).toMatchObject({ ready: 0, pending: 0 });
    });

    it.skipIf(runs)("gives a file's bytes and an errno", async () => {
      const caller = makeCaller(name);
      caller.queue(0, "slurp", { path: file });
      caller.queue(1, "stat", { path: `${file}/none` });
      caller.flush();
      await caller.completed(2);
      const results = Object.fromEntries(
        caller.done.map(({ slot, result }) => [slot, result]),
      );
      expect(results).toEqual({ 0: 0, 1: -20 });
    });

    it.skipIf(runs)(
      "completes what is running when it is cancelled",
      async () => {
        const caller = makeCaller(name);
        caller.queue(0, "slurp", { path: gate.path });
        caller.flush();
        await until(() => caller.backend.counts().ready === 0);
        caller.backend.cancel(0);
        expect(caller.backend.reap()).toBe(0);
        await gate.release();
        expect(await caller.completed(1)).toEqual([0]);
      },
    );

    it("closes, also twice, and has no threads then", async () => {
      const caller = makeCaller(name);
      caller.queue(0, "nop");
      caller.flush();
      await caller.completed(1);
      await caller.backend.close();
      await caller.backend.close();
      expect(caller.backend.counts()).toEqual({
        threads: 0,
        ready: 0,
        pending: 0,
      });
    });
  });
}

describe("selectBackend", () => {
  const limits = defaultThreadLimits;

  it.each(["uring", "aio", "nowait", "nonsense"])(
    "refuses %s with the reason",
    (name) => {
      const probe = (listBackends() as Record<string, { available: boolean }>)[
        name
      ];
      if (probe?.available) return;
      expect(() => selectBackend(name, { limits })).toThrow(
        expect.objectContaining({ code: "ERR_EIO_BACKEND_UNAVAILABLE" }),
      );
    },
  );

  it("chooses an available backend for auto", () => {
    expect(() => selectBackend("auto", { limits })).not.toThrow();
  });
});

// When a cancelled request settles whose data stays in its caller's memory: for every op that has data, on a
// backend that runs nothing until the test says so.
import { describe, expect, it } from "vitest";
import type { Backend, Completions } from "../../src/backends/backend.ts";
import { Engine } from "../../src/engine/engine.ts";
import { defaultEngineOptions } from "../../src/engine/options.ts";
import { opNames, registers, type OpName } from "../../src/ops/table.ts";
import { ECANCELED } from "../../src/request/request.ts";
import { send, turn } from "../helpers/engine.ts";

/** Works on all data in place, and completes its requests on demand. */
class Held {
  completions!: Completions;
  readonly slots: number[] = [];
  /** What a cancel returns. */
  untouched = false;
  readonly backend: Backend = {
    name: "null",
    direct: { takes: () => true, note: () => true, noteAll: () => {} },
    supports: () => true,
    queue: (slot) => (this.slots.push(slot), "queued"),
    flush: () => {},
    reap: () => 0,
    arm: () => true,
    disarm: () => {},
    cancel: () => this.untouched,
    counts: () => ({ threads: 0, ready: 0, pending: 0 }),
    close: () => Promise.resolve(),
  };

  readonly engine = new Engine(
    {
      ...defaultEngineOptions,
      sizes: { slots: 16, arenaBytes: 0, workersMax: 1 },
    },
    (_memory, completions) => {
      this.completions = completions;
      return this.backend;
    },
  );

  complete(result: number): void {
    for (const slot of this.slots.splice(0))
      this.completions.complete(slot, result);
  }
}

const withData = opNames.filter((name) => registers[name].includes("data"));
const begin = (held: Held, name: OpName, ends: object | null = null) => {
  const sent = send(held.engine, name, { data: Buffer.alloc(64), ends });
  held.engine.flush();
  return sent;
};

describe.each(withData)("a %s that is cancelled", (name) => {
  it("settles with its reason when its backend lets go, and not before", async () => {
    const held = new Held();
    const sent = begin(held, name);
    expect(held.engine.cancel(sent.request, "why")).toBe(true);
    await turn();
    expect(sent.settled).toBe(0);
    expect(held.engine).toMatchObject({ nreqs: 1, abandoned: 1 });
    expect(held.engine.cancel(sent.request, "again")).toBe(false);
    held.complete(64);
    const { result, reason } = await sent.done;
    expect({ result, reason }).toEqual({ result: ECANCELED, reason: "why" });
    expect(sent.settled).toBe(1);
    expect(held.engine).toMatchObject({ nreqs: 0, abandoned: 0 });
  });

  it("settles at once when its backend will never run it", () => {
    const held = new Held();
    held.untouched = true;
    const sent = begin(held, name);
    held.engine.cancel(sent.request, "why");
    expect(sent.settled).toBe(1);
    held.complete(ECANCELED);
    expect(sent.settled).toBe(1);
    expect(held.engine.idle()).toBe(true);
  });
});

it("close() does not settle a cancelled read, and does not wait for it for long", async () => {
  const held = new Held();
  const sent = begin(held, "read");
  held.engine.cancel(sent.request, "why");
  await held.engine.close();
  expect(sent.settled).toBe(0);
  held.complete(64);
  expect(sent.settled).toBe(1);
});

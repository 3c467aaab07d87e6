// close(): waits for everything that was submitted, wherever it is and however it ends, orphans too;
// afterwards no worker is left.
import { afterEach, describe, expect, it } from "vitest";
import {
  ask,
  callRogue,
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  setLimits,
  turn,
  until,
  type Engine,
} from "../helpers/engine.ts";
import { Gate, descriptorsBelow, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const large = folder.file("large", Buffer.alloc(100_000, 7));
afterEach(closeEngines);

async function closes(engine: Engine): Promise<void> {
  await engine.close();
  expect(leftovers(engine)).toEqual(nothing);
  expect(engine.nthreads).toBe(0);
}

describe("close", () => {
  it("of an engine that did nothing", () => closes(makeEngine()));

  it("of an idle one with a minimum of workers", async () => {
    const engine = makeEngine({ minParallel: 2 });
    await closes(engine);
  });

  it("is one close, however often it is asked for", async () => {
    const engine = makeEngine();
    expect(engine.close()).toBe(engine.close());
    await engine.close();
  });

  it("refuses what comes after", async () => {
    const engine = makeEngine();
    const closed = engine.close();
    expect(() => ask(engine, "nop")).toThrow(
      expect.objectContaining({ code: "ERR_EIO_CLOSED" }),
    );
    await closed;
  });

  it("waits for what was submitted in the same turn", async () => {
    const engine = makeEngine();
    const asked = Array.from({ length: 2000 }, () => ask(engine, "nop"));
    await closes(engine);
    expect(asked.every(({ settled }) => settled === 1)).toBe(true);
  });

  it("waits for moved results", async () => {
    const engine = makeEngine();
    const asked = Array.from({ length: 20 }, () =>
      ask(engine, "slurp", { path: large }),
    );
    await closes(engine);
    for (const { done } of asked)
      expect(((await done).value as Buffer).byteLength).toBe(100_000);
  });

  it("waits for what runs", async () => {
    const engine = makeEngine();
    const asked = gate.block(engine);
    await until(() => engine.nthreads > 0 && engine.nready === 0);
    const closed = closes(engine);
    await turn();
    expect(asked.settled).toBe(0);
    await gate.release();
    await closed;
    expect(asked.settled).toBe(1);
  });

  it("waits for an orphaned open and closes its descriptor", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const asked = ask(engine, "open", { path: gate.path });
    await until(() => engine.nthreads > 0 && engine.nready === 0);
    engine.cancel(asked.request, null);
    const closed = closes(engine);
    await gate.release();
    await closed;
    expect(descriptorsBelow(gate.path)).toEqual([]);
  });

  it("ends when the last waiting one is cancelled", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const asked = ask(engine, "nop");
    const closed = closes(engine);
    engine.cancel(asked.request, null);
    await closed;
  });

  it("ends when the last one fails without having run", async () => {
    const engine = makeEngine();
    ask(engine, "stat", { path: "x".repeat(10_000) });
    await closes(engine);
  });

  it("ends when the last worker is lost", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    ask(engine, "custom", callRogue("exit"));
    await closes(engine);
  });

  it("waits while the pool is paused", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const asked = ask(engine, "nop");
    const closed = closes(engine);
    for (let i = 0; i < 20; i++) await turn();
    expect(asked.settled).toBe(0);
    setLimits(engine, { maxParallel: 1 });
    await closed;
    expect(asked.settled).toBe(1);
  });

  it("lets callers of the last completion close, too", async () => {
    const engine = makeEngine();
    const asked = ask(engine, "nop");
    let closed: Promise<void> | undefined;
    const { settle } = asked.request;
    asked.request.settle = (request) => {
      settle(request);
      closed = closes(engine);
    };
    await asked.done;
    await closed;
  });
});

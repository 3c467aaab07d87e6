// close(): waits for everything that was submitted, wherever it is and however it ends, including orphans;
// no worker is left afterwards.
import { afterEach, describe, expect, it } from "vitest";
import {
  callRogue,
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  send,
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
  it("resolves for an engine that did nothing", () => closes(makeEngine()));

  it("resolves for an idle engine with a minimum of workers", async () => {
    const engine = makeEngine({ minParallel: 2 });
    await closes(engine);
  });

  it("returns the same promise however often it is called", async () => {
    const engine = makeEngine();
    expect(engine.close()).toBe(engine.close());
    await engine.close();
  });

  it("makes later requests throw ERR_EIO_CLOSED", async () => {
    const engine = makeEngine();
    const closed = engine.close();
    expect(() => send(engine, "nop")).toThrow(
      expect.objectContaining({ code: "ERR_EIO_CLOSED" }),
    );
    await closed;
  });

  it("waits for requests submitted in the same turn", async () => {
    const engine = makeEngine();
    const sent = Array.from({ length: 2000 }, () => send(engine, "nop"));
    await closes(engine);
    expect(sent.every(({ settled }) => settled === 1)).toBe(true);
  });

  it("waits for moved results", async () => {
    const engine = makeEngine();
    const sent = Array.from({ length: 20 }, () =>
      send(engine, "slurp", { path: large }),
    );
    await closes(engine);
    for (const { done } of sent)
      expect(((await done).value as Buffer).byteLength).toBe(100_000);
  });

  it("waits for running requests", async () => {
    const engine = makeEngine();
    const sent = gate.block(engine);
    await until(() => engine.nthreads > 0 && engine.nready === 0);
    const closed = closes(engine);
    await turn();
    expect(sent.settled).toBe(0);
    await gate.release();
    await closed;
    expect(sent.settled).toBe(1);
  });

  it("waits for an orphaned open and closes its descriptor", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const sent = send(engine, "open", { path: gate.path });
    await until(() => engine.nthreads > 0 && engine.nready === 0);
    engine.cancel(sent.request, null);
    const closed = closes(engine);
    await gate.release();
    await closed;
    expect(descriptorsBelow(gate.path)).toEqual([]);
  });

  it("resolves when the last waiting request is cancelled", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const sent = send(engine, "nop");
    const closed = closes(engine);
    engine.cancel(sent.request, null);
    await closed;
  });

  it("resolves when the last request fails without having run", async () => {
    const engine = makeEngine();
    send(engine, "stat", { path: "x".repeat(10_000) });
    await closes(engine);
  });

  it("resolves when the last worker is lost", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    send(engine, "custom", callRogue("exit"));
    await closes(engine);
  });

  it("waits while the pool is paused", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const sent = send(engine, "nop");
    const closed = closes(engine);
    for (let i = 0; i < 20; i++) await turn();
    expect(sent.settled).toBe(0);
    setLimits(engine, { maxParallel: 1 });
    await closed;
    expect(sent.settled).toBe(1);
  });

  it("may be called from the last completion's callback", async () => {
    const engine = makeEngine();
    const sent = send(engine, "nop");
    let closed: Promise<void> | undefined;
    const { settle } = sent.request;
    sent.request.settle = (request) => {
      settle(request);
      closed = closes(engine);
    };
    await sent.done;
    await closed;
  });
});

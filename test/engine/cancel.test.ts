// Ending a request early: in every phase it settles at once and exactly once, and what it held is freed
// when the worker lets go of it.
import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { Aborted, TimedOut } from "../../src/engine/cancel.ts";
import { ECANCELED, Phase } from "../../src/request/request.ts";
import {
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  prepare,
  result,
  send,
  setLimits,
  until,
} from "../helpers/engine.ts";
import { Gate, descriptorsBelow, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const file = folder.file("file", "content");
afterEach(closeEngines);

describe("cancel", () => {
  it("ignores a request that was never submitted", () => {
    const engine = makeEngine();
    expect(engine.cancel(prepare("nop").request, null)).toBe(false);
  });

  it("takes back a request that waits for a slot", async () => {
    const engine = makeEngine({ maxParallel: 0, slots: 16 });
    const before = Array.from({ length: 16 }, () => send(engine, "nop"));
    const sent = send(engine, "nop");
    expect(sent.request.phase).toBe(Phase.waiting);
    expect(engine.cancel(sent.request, "why")).toBe(true);
    expect(sent.settled).toBe(1);
    expect(sent.request).toMatchObject({ result: ECANCELED, reason: "why" });
    setLimits(engine, { maxParallel: 1 });
    await Promise.all(before.map(({ done }) => done));
    expect(leftovers(engine)).toEqual(nothing);
    expect(engine.cancel(sent.request, "again")).toBe(false);
  });

  it("settles a queued request at once, and it never runs", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const path = folder.join("never");
    const sent = send(engine, "mkdir", { path, a: 0o700 });
    await until(() => sent.request.phase === Phase.inFlight);
    expect(engine.nready).toBe(1);
    expect(engine.cancel(sent.request, null)).toBe(true);
    expect(sent.settled).toBe(1);
    expect(engine).toMatchObject({ nreqs: 0, nready: 0, orphans: 1 });
    setLimits(engine, { maxParallel: 1 });
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
    expect(await result(engine, "rmdir", { path })).toBeLessThan(0);
    expect(sent.settled).toBe(1);
  });

  it("orphans a running request, whose slot is freed when the worker lets go", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const sent = gate.block(engine, { room: 100_000 });
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    engine.cancel(sent.request, null);
    expect(sent.settled).toBe(1);
    expect(engine).toMatchObject({ nreqs: 0, orphans: 1 });
    expect(engine.arenaUsedBytes).toBeGreaterThan(0);
    await gate.release();
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
    expect(sent.settled).toBe(1);
  });

  it("settles a request that is done but not delivered, and closes its descriptor", async () => {
    const engine = makeEngine({ maxParallel: 1, loopLingerUs: 0 });
    await result(engine, "nop");
    const sent = send(engine, "open", { path: file });
    engine.flush();
    while (engine.npending === 0);
    expect(engine.cancel(sent.request, null)).toBe(true);
    expect(sent.request.result).toBe(ECANCELED);
    await until(() => engine.orphans === 0 && engine.nreqs === 0);
    expect(descriptorsBelow(file)).toEqual([]);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("closes the descriptor of an orphaned open", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const sent = send(engine, "open", { path: gate.path });
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    engine.cancel(sent.request, null);
    await gate.release();
    await until(() => engine.orphans === 0 && engine.nreqs === 0);
    expect(descriptorsBelow(gate.path)).toEqual([]);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("ignores a settled request, and spares the next user of its slot", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const first = send(engine, "nop");
    engine.flush();
    const { slot } = first.request;
    await first.done;
    const second = gate.block(engine);
    await until(() => engine.nready === 0);
    expect(second.request.slot).toBe(slot);
    expect(engine.cancel(first.request, null)).toBe(false);
    await gate.release();
    expect((await second.done).result).toBe(0);
    expect(first.settled).toBe(1);
  });

  it("may be called while completions are delivered", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const others = [prepare("nop"), prepare("nop"), prepare("nop")];
    const first = prepare("nop");
    const { settle } = first.request;
    first.request.settle = (request) => {
      settle(request);
      for (const { request } of others) engine.cancel(request, null);
    };
    for (const { request } of [first, ...others]) engine.submit(request);
    await Promise.all(others.map(({ done }) => done));
    await until(() => engine.orphans === 0);
    expect([first, ...others].map(({ settled }) => settled)).toEqual([
      1, 1, 1, 1,
    ]);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("makes room for waiting requests when a whole ring is cancelled", async () => {
    const engine = makeEngine({ maxParallel: 1, slots: 16 });
    const blocked = gate.block(engine);
    await until(() => engine.nready === 0 && engine.nthreads === 1);
    for (let round = 0; round < 5; round++) {
      const doomed = Array.from({ length: 30 }, () => send(engine, "nop"));
      await until(() => engine.freeSlots === 0);
      for (const { request } of doomed) engine.cancel(request, null);
    }
    const last = Array.from({ length: 40 }, () => send(engine, "nop"));
    await gate.release();
    await blocked.done;
    const results = await Promise.all(last.map(({ done }) => done));
    expect(results.map(({ result }) => result)).toEqual(Array(40).fill(0));
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("frees every slot of requests queued for paused threads", async () => {
    const engine = makeEngine({ backend: "auto", maxParallel: 0 });
    const doomed = Array.from({ length: 20 }, () => send(engine, "fsync"));
    await until(() => doomed[0]!.request.phase === Phase.inFlight);
    for (const { request } of doomed) engine.cancel(request, null);
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("does not delay later requests when a paused pool's queue is cancelled", async () => {
    const engine = makeEngine({ maxParallel: 0, slots: 1024 });
    const doomed = Array.from({ length: 300 }, () => send(engine, "nop"));
    await until(() => doomed[0]!.request.phase === Phase.inFlight);
    for (const { request } of doomed) engine.cancel(request, null);
    const last = send(engine, "nop");
    setLimits(engine, { maxParallel: 1 });
    expect((await last.done).result).toBe(0);
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("releases the owner only when the orphan has ended", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const calls: string[] = [];
    const owner = {
      hold: () => void calls.push("hold"),
      drop: () => void calls.push("drop"),
    };
    const sent = gate.block(engine, { owner });
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    engine.cancel(sent.request, null);
    expect(calls).toEqual(["hold"]);
    await gate.release();
    await until(() => engine.orphans === 0);
    expect(calls).toEqual(["hold", "drop"]);
  });
});

describe("a signal or a timeout", () => {
  it("aborts a request with the signal's reason", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const controller = new AbortController();
    const ends = { signal: controller.signal };
    const sent = send(engine, "nop", { ends });
    controller.abort("reason");
    expect(sent.settled).toBe(1);
    expect(sent.request.reason).toEqual(new Aborted("reason"));
  });

  it("aborts asynchronously a request submitted with a signal that has fired", async () => {
    const engine = makeEngine();
    const ends = { signal: AbortSignal.abort("before") };
    const sent = send(engine, "nop", { ends });
    expect(sent.settled).toBe(0);
    expect((await sent.done).reason).toEqual(new Aborted("before"));
  });

  it.each([0, 1, 5])(
    "ends a request after %d ms, wherever it is",
    async (timeout) => {
      const engine = makeEngine({ maxParallel: 1 });
      const running = gate.block(engine, { ends: { timeout } });
      const queued = send(engine, "nop", { ends: { timeout } });
      for (const { done } of [running, queued])
        expect((await done).reason).toEqual(new TimedOut(timeout));
      expect(engine.nreqs).toBe(0);
      await until(() => engine.nthreads === 1);
      setLimits(engine, { maxParallel: 1 });
      // A worker takes both in order; the read at the gate may or may not have begun by now.
      if (engine.orphans !== 0) await letThrough(engine);
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("no longer matters once the request has ended by itself", async () => {
    const engine = makeEngine();
    const controller = new AbortController();
    const ends = { signal: controller.signal, timeout: 1e6 };
    const sent = send(engine, "nop", { ends });
    await sent.done;
    expect(sent.request.release).toBeNull();
    controller.abort();
    expect(sent.settled).toBe(1);
    expect(sent.request.reason).toBeUndefined();
  });

  it("that has fired before aborts a request that waits in a paused pool", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const sent = send(engine, "nop", { ends: { signal: AbortSignal.abort() } });
    expect((await sent.done).reason).toBeInstanceOf(Aborted);
    expect(engine.nreqs).toBe(0);
  });

  it("leaves no listener and no timer behind", async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === "Timeout")
        .length;
    const engine = makeEngine();
    await send(engine, "nop").done;
    const before = timers();
    const { signal } = new AbortController();
    const ends = { signal, timeout: 1e6 };
    const sent = [send(engine, "nop", { ends }), send(engine, "nop", { ends })];
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    for (const { done } of sent) await done;
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(timers()).toBeLessThanOrEqual(before); // that of a worker may have gone
  });

  it("that is no real AbortSignal is checked when the request completes", async () => {
    const engine = makeEngine();
    const signal = { aborted: false, reason: "late" };
    const ends = { signal: signal as unknown as AbortSignal };
    const sent = send(engine, "nop", { ends });
    const other = send(engine, "nop", { ends: { ...ends } });
    signal.aborted = true;
    for (const { done } of [sent, other])
      expect(await done).toMatchObject({
        result: ECANCELED,
        reason: new Aborted("late"),
      });
  });

  it("aborts every request that shares the signal, and each once", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const controller = new AbortController();
    const ends = { signal: controller.signal };
    const first = send(engine, "nop", { ends });
    engine.cancel(first.request, null);
    const others = [
      send(engine, "nop", { ends }),
      send(engine, "nop", { ends }),
    ];
    controller.abort();
    expect(others.map(({ settled }) => settled)).toEqual([1, 1]);
    expect(first.settled).toBe(1);
  });

  it("may be shared by many requests without a warning", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    const engine = makeEngine({ maxParallel: 0 });
    const controller = new AbortController();
    const ends = { signal: controller.signal };
    const sent = Array.from({ length: 50 }, () =>
      send(engine, "nop", { ends }),
    );
    await until(() => engine.freeSlots < 1024);
    controller.abort();
    expect(sent.map(({ settled }) => settled)).toEqual(Array(50).fill(1));
    setLimits(engine, { maxParallel: 1 });
    await until(() => engine.orphans === 0);
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });
});

/** Releases the gate until nothing of the engine is behind it. */
const letThrough = (engine: ReturnType<typeof makeEngine>): Promise<void> =>
  until(() => {
    gate.tryRelease();
    return engine.orphans === 0;
  });

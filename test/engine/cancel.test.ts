// Ending a request before its time: in every phase it settles at once and exactly once, and what it
// held comes back when the worker lets go.
import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { Aborted, TimedOut } from "../../src/engine/cancel.ts";
import { ECANCELED, Phase } from "../../src/request/request.ts";
import {
  ask,
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  prepare,
  result,
  setLimits,
  until,
} from "../helpers/engine.ts";
import { Gate, descriptorsBelow, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const file = folder.file("file", "content");
afterEach(closeEngines);

describe("cancel", () => {
  it("does nothing to what was never submitted", () => {
    const engine = makeEngine();
    expect(engine.cancel(prepare("nop").request, null)).toBe(false);
  });

  it("takes back what waits", async () => {
    const engine = makeEngine({ maxParallel: 0, slots: 16 });
    const before = Array.from({ length: 16 }, () => ask(engine, "nop"));
    const asked = ask(engine, "nop");
    expect(asked.request.phase).toBe(Phase.waiting);
    expect(engine.cancel(asked.request, "why")).toBe(true);
    expect(asked.settled).toBe(1);
    expect(asked.request).toMatchObject({ result: ECANCELED, reason: "why" });
    setLimits(engine, { maxParallel: 1 });
    await Promise.all(before.map(({ done }) => done));
    expect(leftovers(engine)).toEqual(nothing);
    expect(engine.cancel(asked.request, "again")).toBe(false);
  });

  it("settles at once what is queued, and it never runs", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const path = folder.join("never");
    const asked = ask(engine, "mkdir", { path, a: 0o700 });
    await until(() => asked.request.phase === Phase.inFlight);
    expect(engine.nready).toBe(1);
    expect(engine.cancel(asked.request, null)).toBe(true);
    expect(asked.settled).toBe(1);
    expect(engine).toMatchObject({ nreqs: 0, nready: 0, orphans: 1 });
    setLimits(engine, { maxParallel: 1 });
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
    expect(await result(engine, "rmdir", { path })).toBeLessThan(0);
    expect(asked.settled).toBe(1);
  });

  it("orphans what runs: its slot comes back when the worker lets go", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const asked = gate.block(engine, { room: 100_000 });
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    engine.cancel(asked.request, null);
    expect(asked.settled).toBe(1);
    expect(engine).toMatchObject({ nreqs: 0, orphans: 1 });
    expect(engine.arenaUsedBytes).toBeGreaterThan(0);
    await gate.release();
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
    expect(asked.settled).toBe(1);
  });

  it("cannot take back what is done and not told", async () => {
    const engine = makeEngine({ maxParallel: 1, loopLingerUs: 0 });
    await result(engine, "nop");
    const asked = ask(engine, "open", { path: file });
    engine.flush();
    while (engine.npending === 0);
    expect(engine.cancel(asked.request, null)).toBe(true);
    expect(asked.request.result).toBe(ECANCELED);
    await until(() => engine.orphans === 0 && engine.nreqs === 0);
    expect(descriptorsBelow(file)).toEqual([]);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("closes the descriptor of an orphaned open", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const asked = ask(engine, "open", { path: gate.path });
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    engine.cancel(asked.request, null);
    await gate.release();
    await until(() => engine.orphans === 0 && engine.nreqs === 0);
    expect(descriptorsBelow(gate.path)).toEqual([]);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("does nothing to what is settled, nor to the slot's next user", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const first = ask(engine, "nop");
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

  it("may be called while completions are told", async () => {
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

  it("of a whole ring makes room for those who wait behind it", async () => {
    const engine = makeEngine({ maxParallel: 1, slots: 16 });
    const blocked = gate.block(engine);
    await until(() => engine.nready === 0 && engine.nthreads === 1);
    for (let round = 0; round < 5; round++) {
      const doomed = Array.from({ length: 30 }, () => ask(engine, "nop"));
      await until(() => engine.freeSlots === 0);
      for (const { request } of doomed) engine.cancel(request, null);
    }
    const last = Array.from({ length: 40 }, () => ask(engine, "nop"));
    await gate.release();
    await blocked.done;
    const results = await Promise.all(last.map(({ done }) => done));
    expect(results.map(({ result }) => result)).toEqual(Array(40).fill(0));
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("of all that is queued for paused threads gives every slot back", async () => {
    const engine = makeEngine({ backend: "auto", maxParallel: 0 });
    const doomed = Array.from({ length: 20 }, () => ask(engine, "fsync"));
    await until(() => doomed[0]!.request.phase === Phase.inFlight);
    for (const { request } of doomed) engine.cancel(request, null);
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("of all that is queued in a paused pool holds nobody up", async () => {
    const engine = makeEngine({ maxParallel: 0, slots: 1024 });
    const doomed = Array.from({ length: 300 }, () => ask(engine, "nop"));
    await until(() => doomed[0]!.request.phase === Phase.inFlight);
    for (const { request } of doomed) engine.cancel(request, null);
    const last = ask(engine, "nop");
    setLimits(engine, { maxParallel: 1 });
    expect((await last.done).result).toBe(0);
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("lets go of the owner after the orphan, not before", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const calls: string[] = [];
    const owner = {
      hold: () => void calls.push("hold"),
      drop: () => void calls.push("drop"),
    };
    const asked = gate.block(engine, { owner });
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    engine.cancel(asked.request, null);
    expect(calls).toEqual(["hold"]);
    await gate.release();
    await until(() => engine.orphans === 0);
    expect(calls).toEqual(["hold", "drop"]);
  });
});

describe("ends", () => {
  it("aborts by a signal, and says why", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const controller = new AbortController();
    const ends = { signal: controller.signal };
    const asked = ask(engine, "nop", { ends });
    controller.abort("reason");
    expect(asked.settled).toBe(1);
    expect(asked.request.reason).toEqual(new Aborted("reason"));
  });

  it("aborts what is submitted with a signal that has fired, later", async () => {
    const engine = makeEngine();
    const ends = { signal: AbortSignal.abort("before") };
    const asked = ask(engine, "nop", { ends });
    expect(asked.settled).toBe(0);
    expect((await asked.done).reason).toEqual(new Aborted("before"));
  });

  it.each([0, 1, 5])(
    "times out after %d ms, wherever it is",
    async (timeout) => {
      const engine = makeEngine({ maxParallel: 1 });
      const running = gate.block(engine, { ends: { timeout } });
      const queued = ask(engine, "nop", { ends: { timeout } });
      for (const { done } of [running, queued])
        expect((await done).reason).toEqual(new TimedOut(timeout));
      expect(engine.nreqs).toBe(0);
      await until(() => engine.nthreads === 1);
      setLimits(engine, { maxParallel: 1 });
      // A worker takes both in order; the gate may or may not have been begun by now.
      if (engine.orphans !== 0) await letThrough(engine);
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("forgets signal and deadline of what ended by itself", async () => {
    const engine = makeEngine();
    const controller = new AbortController();
    const ends = { signal: controller.signal, timeout: 1e6 };
    const asked = ask(engine, "nop", { ends });
    await asked.done;
    expect(asked.request.release).toBeNull();
    controller.abort();
    expect(asked.settled).toBe(1);
    expect(asked.request.reason).toBeUndefined();
  });

  it("aborts what waits in a paused pool with a signal that has fired", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const asked = ask(engine, "nop", { ends: { signal: AbortSignal.abort() } });
    expect((await asked.done).reason).toBeInstanceOf(Aborted);
    expect(engine.nreqs).toBe(0);
  });

  it("leaves no listener and no timer behind", async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === "Timeout")
        .length;
    const engine = makeEngine();
    await ask(engine, "nop").done;
    const before = timers();
    const { signal } = new AbortController();
    const ends = { signal, timeout: 1e6 };
    const asked = [ask(engine, "nop", { ends }), ask(engine, "nop", { ends })];
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    for (const { done } of asked) await done;
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(timers()).toBeLessThanOrEqual(before); // that of a worker may have gone
  });

  it("looks at what only looks like a signal in the end", async () => {
    const engine = makeEngine();
    const signal = { aborted: false, reason: "late" };
    const ends = { signal: signal as unknown as AbortSignal };
    const asked = ask(engine, "nop", { ends });
    const other = ask(engine, "nop", { ends: { ...ends } });
    signal.aborted = true;
    for (const { done } of [asked, other])
      expect(await done).toMatchObject({
        result: ECANCELED,
        reason: new Aborted("late"),
      });
  });

  it("fires for all that hang on a signal, and for those that come again", async () => {
    const engine = makeEngine({ maxParallel: 0 });
    const controller = new AbortController();
    const ends = { signal: controller.signal };
    const first = ask(engine, "nop", { ends });
    engine.cancel(first.request, null);
    const others = [ask(engine, "nop", { ends }), ask(engine, "nop", { ends })];
    controller.abort();
    expect(others.map(({ settled }) => settled)).toEqual([1, 1]);
    expect(first.settled).toBe(1);
  });

  it("takes many requests on one signal without a warning", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    const engine = makeEngine({ maxParallel: 0 });
    const controller = new AbortController();
    const ends = { signal: controller.signal };
    const asked = Array.from({ length: 50 }, () =>
      ask(engine, "nop", { ends }),
    );
    await until(() => engine.freeSlots < 1024);
    controller.abort();
    expect(asked.map(({ settled }) => settled)).toEqual(Array(50).fill(1));
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

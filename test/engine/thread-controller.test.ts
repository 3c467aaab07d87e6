// How many workers there are: never above the limit, never below the minimum, woken when there is work,
// gone when idle for long, and one more when all are stuck.
import fs from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { Control } from "../../src/request/layout.ts";
import {
  callRogue,
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  result,
  send,
  setLimits,
  turn,
  until,
} from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";
import { times } from "../helpers/part.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const large = folder.file("large", Buffer.alloc(100_000, 7));
afterEach(closeEngines);

describe("workers", () => {
  it("start with the first request, not before", async () => {
    const engine = makeEngine();
    expect(engine.nthreads).toBe(0);
    await result(engine, "nop");
    expect(engine.nthreads).toBeGreaterThan(0);
  });

  it("keep their minimum, idle or not", async () => {
    const engine = makeEngine({
      minParallel: 3,
      maxIdle: 0,
      idleTimeoutMs: 0,
    });
    expect(engine.nthreads).toBe(3);
    await Promise.all(Array.from({ length: 50 }, () => result(engine, "nop")));
    await until(() => engine.nthreads === 3);
    for (let i = 0; i < 50; i++) await turn();
    expect(engine.nthreads).toBe(3);
  });

  it("get one more while all are stuck, up to the limit", async () => {
    const engine = makeEngine({ maxParallel: 4 });
    const stuck = Array.from({ length: 3 }, () => gate.block(engine));
    expect(await result(engine, "nop")).toBe(0);
    expect(engine.nthreads).toBeLessThanOrEqual(4);
    await until(() => engine.nready === 0);
    await until(() => {
      gate.tryRelease();
      return stuck.every(({ settled }) => settled === 1);
    });
  });

  it("get one more while all are stuck, even with the processors busy", async () => {
    const engine = makeEngine({ maxParallel: 4 });
    const flag = folder.join("spin");
    const spinning = [0, 1].map(() =>
      send(engine, "custom", callRogue("spin", flag)),
    );
    await until(() => engine.nthreads >= 2 && engine.nready === 0);
    const stuck = gate.block(engine);
    expect(await result(engine, "nop")).toBe(0);
    fs.writeFileSync(flag, "");
    await gate.release();
    await Promise.all([...spinning, stuck].map(({ done }) => done));
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("leave when idle, except maxIdle of them", async () => {
    const engine = makeEngine({ maxIdle: 1, idleTimeoutMs: 1, lingerUs: 0 });
    const stuck = Array.from({ length: 3 }, () => gate.block(engine));
    await until(() => engine.nready === 0);
    await until(() => {
      gate.tryRelease();
      return stuck.every(({ settled }) => settled === 1);
    });
    await until(() => engine.nthreads === 1);
    for (let i = 0; i < 50; i++) await turn();
    expect(engine.nthreads).toBe(1);
    setLimits(engine, { maxIdle: 0, idleTimeoutMs: 0, lingerUs: 0 });
    await until(() => engine.nthreads === 0);
    expect(await result(engine, "nop")).toBe(0);
  });

  it("sleep rather than spin with an idle timeout of 0", async () => {
    const engine = makeEngine({ maxIdle: 4, idleTimeoutMs: 0 });
    await result(engine, "nop");
    const { control } = engine.memory;
    const sleepers = (): number => Atomics.load(control, Control.sleepers);
    // A busy machine may make another one worth its start before the first has begun.
    const allSleep = (): boolean =>
      sleepers() !== 0 && sleepers() === engine.nthreads;
    await until(allSleep);
    // A worker that spins uses the processor in each interval; one that sleeps leaves intervals with next to
    // no use, whatever else this process and the machine do: one such interval is enough.
    await until(() => {
      const before = process.cpuUsage();
      pause(100);
      const { user, system } = process.cpuUsage(before);
      return user + system < 5_000;
    });
    await until(allSleep);
  });

  it.each([
    ["pool", times(300)],
    ["threads", times(3000)],
  ] as const)(
    "miss no work that arrives while they leave: %s",
    async (backend, rounds) => {
      const engine = makeEngine({
        backend,
        maxParallel: 1,
        maxIdle: 0,
        idleTimeoutMs: 0,
        lingerUs: 0,
        loopLingerUs: 0,
      });
      for (let i = 0; i < rounds; i++)
        expect(await result(engine, "nop")).toBe(0);
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("miss no work that arrives while they fall asleep", async () => {
    for (const lingerUs of [0, 1, 20]) {
      const engine = makeEngine({ maxParallel: 2, lingerUs, loopLingerUs: 0 });
      for (let i = 0; i < times(3000); i++)
        expect(await result(engine, "nop")).toBe(0);
      await engine.close();
    }
  });
});

describe("maxParallel", () => {
  it("of 0 pauses the engine until it is raised", async () => {
    const engine = makeEngine({ maxParallel: 2 });
    await result(engine, "nop");
    setLimits(engine, { maxParallel: 0 });
    await until(() => engine.nthreads === 0);
    const sent = Array.from({ length: 20 }, () => send(engine, "nop"));
    for (let i = 0; i < 50; i++) await turn();
    expect(sent.some(({ settled }) => settled !== 0)).toBe(false);
    expect(engine).toMatchObject({ nreqs: 20, nready: 20, npending: 0 });
    setLimits(engine, { maxParallel: 2 });
    await Promise.all(sent.map(({ done }) => done));
    expect(engine.nthreads).toBeLessThanOrEqual(2);
  });

  it("reaches a worker that lingers when the bell rings", async () => {
    // It lingers for so long that the bell has rung before it can listen.
    const engine = makeEngine({ maxParallel: 1, lingerUs: 50_000 });
    await result(engine, "nop");
    setLimits(engine, { maxParallel: 0 });
    await until(() => engine.nthreads === 0);
  });

  it("loses nothing when lowered and raised at random", async () => {
    const engine = makeEngine({ maxParallel: 2 });
    for (let round = 0; round < times(60); round++) {
      const sent = Array.from({ length: 5 }, (_, i) =>
        i % 2 === 0
          ? send(engine, "slurp", { path: large })
          : send(engine, "busy", { a: 0.1 }),
      );
      setLimits(engine, { maxParallel: round % 3 });
      if (round % 2 === 0) await turn();
      setLimits(engine, { maxParallel: 1 + (round % 3) });
      await Promise.all(sent.map(({ done }) => done));
    }
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("lets a worker that leaves finish, including a moved result", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    for (let round = 0; round < times(30); round++) {
      const sent = send(engine, "slurp", { path: large });
      await until(() => engine.nready === 0);
      setLimits(engine, { maxParallel: 0 });
      expect(((await sent.done).value as Buffer).byteLength).toBe(100_000);
      setLimits(engine, { maxParallel: 1 });
    }
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("loses no moved result that is found with the end of its drain", async () => {
    const engine = makeEngine({ maxParallel: 1, lingerUs: 0 });
    for (let round = 0; round < 5; round++) {
      await result(engine, "nop");
      const sent = send(engine, "slurp", { path: large });
      engine.flush();
      setLimits(engine, { maxParallel: 0 });
      // Both happen while this thread looks away.
      while (engine.nthreads > 0);
      pause(20);
      setLimits(engine, { maxParallel: 1 });
      expect(((await sent.done).value as Buffer).byteLength).toBe(100_000);
    }
  });

  it("takes effect on stuck workers when they come free", async () => {
    const engine = makeEngine({ maxParallel: 2 });
    const stuck = gate.block(engine);
    await until(() => engine.nthreads > 0 && engine.nready === 0);
    setLimits(engine, { maxParallel: 0 });
    await until(() => engine.nthreads === 1);
    await gate.release();
    await stuck.done;
    await until(() => engine.nthreads === 0);
  });
});

/** Blocks this thread. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

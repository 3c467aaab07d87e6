// Workers that die: the requests they had claimed fail with the reason, all others succeed, new workers take
// their place, and no count is left wrong.
import fs from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { errorOf } from "../../src/api/submit.ts";
import { Special } from "../../src/request/layout.ts";
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
  type Registers,
} from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const large = folder.file("large", Buffer.alloc(100_000, 7));
afterEach(closeEngines);

/** Makes the executor throw an error with neither errno nor code. */
const broken: Registers = { data: Buffer.from("no clone") };

const deaths: [how: string, registers: Registers, why: RegExp][] = [
  ["process.exit", callRogue("exit"), /exit/i],
  ["an exception in the executor", broken, /deserialize|clone|version/i],
  ["running out of memory", callRogue("hogMemory"), /memory/i],
];
const resourceLimits = { maxOldGenerationSizeMb: 24 };

describe.each(deaths)("a worker lost by %s", (_how, registers, why) => {
  it("fails its own request and no other", async () => {
    const engine = makeEngine({ maxParallel: 2, resourceLimits });
    const before = Array.from({ length: 20 }, () => send(engine, "nop"));
    const doomed = send(engine, "custom", registers);
    const after = Array.from({ length: 20 }, () => send(engine, "nop"));
    const request = await doomed.done;
    expect(request.result).toBe(Special.workerLost);
    expect(errorOf(request)).toMatchObject({ code: "ERR_EIO_WORKER_LOST" });
    expect(errorOf(request).message).toMatch(why);
    for (const { done } of [...before, ...after])
      expect((await done).result).toBe(0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("is replaced, even when all are lost at once", async () => {
    const engine = makeEngine({
      minParallel: 3,
      maxParallel: 3,
      resourceLimits,
    });
    const doomed = Array.from({ length: 3 }, () =>
      send(engine, "custom", registers),
    );
    for (const { done } of doomed)
      expect((await done).result).toBe(Special.workerLost);
    await until(() => engine.nthreads === 3);
    expect(await result(engine, "nop")).toBe(0);
    expect(doomed.map(({ settled }) => settled)).toEqual([1, 1, 1]);
    expect(leftovers(engine)).toEqual(nothing);
  });
});

describe("a lost worker", () => {
  it("leaves the requests of other workers alone", async () => {
    const engine = makeEngine({ maxParallel: 2 });
    const running = gate.block(engine);
    await until(() => engine.nready === 0 && engine.nthreads > 0);
    for (let i = 0; i < 3; i++)
      expect(await result(engine, "custom", callRogue("exit"))).toBe(
        Special.workerLost,
      );
    expect(running.settled).toBe(0);
    await gate.release();
    expect((await running.done).result).toBe(0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("loses no result that it had moved", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    for (let round = 0; round < 5; round++) {
      const moved = send(engine, "slurp", { path: large });
      const doomed = send(engine, "custom", callRogue("exit"));
      expect(((await moved.done).value as Buffer).byteLength).toBe(100_000);
      expect((await doomed.done).result).toBe(Special.workerLost);
    }
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("loses no moved result, even when both are found at once", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    for (let round = 0; round < 5; round++) {
      await result(engine, "nop");
      const moved = send(engine, "slurp", { path: large });
      const doomed = send(engine, "custom", callRogue("exit"));
      engine.flush();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
      expect(((await moved.done).value as Buffer).byteLength).toBe(100_000);
      expect((await doomed.done).result).toBe(Special.workerLost);
    }
  });

  it("frees the slot of an orphan", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const flag = folder.join("never");
    const doomed = send(engine, "custom", callRogue("spinThenExit", flag));
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    engine.cancel(doomed.request, null);
    fs.writeFileSync(flag, "");
    await until(() => engine.orphans === 0);
    expect(doomed.settled).toBe(1);
    expect(await result(engine, "nop")).toBe(0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("leaves counts by which the others still wake up", async () => {
    const engine = makeEngine({ maxParallel: 3, idleTimeoutMs: 1, maxIdle: 1 });
    for (let round = 0; round < 6; round++) {
      const sent = [
        send(engine, "nop"),
        send(engine, "custom", round % 2 === 0 ? callRogue("exit") : broken),
        send(engine, "busy", { a: 1 }),
      ];
      await Promise.all(sent.map(({ done }) => done));
      expect(await result(engine, "nop")).toBe(0);
    }
    expect(engine.nthreads).toBeLessThanOrEqual(3);
    expect(leftovers(engine)).toEqual(nothing);
  });
});

describe("workers that cannot start", () => {
  // Too little for Node to start a thread at all.
  const resourceLimits = { maxOldGenerationSizeMb: 1 };

  it("fail queued requests with the reason, and nothing hangs", async () => {
    const engine = makeEngine({ resourceLimits, maxParallel: 2 });
    const sent = Array.from({ length: 5 }, () => send(engine, "nop"));
    const cancelled = send(engine, "nop");
    await turn();
    engine.cancel(cancelled.request, null);
    for (const { done } of sent) {
      const request = await done;
      expect(request.result).toBe(Special.workerLost);
      expect(errorOf(request).message).toMatch(/memory/);
    }
    await until(() => engine.orphans === 0 && engine.nthreads === 0);
    expect(leftovers(engine)).toEqual(nothing);
    expect(await result(engine, "nop")).toBe(Special.workerLost);
    await engine.close();
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("are not retried for ever when a minimum is set", async () => {
    const engine = makeEngine({ resourceLimits, minParallel: 2 });
    await until(() => engine.nthreads === 0);
    for (let i = 0; i < 100; i++) await turn();
    expect(engine.nthreads).toBe(0);
    setLimits(engine, { minParallel: 0 });
    await engine.close();
  });
});

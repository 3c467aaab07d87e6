// Lanes of one engine: their limits hold over everything, a stuck lane holds nothing of others, and
// what is handed out follows the shares. Workers are blocked by gates; nothing is timed.
import { afterEach, describe, expect, it } from "vitest";
import type { LaneLimits } from "../../src/engine/options.ts";
import { Lanes } from "../../src/engine/scheduler.ts";
import { Request } from "../../src/request/request.ts";
import { ops } from "../../src/ops/table.ts";
import { decodeNone } from "../../src/request/results.ts";
import {
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  result,
  send,
  turn,
  until,
  type Engine,
  type Sent,
} from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
afterEach(closeEngines);

const free: LaneLimits = { maxParallel: Infinity, share: 4, apart: false };
const capped = (maxParallel: number): LaneLimits => ({
  maxParallel,
  share: 4,
  apart: true,
});

async function released(submitted: Sent[]): Promise<void> {
  await until(() => {
    gate.tryRelease();
    return submitted.every(({ settled }) => settled === 1);
  });
}

const running = (engine: Engine): number =>
  engine.nreqs - engine.nready - engine.npending;

describe("a lane with a limit", () => {
  it("never exceeds it, and goes on when one is done", async () => {
    const engine = makeEngine({ lanes: { bulk: capped(2) }, apartMax: 2 });
    const stuck = Array.from({ length: 5 }, () =>
      gate.block(engine, { laneName: "bulk" }),
    );
    await until(() => running(engine) === 2);
    expect(engine.freeSlots).toBe(1024 - 2);
    for (let i = 0; i < 50; i++) await turn();
    expect(engine.nready).toBe(3);
    await released(stuck);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it.each([1, 4])(
    "that hangs leaves the others all %d workers",
    async (maxParallel) => {
      const engine = makeEngine({
        maxParallel,
        lanes: { a: capped(3), b: capped(3) },
        apartMax: 6,
      });
      const hung = ["a", "b"].flatMap((laneName) =>
        Array.from({ length: 10 }, () => gate.block(engine, { laneName })),
      );
      await until(() => running(engine) === 6);
      const slow = Array.from({ length: maxParallel }, () =>
        gate.block(engine),
      );
      await until(() => running(engine) === 6 + maxParallel);
      await released(slow.concat(hung));
      const many = Array.from({ length: 500 }, () => send(engine, "nop"));
      await Promise.all(many.map(({ done }) => done));
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("holds its place until an abandoned request lets go", async () => {
    const engine = makeEngine({ lanes: { bulk: capped(1) }, apartMax: 1 });
    const stuck = gate.block(engine, { laneName: "bulk" });
    await until(() => running(engine) === 1);
    engine.cancel(stuck.request, undefined);
    const next = send(engine, "nop", { laneName: "bulk" });
    expect(await result(engine, "nop")).toBe(0);
    expect(next.settled).toBe(0);
    await gate.release();
    expect((await next.done).result).toBe(0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("starts no worker where execution is paused", async () => {
    const engine = makeEngine({
      maxParallel: 0,
      lanes: { bulk: capped(2) },
      apartMax: 2,
    });
    const submitted = send(engine, "nop", { laneName: "bulk" });
    for (let i = 0; i < 50; i++) await turn();
    expect([engine.nthreads, submitted.settled]).toEqual([0, 0]);
    engine.cancel(submitted.request, undefined);
  });
});

describe("a lane that does not exist", () => {
  it.each([null, { bulk: free }])("is refused (lanes: %j)", (lanes) => {
    const engine = makeEngine({ lanes });
    expect(() => send(engine, "nop", { laneName: "other" })).toThrow(
      expect.objectContaining({ code: "ERR_EIO_UNKNOWN_LANE" }) as Error,
    );
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("is not the default one", async () => {
    for (const lanes of [null, { bulk: free }])
      expect(
        await result(makeEngine({ lanes }), "nop", { laneName: "default" }),
      ).toBe(0);
  });
});

describe("what is handed out", () => {
  function lanesOf(shares: number[]): Lanes {
    const lanes = new Lanes(true, 0);
    shares.forEach((share, i) => lanes.add(`${i}`, { ...free, share }));
    return lanes;
  }
  function push(lanes: Lanes, lane: number, level = 4): void {
    const request = new Request(ops.nop.code, decodeNone, () => {});
    Object.assign(request, { lane, level });
    lanes.push(request);
  }
  const take = (lanes: Lanes, count: number): number[] =>
    Array.from({ length: count }, () => lanes.take()!.lane);
  const countOf = (taken: number[], lane: number): number =>
    taken.filter((each) => each === lane).length;

  it("follows the shares while all have work", () => {
    const lanes = lanesOf([4, 1, 3]);
    for (let i = 0; i < 300; i++) for (let l = 0; l < 3; l++) push(lanes, l);
    const taken = take(lanes, 400);
    expect([0, 1, 2].map((lane) => countOf(taken, lane))).toEqual([
      200, 50, 150,
    ]);
    // Nobody waits longer than its share makes it wait.
    for (let i = 0; i < 400; i += 16)
      expect(countOf(taken.slice(i, i + 16), 1)).toBeGreaterThanOrEqual(1);
  });

  it("is all of one lane while the others are empty, and they save nothing up", () => {
    const lanes = lanesOf([4, 4]);
    for (let i = 0; i < 300; i++) push(lanes, 0);
    expect(countOf(take(lanes, 100), 0)).toBe(100);
    for (let i = 0; i < 100; i++) push(lanes, 1);
    expect(countOf(take(lanes, 100), 1)).toBe(50);
  });

  it("is in priority order within a lane, not across", () => {
    const lanes = lanesOf([1, 1]);
    for (const level of [0, 8, 4]) push(lanes, 0, level);
    for (const level of [0, 0, 0]) push(lanes, 1, level);
    const taken = Array.from({ length: 6 }, () => lanes.take()!);
    expect(
      taken.filter(({ lane }) => lane === 0).map(({ level }) => level),
    ).toEqual([8, 4, 0]);
    expect(taken.slice(0, 4).filter(({ lane }) => lane === 1)).toHaveLength(2);
  });

  it("is in flight up to the limit of its lane, and no further", () => {
    const lanes = new Lanes(true, 0);
    lanes.add("0", { ...free, maxParallel: 2 });
    for (let i = 0; i < 4; i++) push(lanes, 0);
    const [first] = [lanes.take()!, lanes.take()!];
    expect(lanes.take()).toBeNull();
    lanes.done(first);
    expect(lanes.take()).not.toBeNull();
    expect(lanes.take()).toBeNull();
  });

  it("is the same one again when it was taken back", () => {
    const lanes = lanesOf([1, 1]);
    for (const lane of [0, 1, 0, 1]) push(lanes, lane);
    const first = lanes.take()!;
    lanes.unshift(first);
    expect(lanes.take()).toBe(first);
  });

  it("is as before when it is taken back", () => {
    const lanes = lanesOf([4, 1]);
    for (let i = 0; i < 200; i++) for (let l = 0; l < 2; l++) push(lanes, l);
    const taken = Array.from({ length: 200 }, () => {
      lanes.unshift(lanes.take()!);
      const request = lanes.take()!;
      lanes.done(request);
      return request.lane;
    });
    expect(countOf(taken, 1)).toBe(40);
    expect([lanes.at(0).inFlight, lanes.at(1).inFlight]).toEqual([0, 0]);
  });
});

// The ceiling on memory, between the queues and a backend that is played here: who goes, who waits, and that everybody's turn comes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AGEING_SKIPS } from "../../src/engine/queue.ts";
import { Lanes } from "../../src/engine/scheduler.ts";
import { ops } from "../../src/ops/table.ts";
import { Request } from "../../src/request/request.ts";
import { decodeNone } from "../../src/request/results.ts";

const CEILING = 100;
const LIMITS = { maxParallel: Infinity, share: 1, apart: false };

function lanesOf(ageing = true, ...limits: object[]): Lanes {
  const lanes = new Lanes(ageing, 0, CEILING);
  lanes.add("default", LIMITS);
  limits.forEach((own, i) => lanes.add(`lane${i}`, { ...LIMITS, ...own }));
  return lanes;
}

/** A read of so many bytes. */
function read(bytes: number, level = 4, lane = 0): Request {
  const request = new Request(ops.readBlock.code, decodeNone, () => {});
  return Object.assign(request, { a: bytes, level, lane });
}

function stat(level = 4): Request {
  const request = new Request(ops.stat.code, decodeNone, () => {});
  return Object.assign(request, { level });
}

function pushed(lanes: Lanes, ...requests: Request[]): Request[] {
  for (const request of requests) lanes.push(request);
  return requests;
}

function takeAll(lanes: Lanes): Request[] {
  const taken: Request[] = [];
  for (;;) {
    const request = lanes.take();
    if (request === null) return taken;
    taken.push(request);
  }
}

function end(lanes: Lanes, ...requests: Request[]): void {
  for (const request of requests) {
    lanes.done(request);
    lanes.memory!.give(request);
  }
}

describe("a ceiling on memory", () => {
  it("keeps what is in flight below it, and lets others go that take none", () => {
    const lanes = lanesOf();
    const [a, b, c, d] = pushed(lanes, read(60), read(60), stat(), read(40));
    expect(takeAll(lanes)).toEqual([a, c]);
    expect(lanes.memory!.usedBytes).toBe(60);
    expect(lanes.heldCount).toBe(2);
    end(lanes, a!);
    expect(takeAll(lanes)).toEqual([b, d]);
    expect(lanes.memory!.usedBytes).toBe(100);
    end(lanes, b!, d!);
    expect(lanes.memory!.usedBytes).toBe(0);
    expect(lanes.heldCount).toBe(0);
  });

  it("lets one that is larger go alone, and nobody beside it", () => {
    const lanes = lanesOf();
    const [a, large, b] = pushed(lanes, read(10), read(1000), read(10));
    expect(takeAll(lanes)).toEqual([a]);
    end(lanes, a!);
    expect(takeAll(lanes)).toEqual([large]);
    end(lanes, large!);
    expect(takeAll(lanes)).toEqual([b]);
  });

  it("lets none of its level overtake one that waits for room", () => {
    const lanes = lanesOf();
    const [a, large] = pushed(lanes, read(60), read(90), read(10));
    expect(takeAll(lanes)).toEqual([a]);
    pushed(lanes, read(10));
    expect(takeAll(lanes)).toEqual([]);
    end(lanes, a!);
    expect(takeAll(lanes)[0]).toBe(large);
  });

  it("lets a higher level go first, but with ageing not for ever", () => {
    const overtakers = (ageing: boolean): number => {
      const lanes = lanesOf(ageing);
      const [small] = pushed(lanes, read(60));
      pushed(lanes, read(90, 2));
      takeAll(lanes);
      let count = 0;
      for (; count < 3 * AGEING_SKIPS; count++) {
        pushed(lanes, read(10, 7));
        const taken = takeAll(lanes);
        if (taken.length === 0) break;
        end(lanes, ...taken);
      }
      end(lanes, small!);
      return count;
    };
    expect(overtakers(true)).toBe(AGEING_SKIPS);
    expect(overtakers(false)).toBe(3 * AGEING_SKIPS);
  });

  it("lets those who were held go before later ones of their level, now and then also before higher ones", () => {
    const lanes = lanesOf();
    const [a, held] = pushed(lanes, read(100), read(50));
    takeAll(lanes);
    end(lanes, a!);
    const [later] = pushed(lanes, stat());
    expect(lanes.take()).toBe(held);
    expect(lanes.take()).toBe(later);
    end(lanes, held!, later!);

    const [b, low] = pushed(lanes, read(100), read(50, 3));
    takeAll(lanes);
    end(lanes, b!);
    let count = 0;
    for (let taken = null; taken !== low; count++) {
      pushed(lanes, stat(7));
      taken = lanes.take();
    }
    expect(count).toBeGreaterThan(1);
    expect(count).toBeLessThanOrEqual(AGEING_SKIPS + 1);
  });

  it("does not wait for one whose lane is full", () => {
    const lanes = lanesOf(true, { maxParallel: 1 });
    const [hung] = pushed(lanes, read(60, 4, 1));
    expect(takeAll(lanes)).toEqual([hung]);
    const [other] = pushed(lanes, read(40));
    expect(takeAll(lanes)).toEqual([other]);
    pushed(lanes, read(90, 4, 1));
    expect(takeAll(lanes)).toEqual([]);
    end(lanes, other!);
    const [next] = pushed(lanes, read(40));
    expect(takeAll(lanes)).toEqual([next]);
  });

  it("does not wait for one that was refused before its lane became full", () => {
    const lanes = lanesOf(true, { maxParallel: 1 });
    const [a] = pushed(lanes, read(60));
    takeAll(lanes);
    const [refused] = pushed(lanes, read(50, 4, 1));
    expect(takeAll(lanes)).toEqual([]);
    const above = Object.assign(stat(8), { lane: 1 });
    pushed(lanes, above);
    expect(takeAll(lanes)).toEqual([above]);
    const [other] = pushed(lanes, read(30));
    expect(takeAll(lanes)).toEqual([other]);
    end(lanes, above, a!, other!);
    expect(takeAll(lanes)).toEqual([refused]);
  });

  it("does not wait for one that is cancelled", () => {
    const lanes = lanesOf();
    const [a, large, small] = pushed(lanes, read(60), read(90), read(10));
    expect(takeAll(lanes)).toEqual([a]);
    lanes.remove(large!);
    expect(takeAll(lanes)).toEqual([small]);
    expect(lanes.length).toBe(0);
  });

  it("gives back what it took for one that could not begin", () => {
    const lanes = lanesOf();
    const [a] = pushed(lanes, read(60));
    expect(lanes.take()).toBe(a);
    lanes.unshift(a!);
    expect(lanes.memory!.usedBytes).toBe(0);
    expect(lanes.length).toBe(1);
    const [blocker] = pushed(lanes, read(90, 8));
    expect(takeAll(lanes)).toEqual([blocker]);
    end(lanes, blocker!);
    expect(lanes.heldCount).toBe(1);
    expect(lanes.take()).toBe(a);
    lanes.unshift(a!);
    expect(lanes.heldCount).toBe(1);
    expect(takeAll(lanes)).toEqual([a]);
  });

  it("has back what was read ahead when others want it, and counts it until then", () => {
    const lanes = lanesOf();
    const memory = lanes.memory!;
    const [ahead] = pushed(lanes, read(80));
    takeAll(lanes);
    let reclaimed = 0;
    memory.keep(ahead!, { reclaim: () => reclaimed++ });
    end(lanes, ahead!);
    expect(memory).toMatchObject({ usedBytes: 80, keptBytes: 80 });
    expect(reclaimed).toBe(0);
    const [other] = pushed(lanes, read(50));
    expect(takeAll(lanes)).toEqual([]);
    expect(reclaimed).toBe(1);
    let freed = 0;
    memory.freed = () => freed++;
    memory.giveBack(ahead!);
    expect(freed).toBe(1);
    expect(takeAll(lanes)).toEqual([other]);
    expect(memory).toMatchObject({ usedBytes: 50, keptBytes: 0 });
  });

  it("has back at once what is read ahead while others wait", () => {
    const lanes = lanesOf();
    const [ahead, large] = pushed(lanes, read(80), read(90));
    expect(takeAll(lanes)).toEqual([ahead]);
    let reclaimed = 0;
    lanes.memory!.keep(ahead!, { reclaim: () => reclaimed++ });
    expect(reclaimed).toBe(1);
    lanes.memory!.giveBack(ahead!);
    end(lanes, ahead!);
    expect(takeAll(lanes)).toEqual([large]);
  });

  it("is kept, and everybody's turn comes, whatever comes in whatever order", () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant("push" as const),
        bytes: fc.integer({ min: 0, max: 150 }),
        level: fc.integer({ min: 0, max: 8 }),
        lane: fc.integer({ min: 0, max: 1 }),
      }),
      fc.record({ kind: fc.constant("take" as const) }),
      fc.record({
        kind: fc.constantFrom("end", "cancel", "refuse", "keep"),
        at: fc.nat(),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.boolean(),
        (steps, ageing) => {
          const lanes = lanesOf(ageing, { maxParallel: 2 });
          const memory = lanes.memory!;
          const waiting = new Set<Request>();
          const flying: Request[] = [];
          const kept: Request[] = [];
          const check = (): void => {
            const bytes = [...flying, ...kept].map(({ a }) => a);
            const sum = bytes.reduce((one, other) => one + other, 0);
            expect(memory.usedBytes).toBe(sum);
            const large = bytes.filter((one) => one > 0).length;
            if (large > 1) expect(sum).toBeLessThanOrEqual(CEILING);
            expect(lanes.length).toBe(waiting.size);
          };
          const take = (): boolean => {
            const request = lanes.take();
            if (request === null) return false;
            expect(waiting.delete(request)).toBe(true);
            flying.push(request);
            return true;
          };
          const finish = (request: Request): void => {
            flying.splice(flying.indexOf(request), 1);
            end(lanes, request);
          };
          for (const one of steps) {
            if (one.kind === "push") {
              const { bytes, level, lane } = one;
              const request = read(bytes, level, lane);
              lanes.push(request);
              waiting.add(request);
            } else if (one.kind === "take") take();
            else if (one.kind === "cancel") {
              const request = [...waiting][one.at % (waiting.size || 1)];
              if (request === undefined) continue;
              waiting.delete(request);
              lanes.remove(request);
            } else if (one.kind === "refuse") {
              if (!take()) continue;
              const request = flying.pop()!;
              waiting.add(request);
              lanes.unshift(request);
            } else {
              const request = flying[one.at % (flying.length || 1)];
              if (request === undefined) continue;
              if (one.kind === "keep") {
                kept.push(request);
                memory.keep(request, { reclaim: () => {} });
              }
              finish(request);
            }
            check();
          }
          for (const request of kept.splice(0)) memory.giveBack(request);
          for (let rounds = 0; waiting.size + flying.length !== 0; rounds++) {
            expect(rounds).toBeLessThan(200);
            while (take()) check();
            expect(flying.length).toBeGreaterThan(0);
            finish(flying[0]!);
            check();
          }
          expect(memory.usedBytes).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

// The queue against the rule in its file: priorities, the share of the lower ones, and strictness.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AGEING_SKIPS, Queue } from "../../src/engine/queue.ts";
import { LEVELS, Request } from "../../src/request/request.ts";
import { decodeNone } from "../../src/request/results.ts";

function make(level: number): Request {
  const request = new Request(1, decodeNone, () => {});
  request.level = level;
  return request;
}

function filled(ageing: boolean, ...levels: number[]): Queue {
  const queue = new Queue(ageing);
  for (const level of levels) queue.push(make(level));
  return queue;
}

const taken = (queue: Queue, count: number): number[] =>
  Array.from({ length: count }, () => queue.take()!.level);

/** Takes `count` requests, and replaces each one of these levels. */
function takeFlooded(queue: Queue, flood: number[], count: number): number[] {
  return Array.from({ length: count }, () => {
    const { level } = queue.take()!;
    if (flood.includes(level)) queue.push(make(level));
    return level;
  });
}

describe("Queue", () => {
  it("gives the highest level first, and the oldest of a level", () => {
    const queue = new Queue(true);
    const requests = [4, 8, 0, 4, 8, 1].map(make);
    for (const request of requests) queue.push(request);
    expect(queue.length).toBe(6);
    const [a, b, c, d, e, f] = requests;
    for (const expected of [b, e, a, d, f, c])
      expect(queue.take()).toBe(expected);
    expect(queue.take()).toBeNull();
    expect(queue.length).toBe(0);
  });

  it("lets a lower request wait for exactly AGEING_SKIPS higher ones", () => {
    const queue = filled(true, 0, 8);
    const order = takeFlooded(queue, [8], AGEING_SKIPS + 1);
    expect(order.slice(0, -1)).toEqual(Array(AGEING_SKIPS).fill(8));
    expect(order.at(-1)).toBe(0);
  });

  it("gives a lower level 1 turn in AGEING_SKIPS + 1", () => {
    const queue = filled(true, 3, 8);
    const order = takeFlooded(queue, [3, 8], 10 * (AGEING_SKIPS + 1));
    expect(order.filter((level) => level === 3)).toHaveLength(10);
  });

  it("gives a lower level no more than that while more of it waits", () => {
    const queue = filled(true, 3, 3, 3, 8);
    const order = takeFlooded(queue, [3, 8], 10 * (AGEING_SKIPS + 1));
    expect(order.filter((level) => level === 3)).toHaveLength(10);
  });

  it("keeps that promise with all levels flooded", () => {
    const all = Array.from({ length: LEVELS }, (_, level) => level);
    const queue = filled(true, ...all);
    const order = takeFlooded(queue, all, 2000);
    for (const level of all)
      expect(longestSkip(order, level)).toBeLessThanOrEqual(AGEING_SKIPS);
  });

  it("is strict without ageing", () => {
    const queue = filled(false, 0, 8);
    expect(takeFlooded(queue, [8], 1000)).toEqual(Array(1000).fill(8));
    expect(queue.length).toBe(2);
  });

  it("does not count turns while a level was empty", () => {
    const queue = filled(true, 8);
    takeFlooded(queue, [8], 500);
    queue.push(make(0));
    const order = takeFlooded(queue, [8], AGEING_SKIPS + 1);
    expect(order.indexOf(0)).toBe(AGEING_SKIPS);
  });

  it("takes back a request as if it had never been taken", () => {
    const queue = filled(true, 0, 8);
    takeFlooded(queue, [8], AGEING_SKIPS);
    for (let attempt = 0; attempt < 300; attempt++) {
      const request = queue.take()!;
      expect(request.level).toBe(0);
      queue.unshift(request);
    }
    expect(taken(queue, 2)).toEqual([0, 8]);
  });

  it("counts no level as skipped for a request that was taken back", () => {
    const queue = filled(true, 0, 8);
    for (let attempt = 0; attempt < 300; attempt++)
      queue.unshift(queue.take()!);
    expect(takeFlooded(queue, [8], AGEING_SKIPS + 1).indexOf(0)).toBe(
      AGEING_SKIPS,
    );
  });

  it("removes a request from the middle", () => {
    const queue = new Queue(true);
    const requests = [4, 4, 4].map(make);
    for (const request of requests) queue.push(request);
    queue.remove(requests[1]!);
    expect(queue.length).toBe(2);
    expect(queue.take()).toBe(requests[0]);
    expect(queue.take()).toBe(requests[2]);
    expect(queue.take()).toBeNull();
  });

  it("agrees with the rule on random traffic", () => {
    const step = fc.record({
      what: fc.constantFrom("push", "push", "take", "remove", "retake"),
      level: fc.nat(LEVELS - 1),
      which: fc.nat(1000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const queue = new Queue(true);
        const model: Request[] = [];
        const skipped = new Map<number, number>();
        for (const { what, level, which } of steps) {
          if (what === "push") {
            const request = make(level);
            queue.push(request);
            model.push(request);
          } else if (what === "remove" && model.length > 0) {
            const [request] = model.splice(which % model.length, 1);
            queue.remove(request!);
          } else if (what === "retake" && model.length > 0) {
            queue.unshift(queue.take()!);
          } else if (what === "take") {
            const request = queue.take();
            if (model.length === 0) expect(request).toBeNull();
            else expectFair(model, request!, skipped);
          }
          for (const level of skipped.keys())
            if (!model.some((request) => request.level === level))
              skipped.delete(level);
          expect(queue.length).toBe(model.length);
        }
      }),
    );
  });
});

/** It is the oldest of its level, and no lower level was skipped more often than allowed. */
function expectFair(
  model: Request[],
  request: Request,
  skipped: Map<number, number>,
): void {
  const oldest = model.find(({ level }) => level === request.level);
  expect(request).toBe(oldest);
  model.splice(model.indexOf(request), 1);
  skipped.delete(request.level);
  const lower = new Set(
    model.map(({ level }) => level).filter((level) => level < request.level),
  );
  for (const level of lower) {
    skipped.set(level, (skipped.get(level) ?? 0) + 1);
    expect(skipped.get(level)).toBeLessThanOrEqual(AGEING_SKIPS);
  }
}

/** The most requests of higher levels between two of this one. */
function longestSkip(order: number[], level: number): number {
  let longest = 0;
  let skips = 0;
  for (const taken of order) {
    if (taken > level) longest = Math.max(longest, ++skips);
    if (taken === level) skips = 0;
  }
  return longest;
}

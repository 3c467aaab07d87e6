// The controller of targetLoopDelayMs, with a clock of the test's own, and what it does to a turn.
import { expect, it } from "vitest";
import { Budget, LoopDelayController } from "../../src/engine/polling.ts";

/** Looks that many milliseconds apart; returns the share after each. */
function shares(pace: LoopDelayController, delaysMs: number[]): number[] {
  let nowMs = 1000;
  pace.look(nowMs);
  return delaysMs.map((delayMs) => {
    pace.look((nowMs += delayMs));
    return pace.share;
  });
}

it("halves the share for each turn that is too long, down to 1 in 64", () => {
  const pace = new LoopDelayController(2);
  expect(shares(pace, [3, 3, 3])).toEqual([1 / 2, 1 / 4, 1 / 8]);
  expect(shares(pace, new Array<number>(9).fill(5)).at(-1)).toBe(1 / 64);
});

it("raises the share slowly, and only when turns are short", () => {
  const pace = new LoopDelayController(2);
  expect(shares(pace, [3, 1.5, 2, 0.5, 0.5])).toEqual([
    0.5, 0.5, 0.5, 0.625, 0.75,
  ]);
  expect(shares(pace, [0.1, 0.1, 0.1, 0.1]).at(-1)).toBe(1);
});

it("does not count sleep as delay", () => {
  const pace = new LoopDelayController(2);
  pace.look(0);
  pace.sleep();
  pace.look(500);
  expect(pace.share).toBe(1);
});

it("settles near its target when each result costs its owner time", () => {
  const pace = new LoopDelayController(4);
  const budget = new Budget(0, 0, pace);
  const COST_MS = 0.25;
  const delays: number[] = [];
  for (let turn = 0, nowMs = 0; turn < 200; turn++) {
    budget.renew(nowMs);
    let delivered = 1;
    while (budget.mayDeliverMore(nowMs)) delivered++;
    delays.push(delivered * COST_MS);
    nowMs += delivered * COST_MS;
  }
  const settled = delays.slice(20);
  const mean = settled.reduce((sum, delay) => sum + delay) / settled.length;
  expect(Math.max(...delays.slice(0, 3))).toBeGreaterThan(4);
  expect(mean).toBeGreaterThan(1);
  expect(mean).toBeLessThan(8);
});

it("scales the bytes, time and requests of a turn by the share", () => {
  const pace = new LoopDelayController(4);
  pace.share = 1 / 4;
  const budget = new Budget(0, 0, pace);
  budget.renew(0);
  budget.copied(1 << 16);
  expect(budget.mayDeliverMore(0)).toBe(false);
});

// How much is told per turn of the loop, so that a flood of completions does not keep sockets waiting.
import { afterEach, describe, expect, it } from "vitest";
import { Budget } from "../../src/engine/budget.ts";
import {
  closeEngines,
  makeEngine,
  prepare,
  result,
  turn,
  type Asked,
  type Engine,
} from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const large = folder.file("large", Buffer.alloc(1 << 20, 7));
afterEach(closeEngines);

/** How many of `count` done requests each turn tells. */
async function toldPerTurn(engine: Engine, asked: Asked[]): Promise<number[]> {
  await result(engine, "nop");
  for (const { request } of asked) engine.submit(request);
  engine.flush();
  while (engine.npending < asked.length);
  const told: number[] = [];
  for (let before = 0; before < asked.length;) {
    await turn();
    const now = asked.filter(({ settled }) => settled === 1).length;
    if (now !== before) told.push(now - before);
    before = now;
  }
  return told;
}

const nops = (count: number): Asked[] =>
  Array.from({ length: count }, () => prepare("nop"));

describe("a turn tells", () => {
  it("few transfers past the page cache, whatever their size", () => {
    const budget = new Budget(0, 0);
    for (let turns = 0; turns < 2; turns++) {
      budget.renew();
      const more = Array.from({ length: 4 }, () => {
        budget.direct();
        return budget.mayDeliverMore();
      });
      expect(more).toEqual([true, true, true, false]);
    }
  });

  it("everything, without limits", async () => {
    const engine = makeEngine({ maxParallel: 1, maxPollTimeMs: 0 });
    expect(await toldPerTurn(engine, nops(200))).toEqual([200]);
  });

  it("at most maxPollReqs", async () => {
    const engine = makeEngine({ maxParallel: 1, maxPollReqs: 30 });
    expect(await toldPerTurn(engine, nops(100))).toEqual([30, 30, 30, 10]);
  });

  it("for at most maxPollTimeMs", async () => {
    const engine = makeEngine({ maxParallel: 1, maxPollTimeMs: 1 });
    const asked = nops(40);
    for (const { request } of asked) {
      const { settle } = request;
      request.settle = (settled) => {
        settle(settled);
        const end = performance.now() + 1;
        while (performance.now() < end);
      };
    }
    // The clock is looked at after every eighth.
    expect(await toldPerTurn(engine, asked)).toEqual([8, 8, 8, 8, 8]);
  });

  it("few large results, whose owners go on meanwhile", async () => {
    const { openSync, closeSync } = await import("node:fs");
    const fd = openSync(large, "r");
    const engine = makeEngine({ maxParallel: 1, maxPollTimeMs: 0 });
    const asked = Array.from({ length: 3 }, () =>
      prepare("read", { fd, data: Buffer.alloc(1 << 20), position: 0 }),
    );
    expect(await toldPerTurn(engine, asked)).toEqual([1, 1, 1]);
    closeSync(fd);
  });
});

// How much is delivered per turn of the loop, so that a flood of completions does not keep sockets waiting.
import { afterEach, describe, expect, it } from "vitest";
import { Budget } from "../../src/engine/polling.ts";
import {
  closeEngines,
  makeEngine,
  prepare,
  result,
  turn,
  type Engine,
  type Sent,
} from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const large = folder.file("large", Buffer.alloc(1 << 20, 7));
afterEach(closeEngines);

/** How many of these requests each turn delivers, once all are done. */
async function deliveredPerTurn(
  engine: Engine,
  sent: Sent[],
): Promise<number[]> {
  await result(engine, "nop");
  for (const { request } of sent) engine.submit(request);
  engine.flush();
  while (engine.npending < sent.length);
  const delivered: number[] = [];
  for (let before = 0; before < sent.length;) {
    await turn();
    const now = sent.filter(({ settled }) => settled === 1).length;
    if (now !== before) delivered.push(now - before);
    before = now;
  }
  return delivered;
}

const nops = (count: number): Sent[] =>
  Array.from({ length: count }, () => prepare("nop"));

describe("a turn of the loop", () => {
  it("delivers few transfers past the page cache, whatever their size", () => {
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

  it("delivers everything when there are no limits", async () => {
    const engine = makeEngine({ maxParallel: 1, maxPollTimeMs: 0 });
    expect(await deliveredPerTurn(engine, nops(200))).toEqual([200]);
  });

  it("delivers at most maxPollReqs results", async () => {
    const engine = makeEngine({
      maxParallel: 1,
      maxPollReqs: 30,
      maxPollTimeMs: 0,
    });
    expect(await deliveredPerTurn(engine, nops(100))).toEqual([30, 30, 30, 10]);
  });

  it("delivers results for at most maxPollTimeMs", async () => {
    const engine = makeEngine({ maxParallel: 1, maxPollTimeMs: 1 });
    const sent = nops(40);
    for (const { request } of sent) {
      const { settle } = request;
      request.settle = (settled) => {
        settle(settled);
        const end = performance.now() + 1;
        while (performance.now() < end);
      };
    }
    // The clock is read after eight cheap results, and sooner and sooner after results that are not.
    expect((await deliveredPerTurn(engine, sent)).slice(0, 5)).toEqual([
      8, 4, 2, 1, 1,
    ]);
  });

  it("delivers few large results, so that their owners can go on", async () => {
    const { openSync, closeSync } = await import("node:fs");
    const fd = openSync(large, "r");
    const engine = makeEngine({ maxParallel: 1, maxPollTimeMs: 0 });
    const sent = Array.from({ length: 3 }, () =>
      prepare("read", { fd, data: Buffer.alloc(1 << 20), position: 0 }),
    );
    expect(await deliveredPerTurn(engine, sent)).toEqual([1, 1, 1]);
    closeSync(fd);
  });
});

// What a lane does at once ends in a tick, soon after a turn of the loop: no turn for each cached read, and one for everybody
// else again and again.
import fs from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import type { EioOptions } from "../../src/api/instance/options.ts";
import { listBackends } from "../../src/backends/select.ts";
import { Budget } from "../../src/engine/polling.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const file = folder.file("cached", Buffer.alloc(4096, 1));
const { nowait } = listBackends();

let eio: Eio | undefined;
afterEach(() => eio?.close());

function make(options: EioOptions = {}): Eio {
  return (eio = createEio({ backend: "nowait", ...options }));
}

type Call = () => Promise<unknown>;

/** Whether, of many calls behind the end of a promise, some ended before an immediate that was there first. */
async function overtakes(
  call: Call,
  {
    before = call,
    tries = 2000,
  }: { before?: Call | null; tries?: number } = {},
): Promise<boolean> {
  for (let made = 0; made < tries; made++) {
    await before?.();
    let ran = false;
    const immediate = setImmediate(() => (ran = true));
    await call();
    clearImmediate(immediate);
    if (!ran) return true;
  }
  return false;
}

describe("in a tick", () => {
  it("something may be delivered soon after a turn, and later it waits for the next", () => {
    const budget = new Budget(0, 4);
    budget.renew(1000);
    expect(budget.mayDeliverInTick(1000.09)).toBe(true);
    expect(budget.mayDeliverInTick(1000.11)).toBe(false);
    budget.renew(1001);
    expect(budget.mayDeliverInTick(1001.05)).toBe(true);
  });

  it("something may be delivered before the first turn, and soon after it was", () => {
    const budget = new Budget(0, 4);
    expect(budget.mayDeliverInTick(1000)).toBe(true);
    expect(budget.mayDeliverInTick(1000.09)).toBe(true);
    expect(budget.mayDeliverInTick(1000.11)).toBe(false);
  });

  it("nothing is delivered where somebody counts what a turn delivers", () => {
    const counting = new Budget(8, 4);
    counting.renew(1000);
    expect(counting.mayDeliverInTick(1000)).toBe(false);
  });
});

describe.skipIf(!nowait.available)("a cached read", () => {
  it("that is the first of an instance ends without a turn of the loop", async () => {
    let without = false;
    for (let tries = 0; tries < 100 && !without; tries++) {
      const eio = createEio({ backend: "nowait" });
      without = await overtakes(() => eio.promises.stat(file), {
        before: null,
        tries: 1,
      });
      await eio.close();
    }
    expect(without).toBe(true);
  });

  it("behind another one ends without a turn of the loop", async () => {
    const handle = await make().promises.open(file, "r");
    const target = Buffer.alloc(4096);
    expect(await overtakes(() => handle.read(target, 0, 4096, 0))).toBe(true);
    expect(target.equals(Buffer.alloc(4096, 1))).toBe(true);
    await handle.close();
  });

  it("takes a turn each where the loop's delay has a target", async () => {
    const { promises } = make({ targetLoopDelayMs: 10 });
    expect(await overtakes(() => promises.stat(file))).toBe(false);
  });

  it("that calls back takes a turn each, as Node's do", async () => {
    const { fs: own, promises } = make();
    const call = (): Promise<void> =>
      new Promise((resolve) => own.stat(file, () => resolve()));
    expect(await overtakes(call, { before: () => promises.stat(file) })).toBe(
      false,
    );
  });

  it("after the other leaves timers and immediates their turns", async () => {
    const { promises } = make();
    let immediates = 0;
    let timers = 0;
    const again = (): void => {
      immediates++;
      immediate = setImmediate(again);
    };
    let immediate = setImmediate(again);
    const timer = setInterval(() => timers++, 1);
    for (let i = 0; i < 20_000 && (immediates < 20 || timers < 2); i++)
      await promises.stat(file);
    clearImmediate(immediate);
    clearInterval(timer);
    expect(immediates).toBeGreaterThanOrEqual(20);
    expect(timers).toBeGreaterThanOrEqual(2);
  });

  it("sees what was written before it in the same chain", async () => {
    const { promises } = make();
    const changing = folder.file("changing", "");
    for (let i = 0; i < 50; i++) {
      await promises.writeFile(changing, `${i}`);
      expect(await promises.readFile(changing, "utf8")).toBe(`${i}`);
      fs.writeFileSync(changing, `${i} again`);
      expect(await promises.readFile(changing, "utf8")).toBe(`${i} again`);
    }
  });
});

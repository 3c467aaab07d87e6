// Long work in slices: the same results as in one go, and other work of the loop in between.
import fc from "fast-check";
import { expect, it } from "vitest";
import { mapInSlices, sortInSlices } from "../src/slices.ts";

/** As long as several items of a slice, by the clock that slices go by. */
function spin(): void {
  const endMs = performance.now() + 1;
  while (performance.now() < endMs);
}

/** How many turns of the loop there were meanwhile. */
async function turnsOf(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns++;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  await work;
  over = true;
  return turns;
}

it("sorts as toSorted does, equal ones in their order", async () => {
  const item = fc.record({ key: fc.nat(20), id: fc.nat() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(item, { maxLength: 3000, size: "max" }),
      async (items) => {
        const compare = (a: { key: number }, b: { key: number }): number =>
          a.key - b.key;
        expect(await sortInSlices(items, compare)).toEqual(
          [...items].sort(compare),
        );
      },
    ),
    { numRuns: 50 },
  );
});

it("maps in order", async () => {
  const items = Array.from({ length: 1000 }, (_, i) => i);
  const doubled = await mapInSlices(items, (item) => item * 2);
  expect(doubled).toEqual(items.map((item) => item * 2));
});

it("lets the loop turn while it maps and while it sorts", async () => {
  const items = Array.from({ length: 64 }, (_, i) => i);
  const mapping = mapInSlices(items, spin);
  expect(await turnsOf(mapping)).toBeGreaterThanOrEqual(3);
  const many = Array.from({ length: 1024 }, (_, i) => -i);
  let calls = 0;
  const sorting = sortInSlices(many, (a, b) => {
    if (++calls % 50 === 0) spin();
    return a - b;
  });
  expect(await turnsOf(sorting)).toBeGreaterThanOrEqual(3);
});

it("runs one slice in a turn of the loop, whoever works", async () => {
  const items = Array.from({ length: 64 }, (_, i) => i);
  let turn = 0;
  const slices = new Map<number, Set<number>>();
  let over = false;
  const tick = (): void => {
    turn++;
    if (!over) setImmediate(tick);
  };
  const work = (worker: number): Promise<unknown> =>
    mapInSlices(items, () => {
      spin();
      slices.set(turn, (slices.get(turn) ?? new Set()).add(worker));
    });
  const both = Promise.all([work(1), work(2)]);
  setImmediate(tick);
  await both;
  over = true;
  slices.delete(0);
  expect(slices.size).toBeGreaterThan(2);
  for (const [, workers] of slices) expect(workers.size).toBe(1);
});

// Long work of the loop's thread in slices, with everything else that waits for the loop in between. Of all
// work that is done so, one slice runs in a turn of the loop; it does not know what the work is.
import { clockMs, setImmediate } from "node-eio/internal";

const SLICE_MS = 3;
/** So many items are handled between two looks at the clock. */
const ITEMS_PER_LOOK = 16;
/** A run of a sort is sorted in one go. */
const RUN = 256;

const waiting: (() => void)[] = [];

function goOn(): void {
  waiting.shift()!();
  if (waiting.length !== 0) setImmediate(goOn);
}

/** Until another turn of the loop has a slice for the caller. */
function nextSlice(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(goOn);
  });
}

/** Says when it is time to wait for the next slice. */
class Slices {
  #endMs = clockMs() + SLICE_MS;
  #items = 0;

  isOver(): boolean {
    return clockMs() >= this.#endMs;
  }

  /** The same, to be called for each of many small items. */
  isOverAfter(): boolean {
    return ++this.#items % ITEMS_PER_LOOK === 0 && this.isOver();
  }

  async next(): Promise<void> {
    await nextSlice();
    this.#endMs = clockMs() + SLICE_MS;
  }
}

export async function mapInSlices<T, R>(
  items: readonly T[],
  work: (item: T) => R,
): Promise<R[]> {
  const slices = new Slices();
  const results: R[] = [];
  for (const item of items) {
    results.push(work(item));
    if (slices.isOverAfter()) await slices.next();
  }
  return results;
}

/** The same order as that of items.toSorted(compare). */
export async function sortInSlices<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Promise<T[]> {
  const starts = Array.from(
    { length: Math.ceil(items.length / RUN) },
    (_, run) => run * RUN,
  );
  const slices = new Slices();
  let runs: T[][] = [];
  for (const start of starts) {
    runs.push(items.slice(start, start + RUN).sort(compare));
    if (slices.isOver()) await slices.next();
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2)
      merged.push(await merge(runs[i]!, runs[i + 1] ?? [], compare, slices));
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<T>(
  one: T[],
  two: T[],
  compare: (a: T, b: T) => number,
  slices: Slices,
): Promise<T[]> {
  const merged: T[] = [];
  let i = 0;
  let k = 0;
  while (i < one.length && k < two.length) {
    // Equal ones stay in their order.
    merged.push(compare(one[i]!, two[k]!) <= 0 ? one[i++]! : two[k++]!);
    if (slices.isOverAfter()) await slices.next();
  }
  return merged.concat(one.slice(i), two.slice(k));
}

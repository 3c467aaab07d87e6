// Latencies on their way: noted in flat memory while a run is measured, counted into an HdrHistogram when
// it is over, and sent as pairs of value and count. What they are latencies of is not known here.
// Not the package's index, which makes number formats for files of histograms: some 50 ms of each process of the bench.
import { build } from "hdr-histogram-js/dist/HistogramBuilder.js";
import type { Counted } from "./case.ts";

const CHUNK = 1 << 16;
/** So many chunks are held before they are counted during the run: 32 MiB. */
const CHUNKS_MAX = 128;
const DIGITS = 3;

type Histogram = ReturnType<typeof build>;

export const percentilesShown = [50, 90, 99, 99.9] as const;

export function histogram(counted: Counted = []): Histogram {
  const made = build({
    numberOfSignificantValueDigits: DIGITS,
    bitBucketSize: 32,
    useWebAssembly: false,
  });
  for (const [value, count] of counted) made.recordValueWithCount(value, count);
  return made;
}

/** The pairs of a histogram: its buckets that are not empty, lowest first. */
export function pairs(of: Histogram): Counted {
  const iterator = (of as unknown as HasIterator).recordedValuesIterator;
  iterator.reset();
  const found: Counted = [];
  while (iterator.hasNext()) {
    const { valueIteratedTo, countAddedInThisIterationStep } = iterator.next();
    found.push([valueIteratedTo, countAddedInThisIterationStep]);
  }
  return found;
}
/** Public in its class, and not in the interface that build() is typed with. */
interface HasIterator {
  recordedValuesIterator: {
    reset(): void;
    hasNext(): boolean;
    next(): { valueIteratedTo: number; countAddedInThisIterationStep: number };
  };
}

/** To note one costs a store; counting is done when nobody is waiting. */
export class Latencies {
  readonly #histogram = histogram();
  #full: Float32Array[] = [];
  #chunk = new Float32Array(CHUNK);
  #used = 0;

  /** In milliseconds, as the clock gives them. */
  note(ms: number): void {
    this.#chunk[this.#used++] = ms;
    if (this.#used === CHUNK) this.#next();
  }

  #next(): void {
    this.#full.push(this.#chunk);
    this.#chunk = new Float32Array(CHUNK);
    this.#used = 0;
    if (this.#full.length === CHUNKS_MAX) this.#count();
  }

  #count(): void {
    for (const chunk of this.#full) for (const ms of chunk) this.#one(ms);
    this.#full = [];
  }

  #one(ms: number): void {
    this.#histogram.recordValue(Math.max(1, Math.round(ms * 1e6)));
  }

  counted(): Counted {
    this.#count();
    for (let i = 0; i < this.#used; i++) this.#one(this.#chunk[i]!);
    this.#used = 0;
    return pairs(this.#histogram);
  }
}

// Times in buckets that grow by the same factor: enough for percentiles within a few percent and for a
// picture, and cheap to fill and to empty.
import type { Spread } from "./sample.ts";

const PER_DECADE = 16;
const DECADES = 10;
const SMALLEST_MS = 1e-4;
/** The picture's buckets: four to a decade. */
export const MERGED = 4;

export class Buckets {
  readonly #counts = new Float64Array(PER_DECADE * DECADES);
  #count = 0;
  #maxMs = 0;

  record(ms: number): void {
    const place = Math.floor(Math.log10(ms / SMALLEST_MS) * PER_DECADE);
    const last = this.#counts.length - 1;
    // A time of 0 has no logarithm; it belongs to the first.
    this.#counts[place > 0 ? Math.min(place, last) : 0]!++;
    this.#count++;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  /** What was recorded since it was last read; null: nothing. */
  take(): Spread | null {
    if (this.#count === 0) return null;
    const spread = {
      count: this.#count,
      p50: this.#percentile(0.5),
      p99: this.#percentile(0.99),
      max: this.#maxMs,
      buckets: this.#merged(),
    };
    this.#counts.fill(0);
    this.#count = 0;
    this.#maxMs = 0;
    return spread;
  }

  #percentile(share: number): number {
    let left = share * this.#count;
    for (const [place, count] of this.#counts.entries()) {
      if (count < left || count === 0) {
        left -= count;
        continue;
      }
      const at = SMALLEST_MS * 10 ** ((place + left / count) / PER_DECADE);
      return Math.min(at, this.#maxMs);
    }
    return this.#maxMs;
  }

  #merged(): number[] {
    const pairs: number[] = [];
    for (let from = 0; from < this.#counts.length; from += MERGED) {
      let sum = 0;
      for (let i = from; i < from + MERGED; i++) sum += this.#counts[i]!;
      if (sum > 0) pairs.push(from / MERGED, sum);
    }
    return pairs;
  }
}

// What the page has seen: the last samples, and what follows from two that came one after the other.
import type { LiveSample, OpSample, Spread } from "../sample.ts";

/** Five minutes of samples, if there is one a second. */
export const SEEN_MAX = 300;
/** Samples that a distribution and the table's times are made of. */
export const RECENT = 60;

export const ALL = "";

export class Seen {
  samples: LiveSample[] = [];

  begin(history: LiveSample[]): void {
    this.samples = history.slice(-SEEN_MAX);
  }

  add(sample: LiveSample): void {
    this.samples.push(sample);
    if (this.samples.length > SEEN_MAX) this.samples.shift();
  }

  get last(): LiveSample | undefined {
    return this.samples.at(-1);
  }

  get times(): number[] {
    return this.samples.map(({ atMs }) => atMs / 1000);
  }

  /** Per second, between each sample and the one before. */
  rates(count: (sample: LiveSample) => number): (number | null)[] {
    return this.samples.map((sample, i) => {
      const before = this.samples[i - 1];
      if (before === undefined) return null;
      const seconds = (sample.atMs - before.atMs) / 1000;
      return Math.max(0, count(sample) - count(before)) / seconds;
    });
  }

  spreads(op: string, kind: "wait" | "run"): (Spread | null)[] {
    return this.samples.map((sample) => spreadOf(sample, op, kind));
  }

  /** How many took how long, of late. */
  distribution(op: string, kind: "wait" | "run"): Map<number, number> {
    const sums = new Map<number, number>();
    for (const spread of this.spreads(op, kind).slice(-RECENT)) {
      const { buckets = [] } = spread ?? {};
      for (let i = 0; i < buckets.length; i += 2)
        sums.set(buckets[i]!, (sums.get(buckets[i]!) ?? 0) + buckets[i + 1]!);
    }
    return sums;
  }
}

const spreadOf = (
  sample: LiveSample,
  op: string,
  kind: "wait" | "run",
): Spread | null => (op === ALL ? sample.all : sample.ops[op])?.[kind] ?? null;

/** Of one op, or of all together. */
export function countOf(
  { ops }: LiveSample,
  op: string,
  what: "settled" | "failed" | "submitted" | "cancelled",
): number {
  if (op !== ALL) return ops[op]?.[what] ?? 0;
  return Object.values(ops).reduce((sum, one: OpSample) => sum + one[what], 0);
}

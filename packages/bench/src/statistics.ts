// Medians with their spread, and what two rows of figures taken in turn say of each other. It knows
// numbers only.

/** The median, and the lowest and the highest of the rounds. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function spread(values: readonly number[]): Spread {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

export interface Comparison {
  /** Of the rounds' ratios: what ran beside each other is compared, not what ran at its best. */
  ratio: Spread;
  /** One: all rounds say that it is more; minus one: less; zero: they do not agree, or are too few. */
  says: 1 | 0 | -1;
}

/** Rounds in agreement by chance: 2 of 2 half the time, 3 of 3 every fourth. */
export const ROUNDS_MIN = 3;

export function compare(
  of: readonly number[],
  to: readonly number[],
): Comparison {
  const rounds = Math.min(of.length, to.length);
  const ratios = Array.from({ length: rounds }, (_, i) => of[i]! / to[i]!);
  const ratio = spread(ratios);
  if (rounds < ROUNDS_MIN) return { ratio, says: 0 };
  return { ratio, says: ratio.min > 1 ? 1 : ratio.max < 1 ? -1 : 0 };
}

export function geometricMean(values: readonly number[]): number {
  const sum = values.reduce((sum, value) => sum + Math.log(value), 0);
  return Math.exp(sum / values.length);
}

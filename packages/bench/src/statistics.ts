// Medians with their spread, and the one rule by which all benches tell two rows of figures apart that were taken in
// turn. It knows numbers only.
//
//   ratios of the same rounds -> their logarithms -> the outermost left out -> Student's interval -> more, less or neither
import { limit } from "./student.ts";

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
  /** One: it is more; minus one: less; zero: the noise is larger than the difference, or there are too few rounds. */
  says: 1 | 0 | -1;
  /** By this factor at most the ratio may be off; infinite where there are too few rounds. */
  margin: number;
}

/** Two rounds agree by chance half the time. */
export const ROUNDS_MIN = 3;
/** So often may noise pass for a difference, where equals are compared. */
const WRONG_SHARE = 0.03;
/** A process by itself is so much faster or slower than the next one: nobody's merit. */
export const DIFFERENCE_MIN = 1.03;
/** Of so many rounds one at either end is left out: one that was disturbed decides nothing. */
const ROUNDS_OF_OUTLIER = 7;

/**
 * @param claims how many comparisons the sentence rests on that is made of this one: of ten, each has to be surer
 */
export function compare(
  of: readonly number[],
  to: readonly number[],
  claims = 1,
): Comparison {
  const rounds = Math.min(of.length, to.length);
  const ratios = Array.from({ length: rounds }, (_, i) => of[i]! / to[i]!);
  const ratio = spread(ratios);
  const usable = ratios.every((one) => one > 0 && Number.isFinite(one));
  if (rounds < ROUNDS_MIN || !usable)
    return { ratio, says: 0, margin: Infinity };
  const { mean, error, degrees } = trimmed(ratios.map(Math.log));
  const off = error * limit(WRONG_SHARE / Math.max(1, claims), degrees);
  const side = Math.sign(mean) as 1 | 0 | -1;
  const enough = side * Math.log(ratio.median) >= Math.log(DIFFERENCE_MIN);
  const sure = Math.abs(mean) > off;
  return { ratio, says: enough && sure ? side : 0, margin: Math.exp(off) };
}

/** How many comparisons there are among so many: whoever is named best was compared with each. */
export const pairsAmong = (count: number): number => (count * (count - 1)) / 2;

/** The mean without the outermost values, and its standard error, in which these count as the next ones (Yuen). */
function trimmed(values: number[]): {
  mean: number;
  error: number;
  degrees: number;
} {
  const sorted = [...values].sort((a, b) => a - b);
  const count = sorted.length;
  const left = Math.floor(count / ROUNDS_OF_OUTLIER);
  const kept = sorted.slice(left, count - left);
  const [first, last] = [kept[0]!, kept.at(-1)!];
  const drawnIn = sorted.map((one) => Math.min(Math.max(one, first), last));
  const middle = average(drawnIn);
  const squares = drawnIn.reduce((sum, one) => sum + (one - middle) ** 2, 0);
  const degrees = kept.length - 1;
  return {
    mean: average(kept),
    error: Math.sqrt(squares / (kept.length * degrees)),
    degrees,
  };
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function geometricMean(values: readonly number[]): number {
  return Math.exp(average(values.map(Math.log)));
}

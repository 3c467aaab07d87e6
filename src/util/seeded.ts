// Random numbers that are the same for the same seed, on every machine. It does not know what is drawn.

const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TWO_TO_32 = 2 ** 32;

/** 32 bits of a text, FNV-1a: seeds and names become a seed. */
export function hashOf(text: string): number {
  let hash = FNV_START;
  for (let i = 0; i < text.length; i++)
    hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash >>> 0;
}

/** The generator mulberry32. */
export class Seeded {
  #state: number;

  constructor(...seeds: (number | string)[]) {
    this.#state = hashOf(seeds.join("\0"));
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / TWO_TO_32;
  }

  /** An integer from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** True in so many of all cases. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** The same elements in another order; in place. */
  shuffle<T>(array: T[]): T[] {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [array[i], array[j]] = [array[j]!, array[i]!];
    }
    return array;
  }
}

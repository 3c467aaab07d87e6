// See differential.mjs.
import type fs from "node:fs/promises";

export interface Difference {
  i: number;
  name: string;
  theirs: string;
  own: string;
}

export function differential(options: {
  promises: typeof fs;
  within: string;
  count: number;
  randomOf: (seed: number) => () => number;
  seed?: number;
}): Promise<{ operations: number; failed: number; different: Difference[] }>;

// Which block comes next: in order or at random, for ever or each one once. It knows numbers of blocks,
// not files.

/** Marsaglia's xorshift: the same seed gives the same places on every subject. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0 || 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

export interface Walk {
  count: number;
  random: boolean;
  once: boolean;
  seed: number;
  /** Where a walk in order begins. */
  start?: number;
}

/** Returns the next block's number, or -1 when each was there once. */
export function positions({
  count,
  random,
  once,
  seed,
  start = 0,
}: Walk): () => number {
  const next = randomNumbers(seed);
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 16; i++) next();
  if (random && !once) return () => next() % count;
  if (!random && !once) {
    let at = start;
    return () => at++ % count;
  }
  const order = random ? shuffled(count, next) : null;
  let at = 0;
  return () => {
    if (at === count) return -1;
    const place = at++;
    return order === null ? (place + start) % count : order[place]!;
  };
}

function shuffled(count: number, next: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = next() % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** True at every so many-th call; 0 is never. */
export function everySoMany(times: number): () => boolean {
  let count = 0;
  return () => times !== 0 && ++count % times === 0;
}

// A function for each item of an iterable, so many at once: the next item is asked for when there is
// room for it. It knows when to go on and when to stop, not what the function does.

export interface MapOptions {
  /** How many of the functions are under way at once; 16 untold. */
  limit?: number | undefined;
}

export const LIMIT = 16;

export type Items<T> = Iterable<T> | AsyncIterable<T>;

interface Source<T> {
  next(): Promise<IteratorResult<T>> | IteratorResult<T>;
  return?(): unknown;
}

function sourceOf<T>(items: Items<T>): Source<T> {
  return Symbol.asyncIterator in items
    ? items[Symbol.asyncIterator]()
    : items[Symbol.iterator]();
}

/**
 * Answers in the order of the items. `stopped` is asked before each; a failure lets no other begin,
 * and `failed` is told of it at once. The promise ends when all that began have ended.
 */
export async function mapLimited<T, R>(
  items: Items<T>,
  run: (item: T, index: number) => Promise<R>,
  limit: number,
  stopped: () => boolean,
  failed: (error: unknown) => void,
): Promise<R[]> {
  const source = sourceOf(items);
  const results: R[] = [];
  let failure: { error: unknown } | null = null;
  const fail = (error: unknown): void => {
    failure ??= { error };
    failed(error);
  };
  const active = new Set<Promise<void>>();
  let exhausted = false;
  for (let index = 0; failure === null && !stopped(); index++) {
    let next: IteratorResult<T>;
    try {
      next = await source.next();
    } catch (error) {
      exhausted = true;
      fail(error);
      break;
    }
    if (next.done === true) {
      exhausted = true;
      break;
    }
    if (isOver(failure) || stopped()) break;
    const at = index;
    // An item may be a promise, as those of Promise.all.
    const running: Promise<void> = Promise.resolve(next.value)
      .then((item) => run(item, at))
      .then((value) => void (results[at] = value), fail)
      .finally(() => active.delete(running));
    active.add(running);
    if (active.size >= limit) await Promise.race(active);
  }
  if (!exhausted)
    try {
      await source.return?.();
    } catch (error) {
      fail(error);
    }
  await Promise.all(active);
  if (failure !== null) throw (failure as { error: unknown }).error;
  return results;
}

/** Asked anew: an await was in between. */
const isOver = (failure: unknown): boolean => failure !== null;

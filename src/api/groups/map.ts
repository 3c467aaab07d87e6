// A function for each item of an iterable, so many at once: the next item is taken when there is
// room for it. It knows when to go on and when to stop, not what the function does.

export interface MapOptions {
  /** How many of the functions are under way at once; 16 by default. */
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

/** What comes in place of the next item, where nobody wants it any more. */
const STOPPED = Symbol("stopped");

/**
 * Results in the order of the items. No item is taken after `signal` was aborted or something failed, which
 * `failed` is called with at once: it aborts `signal`. The promise ends when all that began have ended.
 */
export async function mapLimited<T, R>(
  items: Items<T>,
  run: (item: T, index: number) => Promise<R>,
  limit: number,
  signal: AbortSignal,
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
  /** Whether the source has yet to learn that nothing more is taken. */
  let open = true;
  for (let index = 0; !signal.aborted; index++) {
    let next: IteratorResult<T> | typeof STOPPED;
    try {
      next = await unlessAborted(signal, source.next());
    } catch (error) {
      open = false;
      fail(error);
      break;
    }
    if (next === STOPPED) {
      open = false;
      // A generator returns when what it waits for has come, if ever.
      void Promise.resolve(source.return?.()).catch(() => {});
      break;
    }
    if (next.done === true) {
      open = false;
      break;
    }
    if (signal.aborted) break;
    const at = index;
    // An item may be a promise, as those of Promise.all.
    const running: Promise<void> = Promise.resolve(next.value)
      .then((item) => run(item, at))
      .then((value) => void (results[at] = value), fail)
      .finally(() => active.delete(running));
    active.add(running);
    if (active.size >= limit) await Promise.race(active);
  }
  if (open)
    try {
      await source.return?.();
    } catch (error) {
      fail(error);
    }
  await Promise.all(active);
  if (failure !== null) throw (failure as { error: unknown }).error;
  return results;
}

function unlessAborted<T>(
  signal: AbortSignal,
  next: Promise<T> | T,
): Promise<T | typeof STOPPED> | T {
  if (!(next instanceof Promise)) return next;
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(STOPPED);
    signal.addEventListener("abort", stop, { once: true });
    next
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
}

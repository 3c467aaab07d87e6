// Waiting that ends with its call: when the signal aborts, or at the deadline. What is waited for goes on, and is not known
// here.
import { watch } from "../engine/cancel.ts";
import { AbortError } from "../request/errors.ts";
import { clearTimeout, setTimeout } from "../util/node-timers.ts";
import type { Terms } from "./terms.ts";

export function orEnd<T>(
  { ends, signal, timeout }: Terms,
  timedOut: () => Error,
  work: Promise<T>,
): Promise<T> {
  if (!ends) return work;
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      clearTimeout(timer);
      unwatch?.();
    };
    const fail = (error: unknown): void => {
      stop();
      reject(error as Error);
    };
    const abort = (): void => fail(new AbortError(signal!.reason));
    const unwatch = signal === undefined ? undefined : watch(signal, abort);
    work.then((value) => {
      stop();
      resolve(value);
    }, fail);
    if (signal?.aborted === true) return abort();
    if (timeout !== undefined)
      timer = setTimeout(() => fail(timedOut()), timeout);
  });
}

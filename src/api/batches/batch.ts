// Many requests as one: submitted together, so that they cross in one go, ended together by one signal or deadline,
// and delivered together, in the order in which they were submitted. It does not know what the requests do.
import { Aborted, TimedOut } from "../../engine/cancel.ts";
import type { Submitter } from "../submitter.ts";
import { AbortError, errnoOf, systemError } from "../../request/errors.ts";
import type { Request } from "../../request/request.ts";
import { errorOf } from "../submit.ts";
import { applyTerms, type Terms } from "../terms.ts";
import { clearTimeout, setTimeout } from "../../util/node-timers.ts";

/** What became of one item, in the shape of Promise.allSettled. */
export type Outcome<T> = PromiseSettledResult<T>;

export const fulfilled = <T>(value: T): Outcome<T> => ({
  status: "fulfilled",
  value,
});
export const rejected = (reason: unknown): PromiseRejectedResult => ({
  status: "rejected",
  reason,
});

/** What a request of a batch became; `take` makes the value of it. */
export function outcomeOf<T>(
  request: Request,
  take: (request: Request) => T,
): Outcome<T> {
  if (request.result < 0) return rejected(errorOf(request));
  try {
    return fulfilled(take(request));
  } catch (error) {
    return rejected(error);
  }
}

/**
 * Submits all and resolves when all are settled. The signal or deadline of the whole cancels what is
 * left, and rejects it.
 */
export function together(
  engine: Submitter,
  requests: Request[],
  terms: Terms,
  syscall: string,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    if (requests.length === 0) return resolve();
    let left = requests.length;
    let ended: Aborted | TimedOut | null = null;
    terms.throwIfAborted();
    const { signal, timeout } = terms;
    if (timeout === 0) throw systemError(errnoOf("ETIMEDOUT"), syscall);
    const done = (): void => {
      if (--left > 0) return;
      release();
      if (ended === null) resolve();
      else if (ended instanceof TimedOut)
        reject(systemError(errnoOf("ETIMEDOUT"), syscall));
      else reject(new AbortError(ended.cause));
    };
    const end = (reason: Aborted | TimedOut): void => {
      if (ended !== null) return;
      ended = reason;
      // Each ends as cancelled, the last of them ends the whole: now, or when polled.
      for (const request of requests) engine.cancel(request, reason);
    };
    const abort = (): void => end(new Aborted(signal!.reason));
    signal?.addEventListener("abort", abort, { once: true });
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => end(new TimedOut(timeout)), timeout);
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    for (const request of requests) {
      request.settle = done;
      try {
        // The end of the whole is that of all of them together: at any moment, where there may be one.
        const termed = applyTerms(request, terms.withoutEnd);
        if (terms.ends) request.ends = {};
        engine.submit(termed);
      } catch (error) {
        // The instance is closed, or has no such lane: the first is refused, and so would all be.
        release();
        throw error;
      }
    }
  });
}

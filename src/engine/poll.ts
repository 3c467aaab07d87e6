// One poll: tells what is done until nothing is left, a limit is reached, or a callback says stop. It
// knows results and limits; it does not know who polls, nor what becomes of what is left.
import type { Results } from "./results.ts";
import { clockMs } from "../util/node-timers.ts";

/** Nothing is left. */
export const DRAINED = 0;
/** A limit was reached: there may be more. */
export const MORE = -1;

/** From a callback of our own: nobody was told, so it does not count. */
export const UNREPORTED = Symbol("unreported");

export interface PollHost {
  readonly results: Results;
  /** Takes what is done off the backend, and tells nobody. */
  collect(): void;
  /** The last one was taken; it is told after this. */
  drained?(): void;
}

/**
 * Of what was collected: DRAINED, MORE, or the first number other than 0 that a callback answered. The clock is looked at
 * after each callback, so at least one is made however long it takes. What a callback throws goes to
 * whoever polls; the rest stays where it is.
 */
export function poll(host: PollHost, reqsMax: number, timeMs: number): number {
  const { results } = host;
  const endMs = timeMs > 0 ? clockMs() + timeMs : Infinity;
  for (let told = 0; ;) {
    const request = results.take();
    if (request === null) return DRAINED;
    if (results.length === 0) host.collect();
    if (results.length === 0) host.drained?.();
    const answer = results.tell(request);
    if (answer === UNREPORTED) continue;
    told++;
    if (typeof answer === "number" && answer !== 0 && !Number.isNaN(answer))
      return answer;
    if (told === reqsMax) return MORE;
    if (endMs !== Infinity && clockMs() >= endMs) return MORE;
  }
}

/** A poll while the loop tells results, too: what is left is the loop's. */
export function pollBeside(
  host: PollHost,
  completions: { keeping: number },
  reqsMax: number,
  timeMs: number,
): number {
  completions.keeping++;
  try {
    host.collect();
    return poll(host, reqsMax, timeMs);
  } finally {
    completions.keeping--;
  }
}

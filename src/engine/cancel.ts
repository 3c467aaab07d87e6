// How a request ends before its time: a signal fires or its deadline passes, and it is taken out of wherever it is. What
// its caller sees then is up to the engine.
import type { Backend } from "../backends/backend.ts";
import {
  ECANCELED,
  type Ends,
  Phase,
  type Request,
} from "../request/request.ts";
import {
  clearTimeout,
  queueMicrotask,
  setTimeout,
} from "../util/node-timers.ts";

/** Why a request was cancelled; doors turn it into the error that their users expect. */
export class TimedOut {
  readonly timeoutMs: number;
  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }
}
export class Aborted {
  readonly cause: unknown;
  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/**
 * What to call when a signal fires. One listener per signal, however many requests hang on it: Node
 * warns of more than ten, and looks through all of them to remove one.
 */
const watched = new WeakMap<AbortSignal, Set<() => void>>();

/** Undefined for what only looks like a signal (a proxy of one): it is looked at in the end. */
export function watch(
  signal: AbortSignal,
  abort: () => void,
): (() => void) | undefined {
  const aborts = watched.get(signal) ?? new Set();
  if (aborts.size === 0) {
    try {
      signal.addEventListener("abort", fire);
    } catch {
      return undefined;
    }
    watched.set(signal, aborts);
  }
  aborts.add(abort);
  return () => {
    aborts.delete(abort);
    if (aborts.size === 0) signal.removeEventListener("abort", fire);
  };
}

function fire(this: AbortSignal): void {
  for (const abort of watched.get(this) ?? []) abort();
}

export function watchEnds(
  request: Request,
  { signal, timeout }: Ends,
  cancel: (request: Request, reason: unknown) => void,
): void {
  let timer: NodeJS.Timeout | undefined;
  let unwatch: (() => void) | undefined;
  if (timeout !== undefined)
    timer = setTimeout(() => cancel(request, new TimedOut(timeout)), timeout);
  if (signal !== undefined) {
    const abort = (): void => cancel(request, new Aborted(signal.reason));
    if (signal.aborted) queueMicrotask(abort);
    else unwatch = watch(signal, abort);
  }
  request.release = () => {
    clearTimeout(timer);
    if (unwatch !== undefined) unwatch();
    else if (signal?.aborted && request.reason === undefined) {
      request.reason = new Aborted(signal.reason);
      request.result = ECANCELED;
    }
  };
}

/** Where a request may be, and who takes it out of there. */
export interface Places {
  waiting: { remove(request: Request): void };
  flight: {
    orphan(request: Request): Request;
    giveUp(request: Request, reason: unknown): void;
  };
  results: { remove(request: Request): void };
  completions: { letGo(request: Request, slot: number, result: number): void };
  backend: Pick<Backend, "cancel">;
}

/**
 * Takes a request out of wherever it is, and says when it may settle. This is the one place that
 * keeps memory of the caller's from being given back while the system may still read or write it.
 * "no": it was settled, or ended like this, already.
 */
export function abandon(
  { waiting, flight, results, completions, backend }: Places,
  request: Request,
  reason: unknown,
): "now" | "later" | "no" {
  const { phase, slot, result } = request;
  if (phase === Phase.waiting) waiting.remove(request);
  else if (phase === Phase.inFlight) {
    const untouched = backend.cancel(slot);
    if (request.lends && !untouched) {
      flight.giveUp(request, reason);
      return "later";
    }
    flight.orphan(request);
  } else if (phase === Phase.done && request.reason === undefined) {
    results.remove(request);
    const left = slot < 0 ? request : flight.orphan(request);
    completions.letGo(left, slot, result);
  } else return "no";
  return "now";
}

// How a request ends before its time: a signal fires or its deadline passes. It knows when, not
// how a cancel is done.
import type { Ends, Request } from "../request/request.ts";

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

export function watchEnds(
  request: Request,
  { signal, timeout }: Ends,
  cancel: (request: Request, reason: unknown) => void,
): void {
  let timer: NodeJS.Timeout | undefined;
  const abort = (): void => cancel(request, new Aborted(signal!.reason));
  if (timeout !== undefined)
    timer = setTimeout(() => cancel(request, new TimedOut(timeout)), timeout);
  if (signal?.aborted === true) queueMicrotask(abort);
  else signal?.addEventListener("abort", abort, { once: true });
  request.release = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  };
}

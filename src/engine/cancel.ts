// How a request ends before its time: a signal fires or its deadline passes. It knows when, not
// how a cancel is done.
import { ECANCELED, type Ends, type Request } from "../request/request.ts";

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
  let listens = false;
  if (signal?.aborted === true) queueMicrotask(abort);
  else if (signal !== undefined) listens = listen(signal, abort);
  request.release = () => {
    clearTimeout(timer);
    if (listens) signal!.removeEventListener("abort", abort);
    else if (signal?.aborted && request.reason === undefined) {
      request.reason = new Aborted(signal.reason);
      request.result = ECANCELED;
    }
  };
}

/** False for what only looks like a signal (a proxy of one): it is looked at in the end. */
function listen(signal: AbortSignal, abort: () => void): boolean {
  try {
    signal.addEventListener("abort", abort, { once: true });
    return true;
  } catch {
    return false;
  }
}

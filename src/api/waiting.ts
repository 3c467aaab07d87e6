// Waiting of something that lasts (a log's reader, a tail): until it is woken, and no longer than its signal and its instance. What it
// waits for is not known here.
import { AbortError } from "../request/errors.ts";

export interface WaitEnds {
  signal: AbortSignal | undefined;
  /** Calls when the instance is closed, until the returned function is called. */
  onClose(listener: (error: Error) => void): () => void;
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AbortError(signal.reason);
}

/** @param begin arranges for `wake` to be called, and returns what undoes that */
export function untilWoken(
  { signal, onClose }: WaitEnds,
  begin: (wake: () => void) => () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    throwIfAborted(signal);
    const undo: (() => void)[] = [];
    const stop = (): void => {
      for (const one of undo.splice(0)) one();
    };
    const fail = (error: Error): void => {
      stop();
      reject(error);
    };
    const abort = (): void => fail(new AbortError(signal!.reason));
    signal?.addEventListener("abort", abort);
    undo.push(() => signal?.removeEventListener("abort", abort));
    undo.push(
      begin(() => {
        stop();
        resolve();
      }),
    );
    // What is closed already calls at once.
    undo.push(onClose(fail));
  });
}

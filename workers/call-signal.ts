// What a function that runs on an executor's thread sees of its call's end: a word of shared memory, since code that
// blocks hears no events. It does not know why a call was cancelled.

export class CallSignal {
  /** One word: 0, and 1 from when the call is cancelled. `Atomics.wait(flag, 0, 0, ms)` sleeps until then. */
  readonly flag: Int32Array;

  constructor(words: Int32Array, at: number) {
    this.flag = words.subarray(at, at + 1);
  }

  /** Whether the call that runs was cancelled: by its signal, its timeout, or the early end of its stream. */
  get aborted(): boolean {
    return Atomics.load(this.flag, 0) !== 0;
  }

  /** Throws an AbortError if the call that runs was cancelled. */
  throwIfAborted(): void {
    if (this.aborted)
      throw new DOMException("This operation was aborted", "AbortError");
  }
}

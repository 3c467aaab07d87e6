// One stream: takes items of what a function returned and sends them in batches, as many as the reader allows. Whose
// items they are, and who reads them, is not known here.
import type { Transferable } from "node:worker_threads";
import type { Reply } from "../src/request/executor-messages.ts";
import { clearTimeout, clockMs, setTimeout } from "../src/util/node-timers.ts";
import type { CallSignal } from "./call-signal.ts";
import { Moved } from "./moved.ts";

/** A batch that is not full is sent after so long. */
const LATENCY_MS = 5;

export interface StreamLimits {
  /** Items in one message. */
  batch: number;
  /** Messages that may be sent before more() allows another. */
  credits: number;
}

type Post = (reply: Reply, transfer: readonly Transferable[]) => void;
type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** The iterator of what a function returned; undefined: there is none. */
export function iteratorOf(made: unknown): AnyIterator | undefined {
  const iterable = Object(made) as Partial<
    Iterable<unknown> & AsyncIterable<unknown>
  >;
  return (
    iterable[Symbol.asyncIterator]?.() ??
    (iterable[Symbol.iterator]?.() as AnyIterator | undefined)
  );
}

const isThenable = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof (value as Partial<Promise<T>>).then === "function";

export class Stream {
  readonly #iterator: AnyIterator;
  readonly #signal: CallSignal;
  readonly #post: Post;
  readonly #batch: number;
  #credits: number;
  #wake: () => void = () => {};
  #items: unknown[] = [];
  #transfer: Transferable[] = [];
  #beganMs = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Of a batch that could not be sent. */
  #failure: { error: unknown } | undefined;

  constructor(
    iterator: AnyIterator,
    signal: CallSignal,
    post: Post,
    { batch, credits }: StreamLimits,
  ) {
    this.#iterator = iterator;
    this.#signal = signal;
    this.#post = post;
    this.#batch = batch;
    this.#credits = credits;
  }

  /** The reader takes one more batch. */
  more(): void {
    this.#credits++;
    this.#wake();
  }

  /** The reader takes nothing more; the signal says so, too. */
  end(): void {
    this.#wake();
  }

  /** Until the iterator is done, fails, or the call is over: then the iterator's return() is called. */
  async run(): Promise<void> {
    let open = true;
    try {
      for (;;) {
        if (this.#credits === 0) await this.#allowance();
        if (this.#signal.aborted) return;
        if (this.#failure !== undefined) throw this.#failure.error;
        // From here on the iterator is over if it throws, or says so.
        open = false;
        const made = this.#iterator.next();
        const { done, value } = isThenable(made) ? await made : made;
        if (done === true) return;
        open = true;
        this.#add(value);
        if (
          this.#items.length >= this.#batch ||
          clockMs() - this.#beganMs > LATENCY_MS
        )
          this.#flush();
      }
    } finally {
      try {
        this.#flush();
      } finally {
        if (open) await this.#iterator.return?.();
      }
    }
  }

  /** Waits for the reader to allow a batch, or for the end of the call. */
  async #allowance(): Promise<void> {
    while (this.#credits <= 0 && !this.#signal.aborted)
      await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #add(item: unknown): void {
    if (this.#items.length === 0) {
      this.#beganMs = clockMs();
      this.#timer = setTimeout(this.#flushLate, LATENCY_MS);
    }
    if (item instanceof Moved) {
      this.#items.push(item.value);
      this.#transfer.push(...item.transfer);
    } else this.#items.push(item);
  }

  /** While the iterator is awaited. */
  readonly #flushLate = (): void => {
    try {
      this.#flush();
    } catch (error) {
      this.#failure = { error };
    }
  };

  #flush(): void {
    if (this.#items.length === 0) return;
    clearTimeout(this.#timer);
    const [items, transfer] = [this.#items, this.#transfer];
    this.#items = [];
    this.#transfer = [];
    if (this.#signal.aborted) return;
    this.#credits--;
    this.#post({ kind: "items", items }, transfer);
  }
}

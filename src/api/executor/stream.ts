// A stream as its reader sees it: batches of items from a thread, of which so many may be on their way. Which thread it is, and what
// makes the items, is not known here.
import type { Order, Reply } from "../../request/executor-messages.ts";
import { Job } from "./work.ts";

/** Batches that may be on their way, so that the thread makes one while another is read. */
const CREDITS = 2;

export class StreamJob extends Job {
  readonly #batch: number;
  readonly #credits: number;
  readonly #batches: (readonly unknown[])[] = [];
  #error: { error: unknown } | undefined;
  #done = false;
  #wake: () => void = () => {};
  #finished!: () => void;
  readonly #end = new Promise<void>((resolve) => (this.#finished = resolve));

  constructor(
    highWaterMark: number,
    ...given: ConstructorParameters<typeof Job>
  ) {
    super(...given);
    this.#credits = Math.min(CREDITS, highWaterMark);
    this.#batch = Math.floor(highWaterMark / this.#credits);
  }

  get order(): Order {
    return {
      kind: "stream",
      name: this.name,
      args: this.args,
      batch: this.#batch,
      credits: this.#credits,
    };
  }

  receive(reply: Reply): boolean {
    if (reply.kind === "items") {
      this.#batches.push(reply.items);
      this.#wake();
      return false;
    }
    if (reply.kind === "ended") this.#settle();
    else this.fail(this.errorOf(reply));
    this.#finish();
    return true;
  }

  fail(error: unknown): void {
    if (this.phase !== "settled") {
      this.failed = true;
      this.#error = { error };
      this.#settle();
    }
    // A thread that is lost finishes nothing; one that runs it still, does.
    if (!this.abandoned) this.#finish();
  }

  /** The next items; null: that was all. What was made before an error comes before it, unless the call is over. */
  async batch(): Promise<readonly unknown[] | null> {
    for (;;) {
      if (this.#error !== undefined && this.abandoned) throw this.#error.error;
      const items = this.#batches.shift();
      if (items !== undefined) return items;
      if (this.#error !== undefined) throw this.#error.error;
      if (this.phase === "settled") return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** A batch was read. */
  more(): void {
    if (!this.#done) this.thread?.send({ kind: "more" });
  }

  /** The reader wants nothing more. Resolves when the thread has ended the iterator, and rejects with what that threw. */
  async leave(): Promise<void> {
    if (this.#done || this.phase === "settled") return;
    this.#batches.length = 0;
    this.thread?.interrupt();
    await this.#end;
    // That the function noticed the interruption is no error of whoever wanted it.
    if (this.#error !== undefined && !isAbort(this.#error.error))
      throw this.#error.error;
  }

  #settle(): void {
    this.phase = "settled";
    this.unwatch();
    this.#wake();
  }

  #finish(): void {
    this.#done = true;
    this.#finished();
  }
}

const isAbort = (error: unknown): boolean =>
  error instanceof Error && error.name === "AbortError";

/** The reader's side: begins with the first item that is wanted, and ends the iterator when no more are. */
export async function* read(
  begin: () => StreamJob,
  /** What is not to be collected meanwhile. */
  kept: object,
): AsyncGenerator<unknown, void, void> {
  const job = begin();
  try {
    for (;;) {
      const items = await job.batch();
      if (items === null) return;
      for (const item of items) yield item;
      job.more();
    }
  } finally {
    await job.leave();
    keep(kept);
  }
}

/** Uses it, so that it lives until here. */
function keep(_kept: object): void {}

// One thread of an executor, seen from the loop: its port, the words that are shared with it, and the one job that it runs. Which job
// it is given next, and what a job is for, is its owner's business.
//
//   starting -> idle <-> running a job        at any time: lost
//                 | <-> resetting
//                 +--> leaving -> gone
import {
  MessageChannel,
  receiveMessageOnPort,
  type MessagePort,
} from "node:worker_threads";
import type { ResidentThreads } from "../../backends/resident-threads.ts";
import {
  Word,
  WORDS,
  type Order,
  type Reply,
  type Sent,
} from "../../request/executor-messages.ts";
import { clearInterval, setInterval } from "../../util/node-timers.ts";
import { received } from "./received-error.ts";
import type { Job, JobThread } from "./work.ts";

/** Who has a thread to himself. */
export interface Holder {
  /** A job of his is done. */
  done(job: Job): void;
  /** The thread is gone. */
  lost(error: unknown): void;
}

/** Who is notified of what becomes of a thread. */
export interface ThreadOwner {
  /** It has opened the module. */
  opened(thread: ExecutorThread): void;
  /** The job is done, and the thread has nothing to do. */
  done(thread: ExecutorThread, job: Job): void;
  /** There is no such thread any more. */
  gone(thread: ExecutorThread, end: ThreadEnd): void;
}

export interface ThreadEnd {
  /** Why it could not open the module; undefined: it could. */
  unopened?: { error: unknown };
  /** What ended it; undefined: it left because it was to leave. */
  lost?: { error: unknown };
  /** What the module's `close` threw. */
  unclosed?: { error: unknown };
}

const CLAIM = 1;
/** As long as a timer can be. */
const LONG_MS = 0x7fffffff;

export class ExecutorThread implements JobThread {
  readonly #owner: ThreadOwner;
  readonly #port: MessagePort;
  readonly #words = new Int32Array(
    new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT),
  );
  /** Keeps the process alive while somebody waits for the thread. Its port would not do: it is closed before the thread's end is known. */
  readonly #alive = setInterval(() => {}, LONG_MS);
  readonly #end: ThreadEnd = {};
  #resetting: ((thrown: unknown) => void) | undefined;
  #opened = false;
  #ended = false;
  #leaving = false;
  /** It has said that it is about to end. */
  #left = false;
  job: Job | null = null;
  /** The session that has this thread. */
  holder: Holder | null = null;
  /** By clockMs(). */
  idleSinceMs = 0;

  constructor(
    owner: ThreadOwner,
    threads: ResidentThreads,
    module: string,
    data: unknown,
  ) {
    this.#owner = owner;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on("message", (reply: Reply) => this.#receive(reply));
    port1.on("messageerror", (error: Error) => this.#receiveUnreadable(error));
    port1.unref();
    Atomics.store(this.#words, Word.claim, CLAIM);
    void this.#run(threads, { module, data }, port2);
  }

  /** Whether it has opened the module and is not about to leave. */
  get usable(): boolean {
    return this.#opened && !this.#leaving && !this.#ended;
  }
  get starting(): boolean {
    return !this.#opened && !this.#ended;
  }
  get running(): boolean {
    return this.job !== null;
  }

  /** Gives it a job. Throws what postMessage throws if it cannot be sent. */
  run(job: Job): void {
    Atomics.store(this.#words, Word.aborted, 0);
    this.send(job.order, job.transfer);
    job.phase = "running";
    job.thread = this;
    this.job = job;
    this.#alive.ref();
  }

  /** For a job that runs. */
  send(order: Order, transfer: Job["transfer"] = []): void {
    this.#port.postMessage(order, transfer);
  }

  interrupt(): void {
    Atomics.store(this.#words, Word.aborted, 1);
    Atomics.notify(this.#words, Word.aborted);
    this.send({ kind: "end" });
  }

  /** Has the module's `reset` called. Resolves with what it threw. */
  reset(): Promise<{ error: unknown } | undefined> {
    Atomics.store(this.#words, Word.aborted, 0);
    this.#alive.ref();
    this.send({ kind: "reset" });
    return new Promise((resolve) => {
      this.#resetting = (thrown) => {
        this.#resetting = undefined;
        this.#alive.unref();
        resolve(thrown as { error: unknown } | undefined);
      };
    });
  }

  /** It calls the module's `close`, after the job that it may run, and ends. */
  leave(): void {
    if (this.#leaving || this.#ended) return;
    this.#leaving = true;
    this.#alive.ref();
    this.send({ kind: "leave" });
  }

  /** Blocks until it has left, or for so long; at the process's exit. */
  waitUntilLeft(ms: number): void {
    Atomics.wait(this.#words, Word.left, 0, ms);
  }

  async #run(
    threads: ResidentThreads,
    given: { module: string; data: unknown },
    port: MessagePort,
  ): Promise<void> {
    const words = this.#words;
    let lost: ThreadEnd["lost"];
    try {
      await threads.run({
        task: { ...given, port, words, number: CLAIM },
        transfer: [port],
        claim: { words, at: Word.claim, number: CLAIM },
      });
    } catch (error) {
      lost = { error };
    }
    this.#ended = true;
    // What it sent before it ended may not have come yet.
    for (;;) {
      const last = receiveMessageOnPort(this.#port);
      if (last === undefined) break;
      this.#receive(last.message as Reply);
    }
    clearInterval(this.#alive);
    this.#port.close();
    if (lost !== undefined && !this.#left) this.#end.lost = lost;
    if (!this.#opened && lost !== undefined) this.#end.unopened ??= lost;
    this.#resetting?.(undefined);
    this.#owner.gone(this, this.#end);
  }

  #receive(reply: Reply): void {
    if (reply.kind === "opened") {
      this.#opened = true;
      this.#alive.unref();
      if (!this.#ended) this.#owner.opened(this);
    } else if (reply.kind === "failed") {
      this.#left = true;
      this.#end.unopened = { error: errorOf(reply.thrown) };
    } else if (reply.kind === "closed") {
      this.#left = true;
      if (reply.thrown !== undefined)
        this.#end.unclosed = { error: errorOf(reply.thrown) };
    } else if (reply.kind === "reset")
      this.#resetting?.(reply.thrown && { error: errorOf(reply.thrown) });
    else this.#receiveOfJob(reply);
  }

  #receiveOfJob(reply: Reply): void {
    const { job } = this;
    if (job === null || !job.receive(reply)) return;
    this.job = null;
    job.thread = null;
    if (!this.#leaving) this.#alive.unref();
    if (!this.#ended) this.#owner.done(this, job);
  }

  /** What it sent cannot be made again here. */
  #receiveUnreadable(error: Error): void {
    const { job } = this;
    if (job === null) return;
    if (job.order.kind === "call")
      return this.#receiveOfJob({ kind: "uncloneable", why: error.message });
    job.abandon(error);
  }
}

const errorOf = (thrown: Sent): unknown => received(thrown);

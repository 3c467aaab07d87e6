// A thread in the hands of one session: the calls that wait for each other there, and how the thread is returned. Who holds
// the session is not known here, so that a holder who forgets it can be noticed.
import { misuseError } from "../../util/errors.ts";
import type { Caller } from "./received-error.ts";
import type { ExecutorThread, Holder } from "./thread.ts";
import type { Job } from "./work.ts";

/** Where a thread goes when its session is over. */
export interface LeaseOwner {
  /** Has it reset if it was used; rejects with what the module's `reset` threw. */
  returned(thread: ExecutorThread, used: boolean): Promise<void>;
}

export class Lease implements Holder {
  readonly #owner: LeaseOwner;
  /** Where the session was taken. */
  readonly caller: Caller;
  #thread: ExecutorThread | null;
  #queue: Job[] = [];
  /** Why it takes no more calls. */
  #over: (() => Error) | null = null;
  #used = false;
  #ending = false;
  #resolve!: (returned: Promise<void> | undefined) => void;
  /** Settles when the thread was returned. */
  readonly ended: Promise<void>;

  constructor(owner: LeaseOwner, thread: ExecutorThread, caller: Caller) {
    this.#owner = owner;
    this.#thread = thread;
    this.caller = caller;
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
    // Whoever ends it gets its error; nobody may.
    this.ended.catch(() => {});
    thread.holder = this;
  }

  get over(): boolean {
    return this.#over !== null;
  }

  /** Runs a job, or has it wait for those before it. */
  accept(job: Job): void {
    if (this.#over !== null) throw this.#over();
    const thread = this.#thread!;
    const open = [thread.job, ...this.#queue].find(
      (other) => other?.order.kind === "stream",
    );
    if (open) throw misuseError("ERR_EIO_SESSION_BUSY", open.name);
    try {
      job.throwIfOver();
    } catch (error) {
      this.#cancelled(job);
      throw error;
    }
    if (thread.running) {
      job.keepArguments();
      job.phase = "waiting";
      this.#queue.push(job);
    } else this.#run(job);
    if (job.phase !== "settled") job.watch((error) => this.#cancel(job, error));
  }

  /** Takes no more calls; the thread is returned once those that were made are done. */
  end(): Promise<void> {
    this.#over ??= () => misuseError("ERR_EIO_SESSION_ENDED");
    this.#ending = true;
    this.#next();
    return this.ended;
  }

  /** Takes no more calls, for that reason, and those that wait are not run. */
  refuse(reason: () => Error): void {
    this.#over ??= reason;
    for (const job of this.#queue.splice(0)) job.fail(reason());
  }

  done(job: Job): void {
    if (job.abandoned) this.#cancelled(job);
    else if (job.failed) this.#skip(job);
    this.#next();
  }

  lost(error: unknown): void {
    this.#thread = null;
    const { message } = Object(error) as Error;
    this.refuse(() =>
      Object.assign(misuseError("ERR_EIO_SESSION_LOST", message), {
        cause: error,
      }),
    );
    this.#resolve(undefined);
  }

  #run(job: Job): void {
    this.#used = true;
    try {
      this.#thread!.run(job);
    } catch (error) {
      job.fail(job.unsendable(error));
      this.#skip(job);
    }
  }

  #next(): void {
    if (this.#thread === null || this.#thread.running) return;
    const job = this.#queue.shift();
    if (job !== undefined) {
      this.#run(job);
      // It may have failed at once.
      this.#next();
    } else if (this.#ending) {
      const thread = this.#thread;
      this.#thread = null;
      thread.holder = null;
      this.#resolve(this.#owner.returned(thread, this.#used));
    }
  }

  /** Those that were called before it was known that this one fails count on it. */
  #skip({ name }: Job): void {
    for (const job of this.#queue.splice(0))
      job.fail(job.caller.behind(misuseError("ERR_EIO_CALL_SKIPPED", name)));
  }

  #cancel(job: Job, error: Error): void {
    if (job.abandon(error)) return this.#refuseAfter(job);
    this.#queue = this.#queue.filter((other) => other !== job);
    this.#cancelled(job);
    this.#next();
  }

  /** What is left of a session in which one call is missing must never be committed. */
  #cancelled(job: Job): void {
    this.#refuseAfter(job);
    this.#used = true;
    this.#ending = true;
    this.#next();
  }

  #refuseAfter({ name }: Job): void {
    this.refuse(() => misuseError("ERR_EIO_SESSION_RESET", name));
  }
}

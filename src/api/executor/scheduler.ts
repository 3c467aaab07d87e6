// Which thread of an executor does what: those that are idle, those that start and leave, and who waits for one. It knows neither
// what functions are called, nor how a thread is reached.
//
// Calls, streams and sessions wait in one queue, by priority, first come, first served within each; one of a lower priority is passed over
// a limited number of times (AGEING_SKIPS), so that none waits for ever.
import type { ResidentThreads } from "../../backends/resident-threads.ts";
import { Queue } from "../../engine/queue.ts";
import { closedHere } from "../../engine/shutdown.ts";
import { AtExit } from "../../util/at-exit.ts";
import { misuseError } from "../../util/errors.ts";
import {
  clearTimeout,
  clockMs,
  queueMicrotask,
  setTimeout,
} from "../../util/node-timers.ts";
import { Lease, type LeaseOwner } from "./lease.ts";
import type { ReadOptions } from "./options.ts";
import { Session } from "./session.ts";
import { ExecutorThread, type ThreadEnd, type ThreadOwner } from "./thread.ts";
import { Job, Work } from "./work.ts";

/** After a thread could not open the module no other is started for so long, unless there is none. */
const RESTART_MS = 1000;
/** At the exit all threads together are waited for so long. */
const EXIT_MS = 1000;

/** Those with threads: their modules are closed at the exit, since nothing runs on the loop from then on. */
const atExit = new AtExit<Scheduler>((executors) => {
  const untilMs = clockMs() + EXIT_MS;
  for (const one of executors) one.leaveNow();
  for (const one of executors) one.waitUntilLeft(untilMs);
});

/** Somebody who waits for a session. */
export class SessionRequest extends Work {
  readonly promise: Promise<Session>;
  resolve!: (session: Session) => void;
  #reject!: (error: unknown) => void;

  constructor(...given: ConstructorParameters<typeof Work>) {
    super(...given);
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.#reject = reject;
    });
  }

  fail(error: unknown): void {
    this.phase = "settled";
    this.unwatch();
    this.#reject(error);
  }
}

export class Scheduler implements ThreadOwner, LeaseOwner {
  readonly #module: string;
  readonly #options: ReadOptions;
  readonly #resident: ResidentThreads;
  readonly #threads = new Set<ExecutorThread>();
  /** The one that was idle longest first. */
  readonly #idle: ExecutorThread[] = [];
  readonly #waiting = new Queue<Work>(true);
  #sweeping: NodeJS.Timeout | undefined;
  #startsFromMs = 0;
  #completed = 0;
  #lost = 0;
  #closing: Promise<void> | undefined;
  #closedBy: Error | undefined;
  #closed = false;
  #finish: () => void = () => {};
  readonly #unclosed: unknown[] = [];

  constructor(module: string, options: ReadOptions, resident: ResidentThreads) {
    this.#module = module;
    this.#options = options;
    this.#resident = resident;
    this.#grow();
  }

  get counts(): ExecutorStats {
    const threads = [...this.#threads];
    const count = (is: (thread: ExecutorThread) => boolean): number =>
      threads.filter(is).length;
    return {
      threads: threads.length,
      idle: this.#idle.length,
      sessions: count(({ holder }) => holder !== null),
      running: count(({ running }) => running),
      waiting: this.#waiting.length,
      completed: this.#completed,
      lost: this.#lost,
    };
  }

  /** Runs it, or has it wait. Throws if it can do neither. */
  accept(work: Work): void {
    if (this.#closing !== undefined)
      throw this.#refusal(
        "takes no more calls. Is an await missing before its close()?",
      );
    work.throwIfOver();
    const thread = this.#idle.pop();
    if (thread !== undefined) this.#begin(work, thread);
    else this.#wait(work);
    if (work.phase !== "settled")
      work.watch((error) => this.#cancel(work, error));
  }

  /** Takes nothing more; resolves when all that was submitted is done and the threads have left. */
  close(timeoutMs: number | undefined): Promise<void> {
    this.#closedBy ??= closedHere();
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  #refusal(why: string): Error {
    const error = misuseError("ERR_EIO_EXECUTOR_CLOSED", why);
    return Object.assign(error, { cause: this.#closedBy });
  }

  /** The process exits: the threads call `close`, and are waited for until then. */
  leaveNow(): void {
    for (const thread of this.#threads) if (thread.usable) thread.leave();
  }
  waitUntilLeft(untilMs: number): void {
    for (const thread of this.#threads)
      thread.waitUntilLeft(Math.max(0, untilMs - clockMs()));
  }

  async #close(timeoutMs: number | undefined): Promise<void> {
    clearTimeout(this.#sweeping);
    const finished = new Promise<void>((resolve) => (this.#finish = resolve));
    for (const thread of this.#idle.splice(0)) thread.leave();
    let timer: NodeJS.Timeout | undefined;
    if (timeoutMs !== undefined)
      timer = setTimeout(() => this.#terminate(), timeoutMs);
    queueMicrotask(() => this.#finishIfDone());
    await finished;
    clearTimeout(timer);
    await this.#resident.destroy();
    if (this.#unclosed.length === 1) throw this.#unclosed[0] as Error;
    if (this.#unclosed.length > 1)
      throw new AggregateError(this.#unclosed, "close() of the module failed");
  }

  /** What is left is given up, and the threads end wherever they are. */
  #terminate(): void {
    const closed = (): Error =>
      this.#refusal("does not wait for this call any longer");
    for (let work = this.#waiting.take(); work; work = this.#waiting.take())
      work.fail(work.caller.behind(closed()));
    for (const thread of this.#threads) {
      const { job } = thread;
      job?.abandon(job.caller.behind(closed()));
      thread.leave();
    }
    void this.#resident.destroy();
  }

  #wait(work: Work): void {
    const { maxQueue, threads } = this.#options;
    // Those for whom a thread can still start do not count.
    const open = [...this.#threads].filter(({ starting }) => !starting).length;
    if (this.#waiting.length >= maxQueue + threads - open)
      throw misuseError("ERR_EIO_EXECUTOR_FULL", maxQueue);
    if (work instanceof Job) work.keepArguments();
    work.phase = "waiting";
    this.#waiting.push(work);
    this.#grow();
  }

  #begin(work: Work, thread: ExecutorThread): void {
    if (work instanceof SessionRequest) {
      work.phase = "settled";
      work.unwatch();
      const lease = new Lease(this, thread, work.caller);
      work.resolve(new Session(lease, this.#module));
      return;
    }
    const job = work as Job;
    try {
      thread.run(job);
    } catch (error) {
      job.fail(job.unsendable(error));
      this.#free(thread);
    }
  }

  #cancel(work: Work, error: Error): void {
    if (work.phase === "waiting") {
      this.#waiting.remove(work);
      return work.fail(error);
    }
    (work as Job).abandon(error);
  }

  // --- what threads report ---

  opened(thread: ExecutorThread): void {
    this.#startsFromMs = 0;
    this.#free(thread);
  }

  done(thread: ExecutorThread, job: Job): void {
    this.#completed++;
    if (thread.holder !== null) thread.holder.done(job);
    else if (job.abandoned)
      this.returned(thread, true).catch((error: Error) =>
        process.emitWarning(error),
      );
    else this.#free(thread);
  }

  async returned(thread: ExecutorThread, used: boolean): Promise<void> {
    const failure = used && thread.usable ? await thread.reset() : undefined;
    if (failure === undefined) return this.#free(thread);
    // Nobody knows what state it is in.
    thread.leave();
    throw failure.error as Error;
  }

  gone(thread: ExecutorThread, { unopened, lost, unclosed }: ThreadEnd): void {
    this.#threads.delete(thread);
    const at = this.#idle.indexOf(thread);
    if (at !== -1) this.#idle.splice(at, 1);
    if (lost !== undefined) this.#lost++;
    const cause = lost?.error ?? new Error("it left");
    const { job, holder } = thread;
    if (job !== null) job.fail(job.caller.behind(lostError(cause)));
    holder?.lost(cause);
    if (unclosed !== undefined) this.#reportUnclosed(unclosed.error);
    if (unopened !== undefined)
      this.#reportUnopened(
        unopened === lost ? lostError(lost.error) : unopened.error,
      );
    this.#grow();
    if (this.#threads.size === 0) atExit.delete(this);
    this.#finishIfDone();
  }

  #reportUnclosed(error: unknown): void {
    if (this.#closing !== undefined) this.#unclosed.push(error);
    else process.emitWarning(error as Error);
  }

  /** Who waits goes on waiting while there is a thread; without one it would be for nothing. */
  #reportUnopened(error: unknown): void {
    this.#startsFromMs = clockMs() + RESTART_MS;
    if (this.#waiting.length === 0) process.emitWarning(error as Error);
    if (this.#threads.size > 0) return;
    for (let work = this.#waiting.take(); work; work = this.#waiting.take())
      work.fail(error);
  }

  #finishIfDone(): void {
    if (this.#closing === undefined || this.#closed) return;
    if (this.#threads.size > 0 || this.#waiting.length > 0) return;
    this.#closed = true;
    this.#finish();
  }

  /** It has nothing to do. */
  #free(thread: ExecutorThread): void {
    if (!thread.usable) return;
    const work = this.#waiting.take();
    if (work !== null) return this.#begin(work, thread);
    if (this.#closing !== undefined) return thread.leave();
    thread.idleSinceMs = clockMs();
    this.#idle.push(thread);
    this.#sweepLater();
  }

  #sweepLater(): void {
    const { idleMs, minThreads } = this.#options;
    if (this.#sweeping !== undefined || this.#threads.size <= minThreads)
      return;
    const [first] = this.#idle;
    if (first === undefined || idleMs === Infinity) return;
    const ms = Math.max(1, first.idleSinceMs + idleMs - clockMs());
    this.#sweeping = setTimeout(this.#sweep, Math.min(ms, 0x7fffffff)).unref();
  }

  /** Threads that were idle for long leave. */
  readonly #sweep = (): void => {
    this.#sweeping = undefined;
    const { idleMs, minThreads } = this.#options;
    const now = clockMs();
    const leaving = this.#idle
      .filter(({ idleSinceMs }) => idleSinceMs + idleMs <= now)
      .slice(0, Math.max(0, this.#threads.size - minThreads));
    for (const thread of leaving) {
      this.#idle.splice(this.#idle.indexOf(thread), 1);
      thread.leave();
    }
    this.#sweepLater();
  };

  /** Starts a thread for each that waits, as far as there may be more. */
  #grow(): void {
    const { threads, minThreads, data } = this.#options;
    const paused = clockMs() < this.#startsFromMs;
    if (paused && this.#threads.size > 0) return;
    const floor = paused || this.#closing !== undefined ? 0 : minThreads;
    for (;;) {
      const starting = [...this.#threads].filter(({ starting }) => starting);
      const wanted =
        this.#waiting.length > starting.length || this.#threads.size < floor;
      if (!wanted || this.#threads.size >= threads) return;
      atExit.add(this);
      this.#threads.add(
        new ExecutorThread(this, this.#resident, this.#module, data),
      );
    }
  }
}

/** Counts of an executor's threads, sessions and calls. */
export interface ExecutorStats {
  /** All threads, including those that are starting or ending. */
  threads: number;
  idle: number;
  sessions: number;
  /** Running calls and streams. */
  running: number;
  /** Calls, streams and sessions waiting for a thread. */
  waiting: number;
  /** Completed calls and streams. */
  completed: number;
  /** Threads that died. */
  lost: number;
}

function lostError(cause: unknown): Error {
  const { message } = Object(cause) as Error;
  return Object.assign(misuseError("ERR_EIO_WORKER_LOST", String(message)), {
    cause,
  });
}

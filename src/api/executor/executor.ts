// Executors: a module whose functions block, on threads that open and close it: single calls on any thread, sessions that have one
// to themselves, and streams. Which thread runs what is the scheduler's business.
import path from "node:path";
import {
  ResidentThreads,
  threadOptionsOf,
  whyNoResidents,
} from "../../backends/resident-threads.ts";
import { dist } from "../../util/package.ts";
import { misuseError } from "../../util/errors.ts";
import { locate } from "../locate.ts";
import { NO_TERMS, readTerms } from "../terms.ts";
import { attempt, ModuleCalls } from "./module-calls.ts";
import {
  readExecutorOptions,
  type ExecutorOptions,
  type SessionOptions,
} from "./options.ts";
import { Caller } from "./received-error.ts";
import { deniedUrl } from "../permissions/model.ts";
import { Scheduler, SessionRequest, type ExecutorStats } from "./scheduler.ts";
import type { Session } from "./session.ts";
import type { Work } from "./work.ts";

const workerFile = path.join(dist, "executor-worker.cjs");

/** M is the type of the module, such as `typeof import("./db.mjs")`: it determines the names, arguments and results of calls. */
export class Executor<M = unknown>
  extends ModuleCalls<M>
  implements AsyncDisposable
{
  readonly #scheduler: Scheduler;
  readonly #url: string;

  constructor(module: string | URL, options: ExecutorOptions = {}) {
    const why = whyNoResidents();
    if (why !== null)
      throw misuseError("ERR_EIO_BACKEND_UNAVAILABLE", "executor", why);
    const read = readExecutorOptions(options);
    const url = locate(module);
    throwIfDenied(url);
    super(url, (job) => this.#accept(job));
    this.#url = url;
    const resident = new ResidentThreads({
      file: workerFile,
      threadsMax: read.threads,
      patient: true,
      options: threadOptionsOf(options),
    });
    this.#scheduler = new Scheduler(url, read, resident);
  }

  /** Permissions may have been dropped meanwhile. */
  #accept(work: Work): void {
    throwIfDenied(this.#url);
    this.#scheduler.accept(work);
  }

  /**
   * Waits for a thread, which then belongs to the session alone until it ends: for transactions and other state of a connection.
   * Sessions and calls wait in one queue, ordered by priority, then by arrival.
   */
  session(options?: SessionOptions): Promise<Session<M>> {
    const caller = new Caller(this.session);
    return attempt(() => {
      const terms = readTerms(options, NO_TERMS);
      const request = new SessionRequest("session", terms, caller);
      this.#accept(request);
      return request.promise as Promise<Session<M>>;
    });
  }

  /** Counts of threads, sessions and calls. */
  stats(): ExecutorStats {
    return this.#scheduler.counts;
  }

  /**
   * Stops accepting calls, waits for submitted calls and open sessions, then calls the module's `close` in each thread. After `timeout`
   * milliseconds the remaining calls fail with `ERR_EIO_EXECUTOR_CLOSED`, and their threads end without `close`. Rejects if `close` throws, with that error.
   */
  close({ timeout }: { timeout?: number } = {}): Promise<void> {
    return this.#scheduler.close(timeout);
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function throwIfDenied(url: string): void {
  const denied = deniedUrl(url);
  if (denied !== null) throw denied.error;
}

/** Creates an executor, which runs the functions of a module on separate threads. */
export const executor = <M = unknown>(
  module: string | URL,
  options?: ExecutorOptions,
): Executor<M> => new Executor<M>(module, options);

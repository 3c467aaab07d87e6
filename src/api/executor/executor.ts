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

/** M is the type of its module, as `typeof import("./db.mjs")`: names, arguments and results of its calls are known then. */
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
   * Waits for a thread, which is the session's alone until it is disposed: for transactions and whatever else a connection keeps.
   * Sessions wait with the calls, by priority, first come, first served.
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

  /** What it is doing. */
  stats(): ExecutorStats {
    return this.#scheduler.counts;
  }

  /**
   * Takes no more calls; waits for those that were made and for open sessions, then has the module's `close` called in each thread. After `timeout`
   * milliseconds what is left fails with `ERR_EIO_EXECUTOR_CLOSED`, and its threads end without `close`. Rejects with what `close` throws.
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

/** An executor of a module: its functions on threads of their own. */
export const executor = <M = unknown>(
  module: string | URL,
  options?: ExecutorOptions,
): Executor<M> => new Executor<M>(module, options);

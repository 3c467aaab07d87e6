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
import { invalidArgType } from "../argument-errors.ts";
import { locate } from "../locate.ts";
import { NO_TERMS, readTerms } from "../terms.ts";
import {
  readExecutorOptions,
  readHighWaterMark,
  type CallOptions,
  type ExecutorOptions,
  type SessionOptions,
  type StreamOptions,
} from "./options.ts";
import { Caller } from "./received-error.ts";
import { Scheduler, SessionRequest, type ExecutorStats } from "./scheduler.ts";
import type { Jobs, Session } from "./session.ts";
import { read, StreamJob } from "./stream.ts";
import { Call, type Job } from "./work.ts";

const workerFile = path.join(dist, "executor-worker.cjs");

export class Executor implements AsyncDisposable {
  readonly #jobs: Jobs;
  readonly #scheduler: Scheduler;

  constructor(module: string | URL, options: ExecutorOptions = {}) {
    const why = whyNoResidents();
    if (why !== null)
      throw misuseError("ERR_EIO_BACKEND_UNAVAILABLE", "executor", why);
    const read = readExecutorOptions(options);
    const url = locate(module);
    this.#jobs = jobsOf(url);
    const resident = new ResidentThreads({
      file: workerFile,
      threadsMax: read.threads,
      options: threadOptionsOf(options),
    });
    this.#scheduler = new Scheduler(url, read, resident, this.#jobs);
  }

  /**
   * Calls a function of the module on any thread. The name is that of an export, or of a property of one (`"users.find"`).
   * Rejects with what the function throws: class, message, code, cause, own properties and stack, with the caller's frames behind.
   */
  call<T = unknown>(
    name: string,
    args?: readonly unknown[],
    options?: CallOptions,
  ): Promise<T> {
    const submit = (job: Job): void => this.#scheduler.accept(job);
    const caller = new Caller(this.call);
    return this.#jobs.call(submit, caller, name, args, options) as Promise<T>;
  }

  /**
   * What a function of the module returns to iterate over, item by item. It begins with the first that is read, has a thread until the last,
   * and waits when `highWaterMark` items are not read yet. Leaving the loop early ends the iterator in the thread.
   */
  stream<T = unknown>(
    name: string,
    args?: readonly unknown[],
    options?: StreamOptions,
  ): AsyncGenerator<T, void, void> {
    const submit = (job: Job): void => this.#scheduler.accept(job);
    return this.#jobs.stream(
      submit,
      this,
      name,
      args,
      options,
    ) as AsyncGenerator<T, void, void>;
  }

  /**
   * Waits for a thread, which is the session's alone until it is disposed: for transactions and whatever else a connection keeps.
   * Sessions wait with the calls, by priority, first come, first served.
   */
  session(options?: SessionOptions): Promise<Session> {
    const caller = new Caller(this.session);
    return attempt(() => {
      const terms = readTerms(options, NO_TERMS);
      const request = new SessionRequest("session", terms, caller);
      this.#scheduler.accept(request);
      return request.promise;
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

/** An executor of a module: its functions on threads of their own. */
export const executor = (
  module: string | URL,
  options?: ExecutorOptions,
): Executor => new Executor(module, options);

function jobsOf(module: string): Jobs {
  const given = (
    caller: Caller,
    name: string,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): ConstructorParameters<typeof Call> => {
    if (typeof name !== "string")
      throw invalidArgType("name", "of type string", name);
    if (!Array.isArray(args)) throw invalidArgType("args", "an array", args);
    const terms = readTerms(options, NO_TERMS);
    return [module, name, args, options.transfer ?? [], terms, caller];
  };
  return {
    call: (submit, caller, name, args, options) =>
      attempt(() => {
        const call = new Call(...given(caller, name, args, options));
        submit(call);
        return call.promise;
      }),
    stream(submit, kept, name, args, options = {}) {
      const caller = new Caller(this.stream);
      const fields = given(caller, name, args, options);
      const highWaterMark = readHighWaterMark(options);
      return read(() => {
        const job = new StreamJob(highWaterMark, ...fields);
        submit(job);
        return job;
      }, kept);
    },
  };
}

/** What is thrown before there is a promise rejects one. */
function attempt<T>(begin: () => Promise<T>): Promise<T> {
  try {
    return begin();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

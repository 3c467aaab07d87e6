// Calls of a module's functions, and streams of what they return: the same on any thread of an executor and on a session's own.
// Where the jobs go, and when they run, is up to whoever accepts them.
import { invalidArgType } from "../argument-errors.ts";
import { NO_TERMS, readTerms } from "../terms.ts";
import type { Given, ItemIn, NameIn, ResultIn } from "./module-types.ts";
import {
  readHighWaterMark,
  type CallOptions,
  type StreamOptions,
} from "./options.ts";
import { Caller } from "./received-error.ts";
import { read, StreamJob } from "./stream.ts";
import { Call, type Job } from "./work.ts";

export abstract class ModuleCalls<M = unknown> {
  readonly #module: string;
  readonly #accept: (job: Job) => void;

  /** @internal */
  constructor(module: string, accept: (job: Job) => void) {
    this.#module = module;
    this.#accept = accept;
  }

  /**
   * Calls a function of the module. The name is that of an export, or of a property of one (`"users.find"`). Rejects with what the
   * function throws: class, message, code, cause, own properties and stack, with the caller's frames behind.
   */
  call<T = never, N extends NameIn<M> = NameIn<M>>(
    name: N,
    ...given: Given<M, N, CallOptions>
  ): Promise<ResultIn<M, N, T>> {
    const caller = new Caller(this.call);
    return attempt(() => {
      const [args, options] = given as Given<unknown, string, CallOptions>;
      const call = new Call(...this.#fields(caller, name, args, options));
      this.#accept(call);
      return call.promise as Promise<ResultIn<M, N, T>>;
    });
  }

  /**
   * What a function of the module returns to iterate over, item by item. It begins with the first that is read, has a thread until the last,
   * and waits when `highWaterMark` items are not read yet. Leaving the loop early ends the iterator in the thread.
   */
  stream<T = never, N extends NameIn<M> = NameIn<M>>(
    name: N,
    ...given: Given<M, N, StreamOptions>
  ): AsyncGenerator<ItemIn<M, N, T>, void, void> {
    const [args, options = {}] = given as Given<unknown, string, StreamOptions>;
    const caller = new Caller(this.stream);
    const fields = this.#fields(caller, name, args, options);
    const highWaterMark = readHighWaterMark(options);
    const begin = (): StreamJob => {
      const job = new StreamJob(highWaterMark, ...fields);
      this.#accept(job);
      return job;
    };
    return read(begin, this) as AsyncGenerator<ItemIn<M, N, T>, void, void>;
  }

  #fields(
    caller: Caller,
    name: string,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): ConstructorParameters<typeof Call> {
    if (typeof name !== "string")
      throw invalidArgType("name", "of type string", name);
    if (!Array.isArray(args)) throw invalidArgType("args", "an array", args);
    const terms = readTerms(options, NO_TERMS);
    return [this.#module, name, args, options.transfer ?? [], terms, caller];
  }
}

/** What is thrown before there is a promise rejects one. */
export function attempt<T>(begin: () => Promise<T>): Promise<T> {
  try {
    return begin();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

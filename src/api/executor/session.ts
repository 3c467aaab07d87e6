// A session: one thread that is its holder's until it is disposed. One that was forgotten is noticed when it is collected:
// its thread is reset and returned, and the process is warned.
import type { CallOptions, StreamOptions } from "./options.ts";
import type { Lease } from "./lease.ts";
import { Caller } from "./received-error.ts";
import type { Job } from "./work.ts";

/** Makes the jobs of a session; how is the same as for calls outside of one. */
export interface Jobs {
  call(
    submit: (job: Job) => void,
    caller: Caller,
    name: string,
    args?: readonly unknown[],
    options?: CallOptions,
  ): Promise<unknown>;
  stream(
    submit: (job: Job) => void,
    /** What is not to be collected while the stream is read. */
    kept: object,
    name: string,
    args?: readonly unknown[],
    options?: StreamOptions,
  ): AsyncGenerator<unknown, void, void>;
}

/** Held by the registry: neither leads back to the session. */
interface Forgotten {
  lease: Lease;
  module: string;
}

const registry = new FinalizationRegistry(({ lease, module }: Forgotten) => {
  if (lease.over) return;
  process.emitWarning(
    `A session of the executor of ${module} was forgotten: it was garbage-collected without having been disposed, and its thread is reset now`,
    {
      code: "EIO_SESSION_FORGOTTEN",
      detail: `It was taken here:${lease.caller.frames}`,
    },
  );
  lease.end().catch((error: Error) => process.emitWarning(error));
});

export class Session implements AsyncDisposable {
  readonly #lease: Lease;
  readonly #jobs: Jobs;

  constructor(lease: Lease, jobs: Jobs, module: string) {
    this.#lease = lease;
    this.#jobs = jobs;
    registry.register(this, { lease, module }, lease);
  }

  /**
   * Calls a function of the module on the session's thread, after the calls that were made before. Those that wait behind one that
   * fails are not run (`ERR_EIO_CALL_SKIPPED`). A call that is cancelled, by `signal` or `timeout`, ends the session: the module's `reset` is
   * called, and further calls are refused with `ERR_EIO_SESSION_RESET`.
   */
  call<T = unknown>(
    name: string,
    args?: readonly unknown[],
    options?: CallOptions,
  ): Promise<T> {
    const submit = (job: Job): void => this.#lease.accept(job);
    const caller = new Caller(this.call);
    return this.#jobs.call(submit, caller, name, args, options) as Promise<T>;
  }

  /** What a function of the module returns to iterate over, item by item. The session takes no other call meanwhile (`ERR_EIO_SESSION_BUSY`). */
  stream<T = unknown>(
    name: string,
    args?: readonly unknown[],
    options?: StreamOptions,
  ): AsyncGenerator<T, void, void> {
    const submit = (job: Job): void => this.#lease.accept(job);
    return this.#jobs.stream(
      submit,
      this,
      name,
      args,
      options,
    ) as AsyncGenerator<T, void, void>;
  }

  /**
   * Ends the session: waits for the calls that were made, has the module's `reset` called, and returns the thread. Rejects with what
   * `reset` throws; then the thread is replaced.
   */
  end(): Promise<void> {
    registry.unregister(this.#lease);
    return this.#lease.end();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}

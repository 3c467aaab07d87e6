// A session: one thread that is its holder's until it is disposed. One that was forgotten is noticed when it is collected:
// its thread is reset and returned, and the process is warned.
import type { Lease } from "./lease.ts";
import { ModuleCalls } from "./module-calls.ts";

/** Held by the registry: neither leads back to the session. */
interface Forgotten {
  lease: Lease;
  module: string;
}

const registry = new FinalizationRegistry(({ lease, module }: Forgotten) => {
  if (lease.over) return;
  process.emitWarning(
    `A session of the executor of ${module} was garbage-collected before its end() was called; its thread is being reset`,
    {
      code: "EIO_SESSION_FORGOTTEN",
      detail: `It was taken here:${lease.caller.frames}`,
    },
  );
  lease.end().catch((error: Error) => process.emitWarning(error));
});

/**
 * Calls of a session run on its own thread, one after the other. If a call fails, calls waiting behind it are not run (`ERR_EIO_CALL_SKIPPED`). If a call
 * is cancelled, by `signal` or `timeout`, the session ends: the module's `reset` is called, and further calls are rejected with
 * `ERR_EIO_SESSION_RESET`. While a stream is read, the session accepts no other call (`ERR_EIO_SESSION_BUSY`).
 */
export class Session<M = unknown>
  extends ModuleCalls<M>
  implements AsyncDisposable
{
  readonly #lease: Lease;

  /** @internal Created by `executor.session()`. */
  constructor(lease: Lease, module: string) {
    super(module, (job) => lease.accept(job));
    this.#lease = lease;
    registry.register(this, { lease, module }, lease);
  }

  /**
   * Ends the session: waits for submitted calls, calls the module's `reset`, and returns the thread. If `reset` throws, rejects with
   * that error, and the thread is replaced.
   */
  end(): Promise<void> {
    registry.unregister(this.#lease);
    return this.#lease.end();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}

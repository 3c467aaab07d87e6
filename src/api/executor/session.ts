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
 * Its calls run on its own thread, one after the other. Those that wait behind one that fails are not run (`ERR_EIO_CALL_SKIPPED`); one
 * that is cancelled, by `signal` or `timeout`, ends the session: the module's `reset` is called, and further calls are refused with
 * `ERR_EIO_SESSION_RESET`. While a stream is read the session takes no other call (`ERR_EIO_SESSION_BUSY`).
 */
export class Session<M = unknown>
  extends ModuleCalls<M>
  implements AsyncDisposable
{
  readonly #lease: Lease;

  /** @internal `executor.session()` makes sessions. */
  constructor(lease: Lease, module: string) {
    super(module, (job) => lease.accept(job));
    this.#lease = lease;
    registry.register(this, { lease, module }, lease);
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

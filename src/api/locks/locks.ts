// The locks of one instance: lock() and leaseLock(), and who waits for which. What either is made of is not known here.
import type { Submitter } from "../submitter.ts";
import { termsOf } from "../terms.ts";
import { lockFile, type FileLock, type LockFiles } from "./file-lock.ts";
import { lockByLease, type LeaseLock } from "./lease-lock.ts";
import { Lines } from "./line.ts";
import type { LeaseLockOptions, LockOptions } from "./options.ts";

export class Locks {
  readonly #engine: () => Submitter;
  readonly #files: LockFiles;
  readonly #lines = new Lines();
  readonly #leases = new Lines();

  constructor(engine: () => Submitter, files: LockFiles) {
    this.#engine = engine;
    this.#files = files;
  }

  async lock(path: unknown, options?: LockOptions): Promise<FileLock> {
    const engine = this.#engine();
    const terms = termsOf(engine, options);
    return await lockFile(
      this.#files,
      engine,
      this.#lines,
      path,
      options,
      terms,
    );
  }

  async lease(path: unknown, options?: LeaseLockOptions): Promise<LeaseLock> {
    const { promises } = this.#files;
    const terms = termsOf(this.#engine(), options);
    return await lockByLease(promises, this.#leases, path, options, terms);
  }
}

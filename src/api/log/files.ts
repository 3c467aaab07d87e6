// What a log needs of its instance, and the same under options of the log's own (a priority, a lane). It does not know what a log does.
import type { Lock } from "../locks/lock.ts";
import type { LockOptions } from "../locks/options.ts";
import { promiseApi } from "../promises/promise-api.ts";
import { lastingOptions, type LastingOptions } from "../lasting-options.ts";
import { ScopedSubmitter, type Submitter } from "../submitter.ts";
import { sysApi, type EioSys } from "../sys/sys.ts";
import { termsOf } from "../terms.ts";
import type { EioPromises } from "../types.ts";

/** What an instance has of it. */
export interface InstanceFiles {
  readonly promises: EioPromises;
  readonly sys: EioSys;
  lock(path: string, options: LockOptions): Promise<Lock>;
}

export interface LogFiles extends InstanceFiles, Pick<Submitter, "onClose"> {}

export function filesUnder(
  files: InstanceFiles,
  engine: () => Submitter,
  options: LastingOptions,
): LogFiles {
  const given = lastingOptions(options);
  const behind = engine();
  const onClose = (listener: (error: Error) => void): (() => void) =>
    behind.onClose(listener);
  if (Object.keys(given).length === 0) {
    const { promises, sys } = files;
    const lock: LogFiles["lock"] = (...args) => files.lock(...args);
    return { promises, sys, lock, onClose };
  }
  const terms = termsOf(behind, given);
  const scope = new ScopedSubmitter(behind, { terms, shares: true });
  const here = (): Submitter => scope;
  return {
    promises: promiseApi(here) as unknown as EioPromises,
    sys: sysApi(here),
    lock: (path, options) => files.lock(path, { ...options, ...given }),
    onClose,
  };
}

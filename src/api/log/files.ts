// What a log needs of its instance, and the same under a priority and a lane of the log's own. It does not know what a log does.
import type { Lock } from "../locks/lock.ts";
import type { LockOptions } from "../locks/options.ts";
import { promiseApi } from "../promises/promise-api.ts";
import type { RequestOptions } from "../request-options.ts";
import { ScopedSubmitter, type Submitter } from "../submitter.ts";
import { sysApi, type EioSys } from "../sys/sys.ts";
import { termsOf } from "../terms.ts";
import type { EioPromises } from "../types.ts";

export interface LogFiles {
  readonly promises: EioPromises;
  readonly sys: EioSys;
  lock(path: string, options: LockOptions): Promise<Lock>;
}

/** Of each request of a log. */
export type LogTerms = Pick<RequestOptions, "priority" | "lane">;

export function filesUnder(
  files: LogFiles,
  engine: () => Submitter,
  { priority, lane }: LogTerms,
): LogFiles {
  if (priority === undefined && lane === undefined) return files;
  const behind = engine();
  const terms = termsOf(behind, { priority, lane });
  const scope = new ScopedSubmitter(behind, { terms, shares: true });
  const here = (): Submitter => scope;
  return {
    promises: promiseApi(here) as unknown as EioPromises,
    sys: sysApi(here),
    lock: (path, options) => files.lock(path, { ...options, priority, lane }),
  };
}

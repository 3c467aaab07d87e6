// How many workers a pool may have, as libeio says it, and the words of shared memory in which the
// workers read it. Nothing here starts or stops a thread.
import { availableParallelism } from "node:os";
import path from "node:path";
import { workerData } from "node:worker_threads";
import { Control } from "../request/layout.ts";
import { isMainThread } from "../util/main-thread.ts";
import { dist } from "../util/package.ts";
import { loadNative } from "./native.ts";

export interface ThreadLimits {
  /** Never fewer than this many workers. */
  minParallel: number;
  /** Never more; 0 pauses execution. */
  maxParallel: number;
  /** So many idle workers are kept for good. */
  maxIdle: number;
  /** A worker beyond maxIdle leaves after so long. */
  idleTimeoutMs: number;
  /** How long a worker without work looks for some before it sleeps. */
  lingerUs: number;
}

/** What workers run, built. */
export const workerFile = path.join(dist, "worker.cjs");

let known: number | undefined;
/**
 * Counted when it is first needed: that may read files of the system. Native code does not load node:os for it, which Node 20 and 22
 * have to compile.
 */
export const cores = (): number =>
  (known ??= loadNative().addon?.processors() ?? availableParallelism());

/** What a worker of a pool has as its workerData, so that code which is loaded there can tell. */
export const POOL_WORKER = "a worker of node-eio's pool";
export const inWorkerOfOurs = (): boolean =>
  !isMainThread && workerData === POOL_WORKER;

export const defaultThreadLimits: ThreadLimits = {
  minParallel: 0,
  get maxParallel() {
    return Math.max(8, cores());
  },
  maxIdle: 4,
  idleTimeoutMs: 10_000,
  lingerUs: 40,
};

/** Of requests that take less the next is done before the loop has gone to sleep. */
const CROWDING_NS = 30_000;

/** As many workers as there are processors work on requests that take long. */
export function crowded(control: Int32Array): boolean {
  if (Atomics.load(control, Control.serviceNs) < CROWDING_NS) return false;
  const idle =
    Atomics.load(control, Control.sleepers) +
    Atomics.load(control, Control.spinners);
  return Atomics.load(control, Control.threads) - idle >= cores();
}

export function writeThreadLimits(
  control: Int32Array,
  limits: ThreadLimits,
  /** How many there may be now. */
  max: number,
): void {
  Atomics.store(
    control,
    Control.threadsMin,
    Math.min(limits.minParallel, limits.maxParallel),
  );
  Atomics.store(control, Control.threadsMax, max);
  Atomics.store(control, Control.idleMax, limits.maxIdle);
  Atomics.store(
    control,
    Control.idleTimeoutMs,
    Math.min(limits.idleTimeoutMs, 0x7fffffff),
  );
  Atomics.store(control, Control.lingerUs, limits.lingerUs);
  Atomics.store(control, Control.spinnersMax, Math.max(1, cores() - 1));
}

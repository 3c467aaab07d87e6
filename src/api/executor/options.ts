// The options of an executor and of its calls, checked. What a thread does with them is not known here.
import type { Transferable } from "node:worker_threads";
import { cores } from "../../backends/thread-limits.ts";
import {
  threadOptionNames,
  THREADS_OPTION,
  type HasThreadOptions,
} from "../../backends/resident-threads.ts";
import { checkNames } from "../option-names.ts";
import { checkInteger, checkOption } from "../option-values.ts";
import type { RequestOptions } from "../request-options.ts";

export interface ExecutorOptions extends HasThreadOptions {
  /** Maximum number of threads. Each starts when a call has to wait, and calls the module's `open`. Default: the number of processors. */
  threads?: number | undefined;
  /** Number of threads that start at once and are kept while idle. Default: 0. */
  minThreads?: number | undefined;
  /** How long an idle thread is kept: milliseconds, or a string such as `"500ms"`, `"10s"` or `"5m"`. Default: `"10s"`. */
  idle?: number | string | undefined;
  /** How many calls and sessions may wait for a thread; the next one is rejected with ERR_EIO_EXECUTOR_FULL. Default: no limit. */
  maxQueue?: number | undefined;
  /** Passed to the module's `open` as `data`, as a structured clone. */
  data?: unknown;
}

export type SessionOptions = Pick<
  RequestOptions,
  "signal" | "timeout" | "priority"
>;

export interface CallOptions extends SessionOptions {
  /** Objects in the arguments that are moved to the thread instead of copied, as for `postMessage`. */
  transfer?: readonly Transferable[] | undefined;
}

export interface StreamOptions extends CallOptions {
  /** Maximum number of items in transit to the reader. Default: 256. */
  highWaterMark?: number | undefined;
}

export interface ReadOptions {
  threads: number;
  minThreads: number;
  idleMs: number;
  maxQueue: number;
  data: unknown;
}

const DEFAULT_IDLE_MS = 10_000;
const DEFAULT_HIGH_WATER_MARK = 256;
const THREADS_MAX = 1024;
const UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000 };

const known = [
  ...Object.keys({
    threads: true,
    minThreads: true,
    idle: true,
    maxQueue: true,
    data: true,
  } satisfies Record<
    Exclude<keyof ExecutorOptions, keyof HasThreadOptions>,
    true
  >),
  THREADS_OPTION,
];

export function readExecutorOptions(options: ExecutorOptions): ReadOptions {
  checkNames(options, known);
  for (const [name, given] of Object.entries(options))
    if (name === THREADS_OPTION && given !== undefined)
      checkNames(given as object, threadOptionNames, name);
  const { minThreads = 0, maxQueue = Infinity, data } = options;
  const { threads = Math.max(cores(), minThreads) } = options;
  checkInteger("threads", threads, 1, THREADS_MAX);
  checkInteger("minThreads", minThreads, 0, threads);
  if (maxQueue !== Infinity)
    checkInteger("maxQueue", maxQueue, 0, Number.MAX_SAFE_INTEGER);
  const idleMs = readDuration("idle", options.idle ?? DEFAULT_IDLE_MS);
  return { threads, minThreads, idleMs, maxQueue, data };
}

export function readHighWaterMark({
  highWaterMark = DEFAULT_HIGH_WATER_MARK,
}: StreamOptions): number {
  checkInteger("highWaterMark", highWaterMark, 1, 0x7fffffff);
  return highWaterMark;
}

function readDuration(name: string, value: unknown): number {
  const [, number, unit = ""] =
    typeof value === "string" ? (/^(\d+)(ms|s|m)$/.exec(value) ?? []) : [];
  const ms =
    number === undefined ? value : Number(number) * (UNITS_MS[unit] ?? 1);
  const right = typeof ms === "number" && ms >= 0;
  const want = 'a number of milliseconds, or a text as "10s"';
  checkOption(name, value, right, want);
  return ms as number;
}

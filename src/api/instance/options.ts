// The options of createEio and of the environment, checked and spread over the parts they are for. It does not know
// what those parts make of them.
import type { ResourceLimits } from "node:worker_threads";
import {
  defaultThreadLimits,
  type ThreadLimits,
} from "../../backends/thread-limits.ts";
import {
  isBackendMaker,
  wrapsBackend,
  type BackendMaker,
  type BackendWrapper,
} from "../../backends/custom-backend.ts";
import type { BackendChoice } from "../../backends/select.ts";
import { defaultEngineOptions, type PollMode } from "../../engine/options.ts";
import { ALLOC_MAX_BYTES } from "../../request/allocator.ts";
import { ARENA_MAX_BYTES } from "../../request/layout.ts";
import { readWatching, type SlowOptions } from "../observe/slow.ts";
import { misuseError } from "../../util/errors.ts";
import { checkPolling } from "./polling-options.ts";
import { inspect } from "node:util";
import { checkNames } from "../option-names.ts";
import {
  NO_LANES,
  defaultOptions,
  type ReadOptions,
} from "./default-options.ts";
import { checkOption } from "../option-values.ts";
import { refuseElsewhere } from "./names-elsewhere.ts";
import { readMaxMemory } from "./memory-option.ts";
import { readLanes, type LanesOptions } from "./lane-options.ts";
import { readProfile, type EioProfile } from "./profile.ts";
import {
  numbersFromEnvironment,
  reportUnknown,
  switchFromEnvironment,
  variableOf,
} from "./environment.ts";

export interface EioOptions extends Partial<ThreadLimits>, LanesOptions {
  /** Who runs requests; NODE_EIO_BACKEND overrides the default, `auto`. */
  backend?: BackendChoice | BackendMaker;
  /** Requests that can be with the backend at once, a power of two; more wait in order. */
  slots?: number;
  /** Shared memory for data on its way, in bytes; requests wait for room. */
  arenaBytes?: number;
  /** What all buffers of alloc() together may take, in bytes. */
  allocBytes?: number;
  /**
   * What whole-file reads, read-ahead of streams and copies of this instance may take of memory together: bytes, or a text as
   * `"64mb"`. More wait for room, by priority; by default there is no ceiling.
   */
  maxMemory?: number | string;
  /** Nothing waits for ever (true), or priorities are strict (false). */
  ageing?: boolean;
  loopLingerUs?: number;
  /**
   * Where no descriptor is left (EMFILE, ENFILE): what opens one waits its turn (true), or fails at once (false). By
   * default it waits only while requests of ours hold some that they give back themselves.
   */
  fdGate?: boolean;
  /** For so many milliseconds; then it fails. */
  fdWaitMs?: number;
  /** What delivers completions: the loop (`auto`), or poll() alone (`manual`). */
  poll?: PollMode;
  /** Manual: there is something to poll. It may not call the instance. */
  wantPoll?: () => void;
  /** Manual: all was taken. It may not call the instance. */
  donePoll?: () => void;
  maxPollReqs?: number;
  maxPollTimeMs?: number;
  /** The limits of a turn shrink while the loop's delay is longer than this; 0: they do not. */
  targetLoopDelayMs?: number;
  /**
   * For `uring`: a thread of the kernel's looks for requests, so that handing them over needs no system
   * call, and sleeps when there was none for so long. It takes a processor for itself while it looks, and
   * keeps the credentials that the process has now: a later setuid() is not followed. 0: none (default).
   */
  sqpollIdleMs?: number;
  /** What `node-eio bench --save` measured: a file's path, or what is in it. */
  profile?: string | EioProfile;
  /** Reports operations that take long: on the channel `node-eio:slow`, or else as a warning. */
  slow?: SlowOptions;
  /** Remembers where each handle was opened, for openHandles(). */
  trackHandles?: boolean;
  /** Limits of each worker's JavaScript heap, as for worker_threads. */
  resourceLimits?: ResourceLimits;
  /** For tests: what goes wrong on purpose, a plan() of `node-eio/faults`. */
  faults?: BackendWrapper;
}

/** Every option; one that is missing here does not compile. */
const names = Object.keys({
  backend: true,
  minParallel: true,
  maxParallel: true,
  maxIdle: true,
  idleTimeoutMs: true,
  lingerUs: true,
  loopLingerUs: true,
  slots: true,
  arenaBytes: true,
  allocBytes: true,
  maxMemory: true,
  ageing: true,
  fdGate: true,
  fdWaitMs: true,
  lanes: true,
  isolateMounts: true,
  stuckAfterMs: true,
  poll: true,
  wantPoll: true,
  donePoll: true,
  maxPollReqs: true,
  maxPollTimeMs: true,
  targetLoopDelayMs: true,
  sqpollIdleMs: true,
  profile: true,
  slow: true,
  trackHandles: true,
  resourceLimits: true,
  faults: true,
} satisfies Record<keyof EioOptions, true>);

const resourceLimitNames = Object.keys({
  maxOldGenerationSizeMb: true,
  maxYoungGenerationSizeMb: true,
  codeRangeSizeMb: true,
  stackSizeMb: true,
} satisfies Record<keyof ResourceLimits, true>);

/** With lanes less is handed out ahead: shares count only for what still waits. */
const LANES_READY_MAX = 64;

const INT = 0x7fffffff;
const counts: Record<string, [min: number, max: number]> = {
  minParallel: [0, 1024],
  maxParallel: [0, 1024],
  maxIdle: [0, 1024],
  idleTimeoutMs: [0, INT],
  lingerUs: [0, 1_000_000],
  slots: [16, 65536],
  arenaBytes: [ARENA_MAX_BYTES, 2 ** 31],
  allocBytes: [0, 2 ** 30],
  loopLingerUs: [0, 1_000_000],
  fdWaitMs: [0, INT],
  maxPollReqs: [0, INT],
  maxPollTimeMs: [0, INT],
  targetLoopDelayMs: [0, INT],
  stuckAfterMs: [1, INT],
  sqpollIdleMs: [0, 60_000],
};

/** Throws on an option out of its range; names one that is no option. */
export function checkCounts(options: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(options)) {
    const range = counts[name];
    if (range === undefined || value === undefined) continue;
    const [min, max] = range;
    if (
      typeof value !== "number" ||
      !(value >= min && value <= max) ||
      !Number.isInteger(value)
    )
      throw misuseError(
        "ERR_EIO_INVALID_OPTION",
        name,
        `an integer from ${min} to ${max}`,
        inspect(value),
      );
  }
}

const SWITCHES = ["ageing", "fdGate", "trackHandles"];

/** Of the variables of the environment: NODE_EIO_MAX_PARALLEL and the like. */
export function optionsOf(given: readonly string[]): EioOptions {
  const others = ["slowMs", "maxMemory"];
  reportUnknown(given, [...Object.keys(counts), ...SWITCHES, ...others]);
  const switches = SWITCHES.map((name) => [name, switchFromEnvironment(name)]);
  const { slowMs } = numbersFromEnvironment(["slowMs"]);
  const maxMemory = process.env[variableOf("maxMemory")]?.trim();
  return {
    ...(slowMs === undefined ? {} : { slow: { afterMs: slowMs } }),
    ...(maxMemory ? { maxMemory } : {}),
    ...numbersFromEnvironment(Object.keys(counts)),
    ...Object.fromEntries(switches.filter(([, given]) => given !== undefined)),
  } as EioOptions;
}

/** What is to stand in front of the backend; by default nothing. */
function readFaults({ faults }: EioOptions): BackendWrapper | null {
  if (faults === undefined) return null;
  if (typeof faults?.[wrapsBackend] === "function") return faults;
  throw misuseError(
    "ERR_EIO_INVALID_OPTION",
    "faults",
    "a plan() of node-eio/faults",
    inspect(faults),
  );
}

const limitNames = Object.keys(defaultThreadLimits);

/** Of a change while it runs. With no more than one of them given, the smaller one counts; at 0 nothing runs. */
export function checkLimits(change: Partial<ThreadLimits>): void {
  checkNames(change, limitNames);
  checkCounts({ ...change });
  const { minParallel = 0, maxParallel = minParallel } = change;
  if (minParallel > maxParallel && maxParallel > 0)
    throw moreThanMax(minParallel, maxParallel);
}

const moreThanMax = (minParallel: number, maxParallel: number): Error =>
  misuseError(
    "ERR_EIO_INVALID_OPTION",
    "minParallel",
    `at most maxParallel, which is ${maxParallel}`,
    inspect(minParallel),
  );

/** Who wants more threads at all times than there may be by default wants more of them. */
function limitsOf(
  { maxParallel }: EioOptions,
  limits: ThreadLimits,
): ThreadLimits {
  const { minParallel } = limits;
  if (minParallel <= limits.maxParallel) return limits;
  if (maxParallel === undefined) return { ...limits, maxParallel: minParallel };
  throw moreThanMax(minParallel, maxParallel);
}

/** What is neither a number nor read where it is used: a wrong one would count as something else. */
function checkKinds(options: EioOptions): void {
  for (const name of ["ageing", "fdGate", "isolateMounts"] as const)
    checkBoolean(name, options[name], name === "isolateMounts");
  const { backend, resourceLimits } = options;
  if (
    backend !== undefined &&
    typeof backend !== "string" &&
    !isBackendMaker(backend)
  )
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      "backend",
      "the name of a backend, or a simulated disk of node-eio/faults",
      inspect(backend),
    );
  if (resourceLimits !== undefined) checkResourceLimits(resourceLimits);
}

/** Threads of Node's start with a limit that is no number, and ignore it. */
function checkResourceLimits(limits: ResourceLimits): void {
  checkNames(limits, resourceLimitNames, "resourceLimits");
  for (const [name, value] of Object.entries(limits))
    checkOption(
      `resourceLimits.${name}`,
      value,
      value === undefined || (typeof value === "number" && value > 0),
      "a number of MiB, above 0",
    );
}

function checkBoolean(name: string, value: unknown, orObject: boolean): void {
  if (value === undefined || typeof value === "boolean") return;
  if (orObject && typeof value === "object" && value !== null) return;
  throw misuseError(
    "ERR_EIO_INVALID_OPTION",
    name,
    orObject ? "a boolean or an object" : "a boolean",
    inspect(value),
  );
}

export function readOptions(given: EioOptions): ReadOptions {
  if (typeof given === "object" && given !== null)
    refuseElsewhere(given, names);
  checkNames(given, names);
  const profile =
    given.profile === undefined ? undefined : readProfile(given.profile);
  const options = { ...profile?.options, ...given };
  checkCounts(options as Record<string, unknown>);
  checkKinds(options);
  checkPolling(options);
  const { slots, arenaBytes, allocBytes } = options;
  if (slots !== undefined && (slots & (slots - 1)) !== 0)
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      "slots",
      "a power of two",
      inspect(slots),
    );
  if (
    allocBytes !== undefined &&
    allocBytes > 0 &&
    allocBytes < ALLOC_MAX_BYTES
  )
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      "allocBytes",
      `0, or at least ${ALLOC_MAX_BYTES}`,
      inspect(allocBytes),
    );
  const pick = <T extends object>(defaults: T): T =>
    Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [
        name,
        (options as Record<string, unknown>)[name] ?? value,
      ]),
    ) as T;
  const standard = defaultOptions();
  const limits = limitsOf(options, pick(defaultThreadLimits));
  const maxMemory = readMaxMemory(options.maxMemory);
  const engine = { ...pick(defaultEngineOptions), maxMemory };
  // As libeio: a poll has the limits that its caller sets, and no others.
  if (engine.poll === "manual")
    engine.maxPollTimeMs = options.maxPollTimeMs ?? 0;
  const sizes = { ...defaultEngineOptions.sizes };
  if (slots !== undefined) sizes.slots = slots;
  if (arenaBytes !== undefined)
    sizes.arenaBytes = arenaBytes - (arenaBytes % ARENA_MAX_BYTES);
  if (allocBytes !== undefined)
    sizes.allocBytes = allocBytes - (allocBytes % ALLOC_MAX_BYTES);
  const lanes =
    options.lanes === undefined && options.isolateMounts === undefined
      ? NO_LANES
      : readLanes(options, sizes.slots);
  const workers = limits.maxParallel + lanes.apartMax;
  sizes.workersMax = Math.max(sizes.workersMax, workers);
  return {
    backend: options.backend ?? standard.backend,
    engine: { ...engine, ...lanes, sizes },
    limits,
    keepsIdle: given.maxIdle !== undefined,
    readyMax: lanes.lanes === null ? standard.readyMax : LANES_READY_MAX,
    resourceLimits: options.resourceLimits,
    tuning: { ...profile, sqpollIdleMs: options.sqpollIdleMs ?? 0 },
    faults: readFaults(given),
    ...readWatching(given),
  };
}

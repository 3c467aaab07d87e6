// Who runs requests: picks a backend by name. An explicitly chosen one that cannot be had is an
// error with the reason; `auto` takes what there is and never throws.
import { misuseError } from "../util/errors.ts";
import { shortOfDescriptors } from "../util/shortage.ts";
import { Control, allocStart } from "../request/layout.ts";
import { makeMemory } from "../request/make-memory.ts";
import type { Memory } from "../request/memory.ts";
import type { Backend, BackendName, Completions, Probe } from "./backend.ts";
import { NativeLane, type LaneName } from "./native-lane.ts";
import { NullBackend } from "./null.ts";
import { OwnThread } from "./own-thread.ts";
import { Pool, whyNoWorkers, type PoolOptions } from "./pool.ts";
import { Router, poolLimits, type Routes } from "./route.ts";
import { loadNative } from "./native.ts";
import type { ThreadLimits } from "./thread-limits.ts";
import { Threads } from "./threads.ts";

export type BackendChoice = BackendName | "auto";

const available = { available: true } as const;

/** Lanes in front of the threads, in the order of asking, by what is chosen. */
const lanesOf: Partial<Record<BackendName, LaneName[]>> = {
  uring: ["uring", "nowait"],
  aio: ["aio", "nowait"],
  nowait: ["nowait", "aio"],
};
/** What `auto` takes the first of that there is. */
const preferred: BackendName[] = ["uring", "nowait", "threads", "pool", "node"];

const probed = new Map<LaneName, Probe>();

/** Opens it, once, on a memory of its own; again where no descriptor was left for it. */
function probeLane(name: LaneName): Probe {
  const known = probed.get(name);
  if (known !== undefined) return known;
  const memory = makeMemory({ slots: 16, arenaBytes: 0, workersMax: 1 });
  const lane = NativeLane.open(
    name,
    memory,
    { complete: () => true },
    () => {},
  );
  const probe: Probe =
    typeof lane === "string" ? { available: false, reason: lane } : available;
  if (typeof lane !== "string") void lane.close();
  if (probe.available || !shortOfDescriptors()) probed.set(name, probe);
  return probe;
}

function probeThreads(): Probe {
  const loaded = loadNative();
  return loaded.addon === null
    ? { available: false, reason: `no native code: ${loaded.reason}` }
    : available;
}

/** Fixed at the start: what is dropped later, the pool itself finds out. */
function probePool(): Probe {
  const { permission } = process as {
    permission?: { has(s: string): boolean };
  };
  const reason =
    permission === undefined || permission.has("worker")
      ? whyNoWorkers()
      : "the permission model allows no workers (--allow-worker)";
  return reason === null ? available : { available: false, reason };
}

const probes: Record<BackendName, () => Probe> = {
  threads: probeThreads,
  pool: probePool,
  node: () => available,
  null: () => available,
  uring: () => probeLane("uring"),
  nowait: () => probeLane("nowait"),
  aio: () => probeLane("aio"),
};

/** What there is on this machine, and why the rest is not. */
export function listBackends(): Record<BackendName, Probe> {
  return Object.fromEntries(
    Object.entries(probes).map(([name, probe]) => [name, probe()]),
  ) as Record<BackendName, Probe>;
}

/** What was measured on this machine; see api/profile.ts. */
export interface Measured {
  /** What `auto` takes, where it can be had. */
  backend?: BackendName;
  asyncMinBytes?: number;
  routes?: Routes;
}

export interface Tuning extends Measured {
  /** See EioOptions. */
  sqpollIdleMs?: number;
}

type MakeBackend = (
  memory: Memory,
  completions: Completions,
  wake: () => void,
) => Backend;

export function selectBackend(
  choice: string,
  options: PoolOptions,
  { backend, asyncMinBytes = 0, routes = {}, sqpollIdleMs = 0 }: Tuning = {},
): MakeBackend {
  const wanted = backend === undefined ? preferred : [backend, ...preferred];
  const name =
    choice === "auto"
      ? wanted.find((name) => probes[name]().available)!
      : checked(choice);
  return (memory, completions, wake) => {
    memory.control[Control.asyncMinBytes] = asyncMinBytes;
    memory.control[Control.sqpollIdleMs] = sqpollIdleMs;
    memory.control[Control.allocStart] = allocStart(memory.sizes);
    if (name === "null") return new NullBackend(memory, completions, wake);
    const { limits, readyMax } = options;
    const last = (limits: ThreadLimits): Pool | OwnThread =>
      name !== "node" && probes.pool().available
        ? new Pool(memory, completions, wake, { ...options, limits })
        : new OwnThread(memory, completions, wake, limits);
    if (name === "pool" || name === "node") return last(limits);
    const runners = {
      lanes: (router: Completions) =>
        openLanes(lanesOf[name] ?? [], memory, router, wake, choice),
      threads: (router: Completions) => {
        const threads = Threads.open(memory, router, wake, limits, readyMax);
        return typeof threads === "string" ? null : threads;
      },
      last: last(poolLimits(limits)),
    };
    return new Router(name, memory, completions, runners, limits, {
      routes,
      auto: choice === "auto" && sqpollIdleMs === 0,
    });
  };
}

function checked(choice: string): BackendName {
  const probe = Object.hasOwn(probes, choice)
    ? probes[choice as BackendName]()
    : ({ available: false, reason: "there is no such backend" } as const);
  if (!probe.available)
    throw misuseError("ERR_EIO_BACKEND_UNAVAILABLE", choice, probe.reason);
  return choice as BackendName;
}

/**
 * One that was there when it was probed and is not now (no descriptors left) is done without. So is its
 * polling, unless this backend was chosen.
 */
function openLanes(
  names: LaneName[],
  memory: Memory,
  completions: Completions,
  wake: () => void,
  choice: string,
): NativeLane[] {
  return names.flatMap((name) => {
    if (!probeLane(name).available) return [];
    const open = (): NativeLane | string =>
      NativeLane.open(name, memory, completions, wake);
    let lane = open();
    const { control } = memory;
    if (typeof lane === "string" && control[Control.sqpollIdleMs] !== 0) {
      if (choice === name)
        throw misuseError("ERR_EIO_BACKEND_UNAVAILABLE", name, lane);
      control[Control.sqpollIdleMs] = 0;
      lane = open();
    }
    return typeof lane === "string" ? [] : [lane];
  });
}

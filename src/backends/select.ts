// Who runs requests: picks a backend by name. An explicitly chosen one that cannot be had is an
// error with the reason; `auto` takes what there is and never throws.
import { misuseError } from "../util/errors.ts";
import { nearestName } from "../util/nearest-name.ts";
import { shortOfDescriptors } from "../util/shortage.ts";
import { Control, allocStart } from "../request/layout.ts";
import { makeMemory } from "../request/make-memory.ts";
import type { Memory } from "../request/memory.ts";
import type { Backend, BackendName, Completions, Probe } from "./backend.ts";
import type { MakeBackend } from "./custom-backend.ts";
import { NativeLane, type LaneName } from "./native-lane.ts";
import { workersDirect } from "./direct.ts";
import { NullBackend } from "./null.ts";
import { OwnThread } from "./own-thread.ts";
import { Pool, whyNoWorkers, type PoolOptions } from "./pool.ts";
import { Router, poolLimits, type Routes } from "./route.ts";
import { loadNative } from "./native.ts";
import { Standby } from "./standby.ts";
import type { ThreadLimits } from "./thread-limits.ts";
import { Threads } from "./threads.ts";

export type BackendChoice = BackendName | "auto";

const available = { available: true } as const;

/** Lanes in front of the threads, in the order in which they are tried, by the first of them that there is. */
const lanesOf: Record<LaneName, readonly LaneName[]> = {
  uring: ["uring", "nowait"],
  aio: ["aio", "nowait"],
  nowait: ["nowait", "aio"],
};
/** What `auto` takes the first of that there is. */
const preferred: BackendName[] = ["uring", "nowait", "threads", "pool", "node"];

const isLane = (name: BackendName): name is LaneName => name in lanesOf;

const probed = new Map<LaneName, Probe>();

/** Where no instance has opened it yet: opens it, once, on a memory of its own. */
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
  if (typeof lane !== "string") void lane.close();
  return learn(name, lane);
}

/** What there was no descriptor for is tried again. */
function learn(name: LaneName, lane: NativeLane | string): Probe {
  const probe: Probe =
    typeof lane === "string" ? { available: false, reason: lane } : available;
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

/** What `auto` takes here. */
export const preferredBackend = (): BackendName =>
  preferred.find((name) => probes[name]().available)!;

/** What was measured on this machine; see api/instance/profile.ts. */
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

export function selectBackend(
  choice: string,
  options: PoolOptions,
  { backend, asyncMinBytes = 0, routes = {}, sqpollIdleMs = 0 }: Tuning = {},
): MakeBackend {
  const wanted = backend === undefined ? preferred : [backend, ...preferred];
  const name = choice === "auto" ? firstOf(wanted) : checked(choice);
  return (memory, completions, wake) => {
    memory.control[Control.asyncMinBytes] = asyncMinBytes;
    memory.control[Control.sqpollIdleMs] = sqpollIdleMs;
    memory.control[Control.allocStart] = allocStart(memory.sizes);
    if (name === "null") return new NullBackend(memory, completions, wake);
    const { limits, readyMax } = options;
    const last = (limits: ThreadLimits): Backend =>
      name !== "node" && probes.pool().available
        ? new Pool(memory, completions, wake, { ...options, limits })
        : new OwnThread(memory, completions, wake, limits);
    if (name === "pool" || name === "node") return last(limits);
    const runners = {
      lanes: (router: Completions) =>
        name === null
          ? openFirst(wanted, memory, router, wake)
          : isLane(name)
            ? openLanes(lanesOf[name], memory, router, wake, choice)
            : [],
      threads: (router: Completions) => {
        const threads = Threads.open(memory, router, wake, limits, readyMax);
        return typeof threads === "string" ? null : threads;
      },
      last: new Standby(last, poolLimits(limits), workersDirect(memory)),
    };
    return new Router(name, memory, completions, runners, limits, {
      routes,
      auto: choice === "auto" && sqpollIdleMs === 0,
    });
  };
}

/** What `auto` takes; null: which lane that is shows when the first is opened. */
function firstOf(wanted: readonly BackendName[]): BackendName | null {
  const native = loadNative().addon !== null;
  const name = wanted.find((name) =>
    isLane(name) ? native : probes[name]().available,
  )!;
  return isLane(name) ? null : name;
}

/** The first of the wanted that there is, and what goes with it. */
function openFirst(
  wanted: readonly BackendName[],
  memory: Memory,
  completions: Completions,
  wake: () => void,
): NativeLane[] {
  for (const name of wanted.filter(isLane)) {
    const [first] = openLanes([name], memory, completions, wake, "auto");
    if (first === undefined) continue;
    const others = lanesOf[name].filter((other) => other !== name);
    return [first, ...openLanes(others, memory, completions, wake, "auto")];
  }
  return [];
}

function noSuchBackend(choice: string): string {
  const names = ["auto", ...Object.keys(probes)];
  const near = nearestName(choice, names);
  return near === undefined
    ? `there is no such backend; there are ${names.join(", ")}`
    : `there is no such backend; did you mean "${near}"?`;
}

function checked(choice: string): BackendName {
  const probe = Object.hasOwn(probes, choice)
    ? probes[choice as BackendName]()
    : ({ available: false, reason: noSuchBackend(choice) } as const);
  if (!probe.available)
    throw misuseError("ERR_EIO_BACKEND_UNAVAILABLE", choice, probe.reason);
  return choice as BackendName;
}

/**
 * One that was there when it was probed and is not now (no descriptors left) is done without. So is its
 * polling, unless this backend was chosen.
 */
function openLanes(
  names: readonly LaneName[],
  memory: Memory,
  completions: Completions,
  wake: () => void,
  choice: string,
): NativeLane[] {
  return names.flatMap((name) => {
    if (probed.get(name)?.available === false) return [];
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
    if (!probed.has(name)) learn(name, lane);
    return typeof lane === "string" ? [] : [lane];
  });
}

// The limits that the system sets to this process: its own, and those of the control groups (version 1 and 2) that it is in.
// It reads what it is handed, and does not know what they mean for the library.
import type { ReadText } from "./container.ts";

/** Infinity: there is none. */
export interface Limits {
  openFiles: number;
  processes: number;
  lockedBytes: number;
  addressBytes: number;
}

export interface GroupLimits {
  /** Processors' worth of time. */
  processors: number;
  pids: number;
  pidsNow: number | null;
  memoryBytes: number;
}

/** Where a version 1 hierarchy has no limit, it says a number that is larger than any memory. */
const NO_MEMORY_LIMIT = 2 ** 60;

const rows: Record<keyof Limits, string> = {
  openFiles: "Max open files",
  processes: "Max processes",
  lockedBytes: "Max locked memory",
  addressBytes: "Max address space",
};

/** By /proc/self/limits; null where there is no such file. */
export function limitsOf(read: ReadText): Limits | null {
  const text = read("/proc/self/limits");
  if (text === null) return null;
  const soft = (title: string): number => {
    const found = new RegExp(`^${title} +(\\S+)`, "m").exec(text)?.[1];
    return found === undefined || found === "unlimited"
      ? Infinity
      : Number(found);
  };
  return Object.fromEntries(
    Object.entries(rows).map(([name, title]) => [name, soft(title)]),
  ) as unknown as Limits;
}

/** The tightest of those that the process's groups and the groups above them have. */
export function groupLimitsOf(read: ReadText): GroupLimits {
  const found: GroupLimits = {
    processors: Infinity,
    pids: Infinity,
    pidsNow: null,
    memoryBytes: Infinity,
  };
  for (const folder of foldersOf(read)) {
    const processors = quotaIn(folder, read);
    if (processors < found.processors) found.processors = processors;
    const pids = numberIn(`${folder}/pids.max`, read);
    if (pids < found.pids) {
      found.pids = pids;
      const now = numberIn(`${folder}/pids.current`, read);
      found.pidsNow = now === Infinity ? null : now;
    }
    const memory = Math.min(
      numberIn(`${folder}/memory.max`, read),
      numberIn(`${folder}/memory.limit_in_bytes`, read),
    );
    if (memory < Math.min(found.memoryBytes, NO_MEMORY_LIMIT))
      found.memoryBytes = memory;
  }
  return found;
}

/** Of each hierarchy the group and those above it; in a namespace of its own a group lies at the root. */
function* foldersOf(read: ReadText): Generator<string> {
  for (const line of (read("/proc/self/cgroup") ?? "").split("\n")) {
    const [, controllers, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || group === undefined) continue;
    const mounts =
      controllers === ""
        ? ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        : [`/sys/fs/cgroup/${controllers}`];
    for (const mount of mounts)
      for (let at = group; ; at = at.slice(0, at.lastIndexOf("/"))) {
        yield mount + (at === "/" ? "" : at);
        if (at === "/" || at === "") break;
      }
  }
}

function quotaIn(folder: string, read: ReadText): number {
  const [, quota, period] =
    /^(\d+) (\d+)/.exec(read(`${folder}/cpu.max`) ?? "") ?? [];
  if (quota !== undefined) return Number(quota) / Number(period);
  const time = Number(read(`${folder}/cpu.cfs_quota_us`) ?? -1);
  const every = Number(read(`${folder}/cpu.cfs_period_us`) ?? 0);
  return time > 0 && every > 0 ? time / every : Infinity;
}

/** Infinity for `max`, and for a file that is not there. */
function numberIn(file: string, read: ReadText): number {
  const text = read(file)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : Infinity;
}

// What a program's processes recorded of their file calls, and the sum of it. It knows the format, and not what the figures
// mean.
import fs from "node:fs";
import path from "node:path";

/** Milliseconds of a kind of call, all of them timed. */
export interface OpTimes {
  calls: number;
  failed: number;
  waitMs: number;
  runMs: number;
  waitP99Ms: number;
  runP99Ms: number;
}

/** One thread of one process, from its start on. */
export interface Observed {
  wallMs: number;
  /** A server of its takes connections. */
  listens: boolean;
  /** Of the loop: how long it had something to do. */
  loopBusyMs: number;
  ops: Record<string, OpTimes>;
  /** Who ran how many calls. */
  backends: Record<string, number>;
  /** Calls in progress, times milliseconds, by what they were at: samples of the loop. */
  at: { ready: number; running: number; pending: number };
  inFlightMax: number;
  workersMax: number;
  /** Of our own threads: on a processor, and ready for one that was not free. */
  threads: { cpuMs: number; queuedMs: number };
  /** Since the start: when, and how long calls had waited and run by then. */
  history: [wallMs: number, waitMs: number, runMs: number][];
}

/** Where a process writes it; a program may be several. */
export const FOLDER = "NODE_EIO_BENCH_FOLDER";
/** What its probe does. */
export const MODE = "NODE_EIO_BENCH_MODE";
/** Times the calls of this library in place of Node's; puts it there and times nothing; leaves Node's own. */
export type Mode = "observe" | "ours" | "plain";

/** One of each process; what is being written has another name, and is gone soon. */
const filesIn = (folder: string): string[] =>
  fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => path.join(folder, name));

export const readObserved = (folder: string): Observed[] =>
  filesIn(folder).map(
    (file) => JSON.parse(fs.readFileSync(file, "utf8")) as Observed,
  );

/** Whether each process has written since then: what it did up to then is in it. */
export const writtenSince = (folder: string, timeMs: number): boolean =>
  filesIn(folder).every((file) => fs.statSync(file).mtimeMs > timeMs);

export interface Total {
  wallMs: number;
  processes: number;
  calls: number;
  waitMs: number;
  runMs: number;
  /** Of the loop with most to do among those that made calls. */
  loopBusyShare: number;
  ops: Record<string, OpTimes>;
  backends: Record<string, number>;
  at: Observed["at"];
  inFlightMax: number;
  workersMax: number;
  threads: Observed["threads"];
  /** The share of waiting in each third of the time. */
  waitShares: number[];
}

const PARTS = 3;

export function totalOf(all: Observed[]): Total {
  const callers = all.filter(({ ops }) => Object.keys(ops).length > 0);
  const ops: Total["ops"] = {};
  const backends: Total["backends"] = {};
  for (const one of callers) {
    for (const [name, times] of Object.entries(one.ops))
      ops[name] = ops[name] === undefined ? times : added(ops[name], times);
    for (const [name, count] of Object.entries(one.backends))
      backends[name] = (backends[name] ?? 0) + count;
  }
  const sum = (of: (one: Observed) => number): number =>
    callers.reduce((sum, one) => sum + of(one), 0);
  const most = (of: (one: Observed) => number): number =>
    Math.max(0, ...callers.map(of));
  const times = Object.values(ops);
  return {
    wallMs: Math.max(0, ...all.map(({ wallMs }) => wallMs)),
    processes: all.length,
    calls: times.reduce((sum, { calls }) => sum + calls, 0),
    waitMs: times.reduce((sum, { waitMs }) => sum + waitMs, 0),
    runMs: times.reduce((sum, { runMs }) => sum + runMs, 0),
    loopBusyShare: most(({ loopBusyMs, wallMs }) =>
      wallMs === 0 ? 0 : Math.min(1, loopBusyMs / wallMs),
    ),
    ops,
    backends,
    at: {
      ready: sum(({ at }) => at.ready),
      running: sum(({ at }) => at.running),
      pending: sum(({ at }) => at.pending),
    },
    inFlightMax: most(({ inFlightMax }) => inFlightMax),
    workersMax: most(({ workersMax }) => workersMax),
    threads: {
      cpuMs: sum(({ threads }) => threads.cpuMs),
      queuedMs: sum(({ threads }) => threads.queuedMs),
    },
    waitShares: waitShares(callers),
  };
}

function added(one: OpTimes, other: OpTimes): OpTimes {
  return {
    calls: one.calls + other.calls,
    failed: one.failed + other.failed,
    waitMs: one.waitMs + other.waitMs,
    runMs: one.runMs + other.runMs,
    waitP99Ms: Math.max(one.waitP99Ms, other.waitP99Ms),
    runP99Ms: Math.max(one.runP99Ms, other.runP99Ms),
  };
}

/** Of the caller with the longest history; none of one that is too short for parts. */
function waitShares(callers: Observed[]): number[] {
  const [history] = callers
    .map(({ history }) => history)
    .sort((a, b) => b.length - a.length);
  if (history === undefined || history.length < PARTS) return [];
  const shares: number[] = [];
  let [beforeWait, beforeRun] = [0, 0];
  for (let part = 1; part <= PARTS; part++) {
    const [, wait, run] =
      history[Math.ceil((history.length * part) / PARTS) - 1]!;
    const all = wait - beforeWait + (run - beforeRun);
    if (all > 0) shares.push((wait - beforeWait) / all);
    [beforeWait, beforeRun] = [wait, run];
  }
  return shares;
}

// eio.stats(): what is going on and what went on, as plain data. Times are of the requests that were
// timed (one in sampledEvery, or all while somebody observes); counts are of all.
import type { RecordableHistogram } from "node:perf_hooks";
import { createHistogram } from "node:perf_hooks";
import type { RunnerName } from "../../backends/backend.ts";
import type { Engine } from "../../engine/engine.ts";
import { DEFAULT_LANE } from "../../engine/options.ts";
import type { Times } from "../../engine/metrics.ts";
import { nameByCode, type OpName } from "../../ops/table.ts";

/** Milliseconds. */
export interface TimeStats {
  count: number;
  min: number;
  mean: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

export interface WaitAndRun {
  /** From the call until it began to run, and until it was delivered afterwards. */
  wait: TimeStats;
  /** While a worker or the kernel ran it. */
  run: TimeStats;
}

export interface OpStats extends Partial<WaitAndRun> {
  submitted: number;
  settled: number;
  failed: number;
  cancelled: number;
}

export interface MemoryUsage {
  /** The ceiling. */
  maxBytes: number;
  /** In use now, and the most that there was. */
  usedBytes: number;
  peakBytes: number;
  /** Of what is in use: read ahead by streams. */
  readAheadBytes: number;
  /** Requests that wait for room. */
  waiting: number;
}

export interface EioStats {
  backend: RunnerName;
  /** Not settled yet. */
  requests: number;
  /** Of these: not begun. */
  ready: number;
  /** Of these: done but not delivered. */
  pending: number;
  /** Begun, and settled for their callers already (aborted, timed out). */
  abandoned: number;
  workers: number;
  slots: { size: number; used: number };
  arena: { bytes: number; usedBytes: number };
  /** Under a ceiling (`maxMemory`); null: there is none. */
  memory: MemoryUsage | null;
  sampledEvery: number;
  /** Of ops that were requested. */
  ops: Partial<Record<OpName, OpStats>>;
  lanes: Record<string, WaitAndRun>;
  backends: Partial<Record<RunnerName, WaitAndRun>>;
}

const NS_PER_MS = 1e6;

export function stats(engine: Engine): EioStats {
  const { metrics, memory, scheduler } = engine;
  const { sizes } = memory;
  const times = [...metrics.times];
  const ops: EioStats["ops"] = {};
  nameByCode.forEach((name, op) => {
    const submitted = metrics.submitted[op]!;
    if (name === undefined || submitted === 0) return;
    const own = times.filter((some) => some.op === op);
    ops[name] = {
      submitted,
      settled: metrics.settled[op]!,
      failed: metrics.failed[op]!,
      cancelled: metrics.cancelled[op]!,
      ...(own.length === 0 ? {} : waitAndRun(own)),
    };
  });
  return {
    backend: engine.backend.name,
    requests: engine.nreqs,
    ready: engine.nready,
    pending: engine.npending,
    abandoned: engine.abandoned,
    workers: engine.nthreads,
    slots: { size: sizes.slots, used: sizes.slots - engine.freeSlots },
    arena: { bytes: sizes.arenaBytes, usedBytes: engine.arenaUsedBytes },
    memory: memoryOf(engine),
    sampledEvery: metrics.sampledEvery,
    ops,
    lanes: groupBy(
      times,
      ({ lane }) => scheduler?.at(lane).name ?? DEFAULT_LANE,
    ),
    backends: groupBy(times, ({ backend }) => backend),
  };
}

function memoryOf({ scheduler }: Engine): MemoryUsage | null {
  const budget = scheduler?.memory;
  if (budget == null) return null;
  const { maxBytes, usedBytes, peakBytes, keptBytes } = budget;
  return {
    ...{ maxBytes, usedBytes, peakBytes },
    readAheadBytes: keptBytes,
    waiting: scheduler!.heldCount,
  };
}

function groupBy(
  times: Times[],
  keyOf: (some: Times) => string,
): Record<string, WaitAndRun> {
  const groups = new Map<string, Times[]>();
  for (const some of times) {
    const key = keyOf(some);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [some]);
    else group.push(some);
  }
  return Object.fromEntries(
    [...groups].map(([key, group]) => [key, waitAndRun(group)]),
  );
}

export function waitAndRun(times: Times[]): WaitAndRun {
  return {
    wait: summary(merged(times.map(({ wait }) => wait))),
    run: summary(merged(times.map(({ run }) => run))),
  };
}

function merged(histograms: RecordableHistogram[]): RecordableHistogram {
  const [first] = histograms;
  if (histograms.length === 1) return first!;
  const sum = createHistogram({ lowest: 1, highest: 3600e9, figures: 2 });
  for (const each of histograms) sum.add(each);
  return sum;
}

function summary(histogram: RecordableHistogram): TimeStats {
  const at = (percentile: number): number =>
    histogram.percentile(percentile) / NS_PER_MS;
  return {
    count: histogram.count,
    min: histogram.min / NS_PER_MS,
    mean: histogram.mean / NS_PER_MS,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: histogram.max / NS_PER_MS,
  };
}

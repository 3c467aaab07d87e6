// NODE_EIO_SUMMARY=1: one line on stderr when the process ends, which says what the shared instance did for it. It knows counts and
// times, and not who has asked for what.
import fs from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import type { RunnerName } from "../../backends/backend.ts";
import { clockMs } from "../../util/node-timers.ts";
import { isMainThread } from "../../util/main-thread.ts";
import { waitAndRun, type WaitAndRun } from "./stats.ts";

export interface Counts {
  submitted: number;
  settled: number;
  failed: number;
  cancelled: number;
  /** Of those that ran: how many with whom. */
  byBackend: Partial<Record<RunnerName, number>>;
  times: WaitAndRun | null;
  tookMs: number;
}

/** From before anybody replaces it. */
const { writeSync } = fs;
const STDERR = 2;
const MS_PER_S = 1000;
/** These are run inside of the call, or by the kernel: no thread is waited for, and none is woken. */
const WITHOUT_THREAD: RunnerName[] = ["nowait", "uring", "aio"];

let current: Engine | null = null;
let sinceMs = -1;

/** Called again when there is an engine; from then on each of its requests is timed. */
export function summaryAtExit(engine: Engine | null): void {
  if (!isMainThread) return;
  if (engine !== null && current === null) {
    current = engine;
    engine.metrics.timingAll++;
  }
  if (sinceMs !== -1) return;
  sinceMs = clockMs();
  process.once("exit", () => {
    const counts = countsOf(current, clockMs() - sinceMs);
    try {
      writeSync(STDERR, `${summaryLine(counts)}\n`);
    } catch {
      // Nobody reads it.
    }
  });
}

function countsOf(engine: Engine | null, tookMs: number): Counts {
  const sum = (counts?: Float64Array): number =>
    counts?.reduce((all, count) => all + count, 0) ?? 0;
  const metrics = engine?.metrics;
  const times = [...(metrics?.times ?? [])];
  const byBackend: Counts["byBackend"] = {};
  for (const { backend, run } of times)
    byBackend[backend] = (byBackend[backend] ?? 0) + run.count;
  return {
    submitted: sum(metrics?.submitted),
    settled: sum(metrics?.settled),
    failed: sum(metrics?.failed),
    cancelled: sum(metrics?.cancelled),
    byBackend,
    times: times.length === 0 ? null : waitAndRun(times),
    tookMs,
  };
}

export function summaryLine(counts: Counts): string {
  const { submitted, settled, failed, cancelled, times } = counts;
  const seconds = `${(counts.tookMs / MS_PER_S).toFixed(1)} s`;
  if (submitted === 0) return `node-eio: no requests in ${seconds}`;
  const backends = Object.entries(counts.byBackend)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} by ${name}`);
  const ran = Object.values(counts.byBackend).reduce((a, b) => a + b, 0);
  const spared = WITHOUT_THREAD.reduce(
    (all, name) => all + (counts.byBackend[name] ?? 0),
    0,
  );
  const parts = [
    `${submitted} requests in ${seconds}${backends.length === 0 ? "" : `: ${backends.join(", ")}`}`,
    ...[
      [failed, "failed"],
      [cancelled, "cancelled"],
      [submitted - settled, "not finished"],
    ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])),
    ...(times === null
      ? []
      : [
          `waited ${spread(times.wait)}`,
          `ran ${spread(times.run)}`,
          `${Math.round((spared / ran) * 100)} % waited for no thread`,
        ]),
  ];
  return `node-eio: ${parts.join("; ")}`;
}

const spread = ({ p50, p99, max }: WaitAndRun["wait"]): string =>
  `p50 ${ms(p50)}, p99 ${ms(p99)}, at most ${ms(max)}`;

const ms = (value: number): string =>
  `${value < 1 ? value.toPrecision(2) : value.toFixed(1)} ms`;

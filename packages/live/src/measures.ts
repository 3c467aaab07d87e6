// What an instance says of itself in numbers, as one table for all systems that collect such: the names and units of
// each, and where it is read. It does not know who collects.
import type { Eio, EioStats, LaneState } from "node-eio";
import { setImmediate } from "node-eio/internal";

export const MS_PER_S = 1000;

/** Upper bounds of histograms, in seconds: from 10 µs to 10 s. */
export const BUCKETS = [1, 2.5, 5]
  .flatMap((step) => [-5, -4, -3, -2, -1, 0].map((power) => step * 10 ** power))
  .concat(10)
  .sort((a, b) => a - b)
  .map((seconds) => Number(seconds.toPrecision(2)));

interface Measure<T> {
  /** In Prometheus, behind the prefix. */
  prometheus: string;
  /** In OpenTelemetry, behind the namespace: what is measured, and the kind of amount that it is. */
  openTelemetry: string;
  /** OpenTelemetry's: a word of UCUM, or what is counted in braces. */
  unit: string;
  help: string;
  /** Whether those of several instances may be added up. */
  adds: boolean;
  value: (of: T) => number;
}

const measure = <T>(
  prometheus: string,
  openTelemetry: string,
  unit: string,
  help: string,
  value: Measure<T>["value"],
  adds = true,
): Measure<T> => ({ prometheus, openTelemetry, unit, help, adds, value });

export interface Look {
  stats: EioStats;
  /** How many requests run for longer than stuckAfterMs. */
  stuck: number;
}

export const lookAt = (eio: Eio): Look => ({
  stats: eio.stats(),
  stuck: eio.stuck().length,
});

export const measures: Measure<Look>[] = [
  measure(
    "requests_open",
    "request.open",
    "{request}",
    "Requests not settled yet.",
    ({ stats }) => stats.requests,
  ),
  measure(
    "requests_ready",
    "request.ready",
    "{request}",
    "Requests not begun yet.",
    ({ stats }) => stats.ready,
  ),
  measure(
    "requests_pending",
    "request.pending",
    "{request}",
    "Requests done and not delivered yet.",
    ({ stats }) => stats.pending,
  ),
  measure(
    "requests_abandoned",
    "request.abandoned",
    "{request}",
    "Requests that run on without their callers.",
    ({ stats }) => stats.abandoned,
  ),
  measure(
    "requests_stuck",
    "request.stuck",
    "{request}",
    "Requests that run for longer than stuckAfterMs.",
    ({ stuck }) => stuck,
  ),
  measure(
    "workers",
    "worker.count",
    "{worker}",
    "Workers.",
    ({ stats }) => stats.workers,
  ),
  measure(
    "slots",
    "slot.limit",
    "{slot}",
    "Requests that may be in flight.",
    ({ stats }) => stats.slots.size,
  ),
  measure(
    "slots_used",
    "slot.usage",
    "{slot}",
    "Requests in flight.",
    ({ stats }) => stats.slots.used,
  ),
  measure(
    "arena_bytes",
    "arena.limit",
    "By",
    "Shared memory for data.",
    ({ stats }) => stats.arena.bytes,
  ),
  measure(
    "arena_used_bytes",
    "arena.usage",
    "By",
    "Of it, in use.",
    ({ stats }) => stats.arena.usedBytes,
  ),
  measure(
    "sampled_every",
    "request.sampled_every",
    "{request}",
    "One in so many requests is timed.",
    ({ stats }) => stats.sampledEvery,
    false,
  ),
];

export const laneMeasures: Measure<LaneState>[] = [
  measure(
    "lane_waiting",
    "lane.waiting",
    "{request}",
    "Requests that wait in a lane.",
    ({ waiting }) => waiting,
  ),
  measure(
    "lane_in_flight",
    "lane.in_flight",
    "{request}",
    "Requests of a lane in flight.",
    ({ inFlight }) => inFlight,
  ),
];

/** What is looked at once serves all that ask in the same turn of the loop. */
export function onceATurn<T>(look: () => T): () => T {
  let seen: { value: T } | null = null;
  return () => {
    if (seen === null) {
      seen = { value: look() };
      setImmediate(() => (seen = null));
    }
    return seen.value;
  };
}

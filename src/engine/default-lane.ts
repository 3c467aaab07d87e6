// The one lane of an engine that was given none, and what such an engine does in the place of a Scheduler. It knows no
// other lanes.
import type { Backend } from "../backends/backend.ts";
import { misuseError } from "../util/errors.ts";
import type { Lane } from "./lanes.ts";
import type { Watchdog } from "./watchdog.ts";

export const DEFAULT_LANE = "default";
export const SHARE = 4;

export interface LaneState {
  name: string;
  /** Requests that wait for their turn. */
  waiting: number;
  inFlight: number;
  maxParallel: number;
  share: number;
}

/** What hangs is reported to the backend, with lanes or without. */
export function attach(
  scheduler: { attach(backend: Backend, watch: Watchdog): void } | null,
  backend: Backend,
  watch: Watchdog,
): void {
  if (scheduler !== null) scheduler.attach(backend, watch);
  else watch.looked = (hung) => backend.spare?.(0, hung.length);
}

export function refuseLane(name: string): void {
  if (name !== DEFAULT_LANE)
    throw misuseError("ERR_EIO_UNKNOWN_LANE", name, DEFAULT_LANE);
}

/** Without lanes everything is in one. */
export function laneStates(engine: {
  scheduler: Iterable<Lane> | null;
  nreqs: number;
  nready: number;
}): LaneState[] {
  const { scheduler, nreqs, nready } = engine;
  if (scheduler === null)
    return [
      {
        name: DEFAULT_LANE,
        waiting: nready,
        inFlight: nreqs - nready,
        maxParallel: Infinity,
        share: SHARE,
      },
    ];
  return [...scheduler].map(({ name, queue, inFlight, limits }) => ({
    name,
    waiting: queue.length,
    inFlight,
    maxParallel: limits.maxParallel,
    share: limits.share,
  }));
}

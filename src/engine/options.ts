// The options of an engine and their defaults; every limit has its name here. It does not know what they do.
import type { Sizes } from "../request/layout.ts";
import type { LaneLimits } from "./lanes.ts";
import type { MountLimits } from "./routing.ts";

/** How long the loop looks for completions after the last one. */
export const LINGER_US = 50;

export type PollMode = "auto" | "manual";

export interface EngineOptions {
  sizes: Sizes;
  /** Ageing of low priorities (see queue.ts); false is libeio's strictness. */
  ageing: boolean;
  /** How long the loop keeps looking for completions before it sleeps; 0 never. */
  loopLingerUs: number;
  /** What delivers completions: the loop, turn by turn, or the caller's poll() alone. */
  poll: PollMode;
  /** Manual: there is something to poll; called once, until donePoll. */
  wantPoll: (() => void) | null;
  /** Manual: all was taken. */
  donePoll: (() => void) | null;
  /**
   * Without a descriptor left (EMFILE) an op that opens waits for one: always, never, or (null) only while
   * we hold some that come back without the caller's doing.
   */
  fdGate: boolean | null;
  /** For so long; then it fails. */
  fdWaitMs: number;
  /** Completions delivered per turn of the loop, or per poll(); 0 is no limit. */
  maxPollReqs: number;
  /** Milliseconds spent delivering completions per turn of the loop, or per poll(); 0 is no limit. */
  maxPollTimeMs: number;
  /** The limits of a turn shrink while the loop's delay is longer (see LoopDelayController); 0: they do not. */
  targetLoopDelayMs: number;
  /** Lanes by name, the default one among them; null: one queue for all. */
  lanes: Record<string, LaneLimits> | null;
  /** What each mounted file system's own lane may do; null: they have none. */
  mounts: MountLimits | null;
  /** Requests of lanes apart that may be in flight, all together. */
  apartMax: number;
  /** A request that runs for longer is reported as stuck. */
  stuckAfterMs: number;
}

export const defaultEngineOptions: EngineOptions = {
  sizes: {
    slots: 1024,
    arenaBytes: 64 << 20,
    allocBytes: 64 << 20,
    workersMax: 64,
  },
  ageing: true,
  loopLingerUs: LINGER_US,
  poll: "auto",
  wantPoll: null,
  donePoll: null,
  fdGate: null,
  fdWaitMs: 60_000,
  maxPollReqs: 0,
  maxPollTimeMs: 4,
  targetLoopDelayMs: 0,
  lanes: null,
  mounts: null,
  apartMax: 0,
  stuckAfterMs: 5000,
};

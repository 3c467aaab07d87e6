// The options of an engine and their defaults: lanes, polling, waiting for descriptors; every limit has its name here. It does not
// know what they do.
import type { Sizes } from "../request/layout.ts";

/** How long the loop looks for completions after the last one. */
export const LINGER_US = 50;

export type PollMode = "auto" | "manual";

/** Where requests go that name no lane; the only one of an engine that was given none. */
export const DEFAULT_LANE = "default";
/** What a lane is handed out of, relative to others, where it was not said. */
export const SHARE = 4;

export interface LaneLimits {
  /** Of its requests so many may be in flight at once; Infinity is no limit. */
  maxParallel: number;
  /** How much is handed out of this lane while others have work too, relative to theirs. */
  share: number;
  /**
   * What hangs in it must not hold anything of others: it runs on workers beyond the pool's own
   * limit, and never on the loop's thread or in a ring.
   */
  apart: boolean;
}

export interface MountLimits {
  /** Of one that is remote: so many requests at once, on workers of their own. */
  maxParallel: number;
  /** Of any other: so many requests at once. */
  localParallel: number;
  share: number;
}

export const defaultMountLimits: MountLimits = {
  maxParallel: 4,
  localParallel: 32,
  share: SHARE,
};

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
  /** What requests, and what was read ahead, may take of memory of ours (see memory-budget.ts); 0: there is no ceiling. */
  maxMemory: number;
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
  maxMemory: 0,
};

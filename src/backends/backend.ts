// The interface between the engine and whoever runs a request. In prose:
//
// queue() takes a prepared slot; it never blocks, never throws and never completes inline. flush()
// is called once per turn after a number of queue() calls and is the one crossing (wake a worker,
// enter the kernel). Every slot taken completes exactly once, a cancelled one too, with a result of
// 0 or more, or a negative errno: through reap(), which the loop calls, or beside it where a value is
// moved. Before the loop goes to sleep it calls arm(): from then on the backend calls its wake
// function on the next completion, once, from the event loop and not in a promise's job; arm() returns false when one came in the meantime. close()
// is called when every slot has completed; after it nothing touches a slot or a buffer any more.
//
// A backend knows slots and opcodes. It does not know requests, priorities or callers.

import type { Direct } from "../request/codec.ts";
import type { FaultDetails } from "../request/errors.ts";
import type { ThreadLimits } from "./thread-limits.ts";

export type QueueStatus = "queued" | "busy" | "declined";

export interface Completions {
  /**
   * result < 0 is -errno (or one of Special); exactly once per slot. False: enough for this turn,
   * reap() is to stop here.
   */
  complete(slot: number, result: number, moved?: MovedValue): boolean;
}

/** A value that came beside the slot, as a message of its own. */
export interface MovedValue {
  value?: unknown;
  error?: unknown;
  fault?: FaultDetails;
}

export interface Counts {
  /** Workers there are, for backends that have some. */
  threads: number;
  /** Queued and not yet begun. */
  ready: number;
  /** Done, not yet reaped. */
  pending: number;
}

export type BackendName =
  "threads" | "pool" | "uring" | "aio" | "nowait" | "node" | "null";
/** Who may run requests: also one that is given as an object, a disk in memory. */
export type RunnerName = BackendName | "simulated";

export interface Backend {
  readonly name: RunnerName;
  /** How data passes between the caller's memory and the system without a copy, if it can. */
  readonly direct: Direct | null;
  supports(opcode: number): boolean;
  /**
   * `apart`: it may hang, and is to be run where nothing but its own worker can hang with it. `uncached`: its
   * descriptor is known to bypass the page cache.
   */
  queue(slot: number, apart?: boolean, uncached?: boolean): QueueStatus;
  flush(): void;
  /** What writes and was only listed until now is begun, before the flush; nobody more is woken. */
  begin?(): void;
  /** Delivers completions until there are no more or enough were taken; returns how many. */
  reap(): number;
  /** Something was done inside flush(), on the loop's own thread: reap() delivers it. */
  didAtOnce?(): boolean;
  arm(): boolean;
  disarm(): void;
  /** As many workers are awake as there are processors. */
  crowded?(): boolean;
  /**
   * Best effort: what is yet to begin does not run. Either way the slot completes, later. True: nothing
   * reads or writes its data any more, not even until then.
   */
  cancel(slot: number): boolean;
  counts(): Counts;
  /** For those that have threads, or can be paused. */
  setLimits?(limits: ThreadLimits): void;
  /** So many more workers may be started, and so many are held by what hangs or may hang. */
  spare?(count: number, held: number): void;
  /** What runs the requests, for a backend that stands in front of another. */
  readonly inner?: Backend;
  /** Who has a slot now, for backends that pass slots on. */
  holder?(slot: number): RunnerName;
  /** Resolves when whoever has to be started has started; without it there is nobody. */
  ready?(): Promise<void>;
  /** The process exits: what nobody is there to run yet is run here and now. */
  runHere?(): void;
  /** Descriptors that the kernel makes readable when something is done and the backend is armed. */
  wakeFds?(): number[];
  close(): Promise<void>;
}

export type Probe = { available: true } | { available: false; reason: string };

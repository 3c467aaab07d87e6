// A request on the caller's side: an opcode, its operands in registers, and where its result goes.
// Requests wait in the engine's queue as these objects; only a dispatched one occupies a slot.
//
//   prepared -> waiting -> inFlight -> done -> settled     done: nothing works for it any more, but
//                  |           |         |       |         its turn to be delivered is to come, or nobody
//                  +-----------+---------+-------+         has polled
//                              |                 |
//                              +--> givenUp -----+
//
// A cancel settles one that waits, is in flight or is done, at once. In the slot of one that was in flight
// an orphan stands until it completes, which nobody waits for. Where memory of the caller's is lent to whoever
// runs it, a settled request would give that back too early: it is given up instead, and settles when it completes.
//
//   orphaned -> settled
import type { Linked } from "../util/list.ts";
import type { FaultDetails } from "./errors.ts";
import type { Memory } from "./memory.ts";

export const Phase = {
  prepared: 0,
  waiting: 1,
  inFlight: 2,
  done: 3,
  settled: 4,
  givenUp: 5,
  orphaned: 6,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** Priorities as libeio's: -4 to 4, 0 by default. */
export const PRIORITY_MIN = -4;
export const PRIORITY_MAX = 4;
export const LEVELS = PRIORITY_MAX - PRIORITY_MIN + 1;

/** Turns a completed slot into the request's value. */
export type Decode = (
  memory: Memory,
  slot: number,
  request: Request,
) => unknown;

/** The times of a request, in milliseconds of clockMs(). */
export interface Sample {
  submittedMs: number;
  begunMs: number;
  /** -1: it did not run, or was not delivered. */
  ranMs: number;
  settledMs: number;
  /** Who ran it; null where nobody did. */
  backend: string | null;
  /** Its times are counted: for those that are slow alone they are not. */
  counted: boolean;
  /** This request in particular is reported to somebody. */
  observed: boolean;
  /** What those who observe keep of it from its call on. */
  kept: unknown;
}

/** What may end a request before its time. */
export interface Ends {
  signal?: AbortSignal | undefined;
  /** Milliseconds from its submission. */
  timeout?: number | undefined;
}

/** Whose descriptor a request works on, and who must not close it before the request lets go. */
export interface Owner {
  /** Called when a request is submitted. */
  hold(): void;
  /** Called when nothing works for the request any more: where that left an orphan, after it was settled. */
  drop(): void;
}

/** It has none (any more). */
export const NO_SLOT = -1;

/** Where relative paths start, for a request that carries it. */
export interface Folder {
  /** -1 where the system has none for folders. */
  readonly fd: number;
  /** RESOLVE_* of openat2, kept for every path; 0: paths lead where they lead. */
  readonly resolve: number;
  /** Where a descriptor leads to no path: what is put in front of them instead. */
  readonly prefix: string | null;
  /** The absolute path that it was opened by, where somebody has to go by names. */
  readonly path: string;
}

export class Request implements Linked<Request> {
  next: Request | null = null;
  previous: Request | null = null;
  phase: Phase = Phase.prepared;
  readonly op: number;
  /** Priority as an index: 0 is the lowest of the nine. */
  level = -PRIORITY_MIN;
  /** Where it lies in shared memory. */
  slot: number = NO_SLOT;
  /** The lane that the caller named; null: none. */
  laneName: string | null = null;
  /** The number of the lane that it goes in; 0 is the default one. */
  lane = 0;
  fd = -1;
  position = -1;
  a = 0;
  b = 0;
  c = 0;
  d = 0;
  path: string | Uint8Array | null = null;
  path2: string | Uint8Array | null = null;
  /** Where the path starts; null: in the process's own folder. */
  wd: Folder | null = null;
  /** Where the second path starts. */
  wd2: Folder | null = null;
  /** Bytes to send, or to be filled; see the op's parameters for which. */
  data: Uint8Array | null = null;
  /** Several pieces of data, each where the caller has it; see Direct.noteAll. */
  buffers: readonly Uint8Array[] | null = null;
  /** In flight, its data is where the caller has it: what runs it reads or writes that very memory. */
  lends = false;
  /** What the address of the data has to be a multiple of: for descriptors that bypass the cache. */
  align = 1;
  /** How much room an op that returns bytes needs beyond the slot's block. */
  room = 0;
  /** Turns what lies in the slot into `value`. */
  readonly decode: Decode;
  /** 0 or more: the op's own number; below 0 an errno or one of Special. */
  result = 0;
  value: unknown = undefined;
  /** What a failure said of itself beyond its errno. */
  fault: FaultDetails | null = null;
  /** Makes of the value what the caller is given; may throw (a text too long to be a string). */
  present: ((request: Request) => unknown) | null = null;
  /**
   * Called once, when the request is settled. In manual mode a number other than 0 ends the poll,
   * which returns it.
   */
  settle: (request: Request) => unknown;
  /** Its end calls a function of the user's. */
  calls = false;
  /** For the one who settles: what is called, and in which async context. */
  scope: object | null = null;
  /** For the one who settles: how. */
  resolve: ((value: never) => void) | null = null;
  /** Set where a reason of the caller's ended the request: abort, timeout. */
  reason: unknown = undefined;
  /** Its times, where it is one of those that are timed. */
  sample: Sample | null = null;
  /** The function whose promise it is, for the stack of an error; null where that shows its callers alone. */
  callName: string | null = null;
  /** Anything the caller wants to find again. */
  context: unknown = undefined;
  owner: Owner | null = null;
  /** It opens a descriptor for an operation that closes it itself. */
  passing = false;
  /** Its path is one of ours that leads to what was allowed already. */
  allowed = false;
  /** What it reads and writes does not stay in the page cache. */
  dropsCache = false;
  /** And does not pass through it, where that can be. */
  passesCache = false;
  ends: Ends | null = null;
  /** Undoes what a signal or a deadline hung on this request. */
  release: (() => void) | null = null;

  constructor(
    op: number,
    decode: Decode,
    settle: (request: Request) => unknown,
  ) {
    this.op = op;
    this.decode = decode;
    this.settle = settle;
  }
}

/** The result of a cancelled request, as libeio's. */
export const ECANCELED = -125;

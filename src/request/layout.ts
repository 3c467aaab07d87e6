// Where everything lies in the shared memory. This file knows words and offsets only; main thread,
// workers and (later) the C core all read the same slot.
//
//   control   doorbells, counters, a submission ring per priority, a completion ring per worker
//   slots     SLOT_WORDS 32-bit words each: state, opcode, lengths, then eight doubles
//   bytes     one block per slot (paths, small data, results), then the arena for larger data

/** Words of the control area. Each hot one has a cache line (16 words) of its own. */
export const Control = {
  doorbell: 0,
  sleepers: 16,
  spinners: 32,
  mainState: 48,
  mainBell: 64,
  threads: 80,
  threadsMax: 96,
  threadsMin: 97,
  idleMax: 98,
  idleTimeoutMs: 99,
  lingerUs: 100,
  spinnersMax: 101,
  closing: 102,
  /** Lower rings get their turn now and then (1), or priorities are strict (0). */
  ageing: 103,
  /** Cancelled before they began and not yet taken off the submission rings. */
  cancelled: 104,
  /** Transfers this large are copied beside the loop by the ring; 0: as it sees fit. */
  asyncMinBytes: 105,
  /** 1 + the descriptor that the first completion after arming makes readable; 0: there is none. */
  pollFd: 106,
  /** A thread of the kernel's looks for the ring's entries, and sleeps after so long; 0: none does. */
  sqpollIdleMs: 107,
  /** Native threads: whether one of them looks after the backlog (see native-aio/src/crew-watch.c). */
  watching: 109,
  /** Where in shared memory the buffers of alloc() begin, as an unsigned number of bytes. */
  allocStart: 108,
  /** io_uring is available (1): threads read small files, and the loop reads, together by rings of their own. */
  usesRings: 110,
  /** Native threads: how many files were; it wraps. */
  filesRead: 111,
  started: 112,
  /** How long a request takes on a worker: a moving mean of samples. */
  serviceNs: 112,
  /** How many of 1,000 slow ones sleep in the kernel: they wait for a device. */
  sleeping: 113,
  /** The loop: how many reads were made together with others; it wraps. */
  readsTogether: 114,
  rings: 128,
} as const;

export const LINE = 16;

/** Submission rings, one per priority; the first, of the highest, is looked at first. */
export const RINGS = 9;
/** Words in front of the entries of a ring: head and tail, a cache line each. */
export const RING_HEADER = 2 * LINE;
export const HEAD = 0;
/** In the header of a worker's completion ring: what the worker is at. */
export const STATUS = 1;
export const TAIL = LINE;
/** There, too: the number of the start that is to be begun; 0 once it was, or was given up. */
export const START = 2;

export const MainState = { awake: 0, armed: 1 } as const;

/** Words of a slot. */
export const Slot = {
  state: 0,
  op: 1,
  generation: 2,
  result: 3,
  level: 4,
  cancelled: 5,
  path: 6,
  path2: 7,
  data: 8,
  dataBytes: 9,
  outBytes: 10,
  fd: 11,
  /** How the outputs are to be read: see Outcome. */
  outcome: 12,
  /** Bytes that outputs may take from `data` on. */
  room: 13,
  /** 1: the data is the caller's own memory, at Numbers.address; for native code only. */
  direct: 14,
  /**
   * Where the path starts: the descriptor of a folder, or NO_WD; below that, NO_WD - n says that the
   * path's first n bytes are the folder's own (where a descriptor leads to no path).
   */
  wd: 15,
  numbers: 16,
  /** The same of the second path. It lies, as the next one, behind the numbers in use. */
  wd2: 28,
  /** RESOLVE_* of openat2 for the path, and RESOLVE_SHIFT bits higher for the second one. */
  resolve: 29,
  /** 1: the worker is to say how long it runs; then that, in tenths of a microsecond. */
  ran: 30,
  /** How the request is to be done: see SlotFlag. With Outcome.block, then, what native code knows its own blocks by. */
  flags: 31,
  blockTag: 31,
} as const;
export const SlotFlag = {
  /** What is read and written does not stay in the page cache. */
  dropsCache: 1,
  /** Nor does it pass through it, where that can be. */
  passesCache: 2,
  /** The caller may take memory of its data away meanwhile, which the kernel reports and a copy does not survive. */
  shrinks: 4,
} as const;
/** A path that starts in the process's own folder. */
export const NO_WD = -1;
export const RESOLVE_SHIFT = 16;
export const SLOT_WORDS = 32;
/** Doubles of a slot, from word Slot.numbers. */
export const Numbers = {
  position: 0,
  a: 1,
  b: 2,
  c: 3,
  d: 4,
  /** Not a double: 64 bits, written and read by native code. */
  address: 5,
} as const;

export const State = {
  free: 0,
  queued: 1,
  cancelled: 2,
  /** With native code on the loop's side: no worker may take it. */
  native: 3,
  /** From here on: RUNNING + the worker's index. */
  running: 16,
} as const;

/** What a worker is at, for whoever finds it dead. */
export const Status = {
  absent: 0,
  working: 1,
  lingering: 2,
  sleeping: 3,
} as const;

export const Outcome = {
  /** The result is a number, outputs lie in the block or the chunk. */
  plain: 0,
  /** The value comes as a message (moved, not copied). */
  moved: 1,
  /** A failure with details of its own: JSON in the block. */
  fault: 2,
  /** The same as fields in the block, by native code: see fields.ts. */
  fields: 3,
  /** The value is outBytes long and lies in a block of native memory, of `room` bytes, at Numbers.address. */
  block: 4,
} as const;

/** What the seconds of utimes mean: what Node makes of them, exact times, or nothing, as it is now. */
export const TimeForm = { node: 0, exact: 1, now: 2 } as const;

/** Each slot's own block. Two paths of PATH_MAX fit, so does a page of data. */
export const BLOCK_BYTES = 8192;
export const ARENA_MIN_BYTES = 16384;
export const ARENA_MAX_BYTES = 1 << 20;

/** Results below every errno. */
export const Special = {
  /** The worker died while it ran the request. */
  workerLost: -100001,
  /** The failure is described in the block. */
  fault: -100002,
  /** Native code leaves the request, untouched, to whoever is next. */
  declined: -100003,
  /** There is more to read than the request may take memory for: how much, is in outBytes. */
  overLimit: -100004,
} as const;

export interface Sizes {
  slots: number;
  arenaBytes: number;
  /** For buffers of callers, behind the arena; see allocator.ts. */
  allocBytes?: number;
  workersMax: number;
}

export const ringWords = (sizes: Sizes): number => RING_HEADER + sizes.slots;
export const submissionRing = (sizes: Sizes, ring: number): number =>
  Control.rings + ring * ringWords(sizes);
export const completionRing = (sizes: Sizes, worker: number): number =>
  Control.rings + (RINGS + worker) * ringWords(sizes);
/** Completions of native code, one ring for each of its lanes. */
export const nativeRing = (sizes: Sizes, lane: number): number =>
  completionRing(sizes, sizes.workersMax + lane);
export const LANES_MAX = 3;
/** The native threads have a control area of their own: the same words, their rings, one ring of completions. */
export const crewStart = (sizes: Sizes): number =>
  (nativeRing(sizes, LANES_MAX) + LINE - 1) & -LINE;
export const crewCompletions = (sizes: Sizes): number =>
  completionRing(sizes, 0);
export const controlWords = (sizes: Sizes): number =>
  crewStart(sizes) + completionRing(sizes, 1);
/** Where a slot's data lies: an unsigned word, for shared memory may be larger than 2 GiB. */
export const offsetIn = (words: Int32Array, slot: number): number =>
  words[slot * SLOT_WORDS + Slot.data]! >>> 0;
export const arenaStart = (sizes: Sizes): number => sizes.slots * BLOCK_BYTES;
export const allocStart = (sizes: Sizes): number =>
  arenaStart(sizes) + sizes.arenaBytes;
export const statusWord = (sizes: Sizes, worker: number): number =>
  completionRing(sizes, worker) + STATUS;

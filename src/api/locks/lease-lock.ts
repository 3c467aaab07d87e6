// A lock made of files alone, for file systems whose locks cannot be trusted. Its holder shows signs of life, and loses it
// without them; whoever waits measures that by a clock of its own, so no two clocks are compared. How the files are made is
// not known here.
//
//   newest is free, or was the same for leaseMs --> create the next --> is the one before still the same, and mine the newest?
//                                                                          yes: held          no: remove mine, wait on
//
// A holder writes its sign of life and then looks for a newer file; who takes over makes a newer file and then looks for signs of
// life. So one of them sees the other.
import { misuseError } from "../../util/errors.ts";
import { builtin } from "../../util/builtin.ts";
import { clearTimeout, clockMs, setTimeout } from "../../util/node-timers.ts";
import type { Terms } from "../terms.ts";
import type { EioPromises } from "../types.ts";
import { acquire } from "./acquire.ts";
import {
  LeaseFolder,
  decodeState,
  encodeState,
  type CallEnds,
  type Generation,
  type LeaseState,
} from "./lease-folder.ts";
import type { Lines } from "./line.ts";
import type { Lock } from "./lock.ts";
import {
  readLeaseOptions,
  readLockPath,
  type LeaseLockOptions,
} from "./options.ts";

const TRY_MAX_MS = 100;
const ID_BYTES = 12;
/** Signs of life, in parts of the lease. */
const BEATS_PER_LEASE = 4;
/** The holder counts it as lost that much earlier than others do, and has the rest to stop. */
const HOLDER_PART = 0.75;

/** A lock in the form of a file that its holder renews, for file systems without locks; returned by `eio.leaseLock()`. */
export class LeaseLock implements Lock {
  readonly path: string;
  /** Greater than the token of every earlier holder: a store should refuse tokens smaller than the largest it has seen. */
  readonly token: number;
  readonly #folder: LeaseFolder;
  readonly #state: LeaseState;
  readonly #leave: () => void;
  readonly #controller = new AbortController();
  #lostAtMs = 0;
  #losing: NodeJS.Timeout | undefined;
  #next: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #released: Promise<void> | undefined;

  /** @internal See lockByLease. */
  constructor(
    folder: LeaseFolder,
    { token, state, sinceMs }: Taken,
    leave: () => void,
  ) {
    this.path = Buffer.from(folder.path as string).toString();
    this.token = token;
    this.#folder = folder;
    this.#state = state;
    this.#leave = leave;
    this.#extend(sinceMs);
  }

  /** Aborts when the lock is lost: when it could not be renewed in time, or when somebody took over. */
  get signal(): AbortSignal {
    // Timers may be late: the process was stopped, or the loop blocked.
    if (this.#isHeld && clockMs() >= this.#lostAtMs) this.#expire();
    return this.#controller.signal;
  }

  get #isHeld(): boolean {
    return this.#released === undefined && !this.#controller.signal.aborted;
  }

  /** A sign of life that was begun then is on the file system now. */
  #extend(sinceMs: number): void {
    const { leaseMs } = this.#state;
    this.#lostAtMs = sinceMs + leaseMs * HOLDER_PART;
    this.#stop();
    const nowMs = clockMs();
    const untilBeat = sinceMs + leaseMs / BEATS_PER_LEASE - nowMs;
    this.#next = later(untilBeat, () => this.#beat());
    this.#losing = later(this.#lostAtMs - nowMs, () => this.#expire());
  }

  #beat(): void {
    const beating = this.#tryBeat();
    this.#beating = beating.catch(() => {
      // It may work the next time; if it does not, the lease ends by itself.
      const { leaseMs } = this.#state;
      if (this.#isHeld)
        this.#next = later(leaseMs / BEATS_PER_LEASE / 2, () => this.#beat());
    });
  }

  async #tryBeat(): Promise<void> {
    const sinceMs = clockMs();
    if (sinceMs >= this.#lostAtMs) return this.#expire();
    this.#state.beat++;
    const text = encodeState(this.#state);
    const folder = this.#within(this.#lostAtMs);
    const isThere = await folder.write(this.token, text);
    if (!isThere) return this.#lose("its file was removed");
    const newest = await folder.newestToken();
    if (newest !== this.token) return this.#lose("somebody has taken over");
    if (!this.#isHeld) return;
    if (clockMs() >= this.#lostAtMs) return this.#expire();
    this.#extend(sinceMs);
  }

  /** The folder, for calls that are over by then: also where they hang. */
  #within(untilMs: number): LeaseFolder {
    return this.#folder.ending(() => ({
      timeout: Math.max(0, untilMs - clockMs()),
    }));
  }

  #expire(): void {
    this.#lose("no sign of life could be given in time");
  }

  #lose(why: string): void {
    if (!this.#isHeld) return;
    this.#stop();
    this.#controller.abort(misuseError("ERR_EIO_LEASE_LOST", this.path, why));
    this.#leave();
  }

  #stop(): void {
    clearTimeout(this.#next);
    clearTimeout(this.#losing);
  }

  /** Releases the lock. Does nothing if the lock was lost. */
  release(): Promise<void> {
    if (this.signal.aborted) return Promise.resolve();
    this.#released ??= this.#giveBack();
    return this.#released;
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  async #giveBack(): Promise<void> {
    this.#stop();
    try {
      // Written behind a sign of life that is on its way.
      await this.#beating;
      const state = { ...this.#state, isHeld: false };
      const folder = this.#within(clockMs() + this.#state.leaseMs);
      await folder.write(this.token, encodeState(state));
    } finally {
      this.#leave();
    }
  }
}

/** Neither keeps the process alive. */
const later = (ms: number, run: () => void): NodeJS.Timeout =>
  setTimeout(run, Math.max(0, ms)).unref();

interface Taken {
  token: number;
  state: LeaseState;
  /** When it was begun to be created. */
  sinceMs: number;
}

export async function lockByLease(
  promises: EioPromises,
  lines: Lines,
  path: unknown,
  options: LeaseLockOptions | undefined,
  terms: Terms,
): Promise<LeaseLock> {
  const { wait, leaseMs, durable } = readLeaseOptions(options);
  const { given, name } = readLockPath(path, terms);
  const calls = terms.withoutEnd.options;
  const ends = (): CallEnds => ({
    signal: terms.signal,
    timeout: terms.timeout,
  });
  const folder = new LeaseFolder(promises, given, calls, durable);
  const watch = new Watch(leaseMs);
  const { place, got } = await acquire<Taken>(lines, {
    ...{ path: given, name, wait, terms },
    claim: {
      priority: terms.priority ?? 0,
      shared: false,
      start: 0,
      end: Infinity,
    },
    syscall: "open",
    tryMaxMs: TRY_MAX_MS,
    attempt: () => takeLease(folder, folder.ending(ends), watch, leaseMs),
    undo: async ({ token, state }) => {
      await folder.write(token, encodeState({ ...state, isHeld: false }));
    },
  });
  return new LeaseLock(folder, got, () => lines.leave(name, place));
}

/** Since when the newest file is the same. */
class Watch {
  readonly #leaseMs: number;
  #seen: Generation | null = null;
  #sinceMs = 0;

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  isFree(newest: Generation | null): boolean {
    if (newest === null) return true;
    const state = decodeState(newest.text);
    if (state?.isHeld === false) return true;
    const { token, text } = newest;
    if (this.#seen?.token !== token || this.#seen.text !== text) {
      this.#seen = newest;
      this.#sinceMs = clockMs();
    }
    return clockMs() - this.#sinceMs >= (state?.leaseMs ?? this.#leaseMs);
  }
}

/**
 * null: somebody else has it, or was faster. What was begun to be created is carried through, so that it is not there without a
 * holder; to look at the folder ends with the call.
 */
async function takeLease(
  folder: LeaseFolder,
  looked: LeaseFolder,
  watch: Watch,
  leaseMs: number,
): Promise<Taken | null> {
  const newest = await newestOrNew(looked);
  if (!watch.isFree(newest)) return null;
  const token = (newest?.token ?? 0) + 1;
  const state = { isHeld: true, leaseMs, beat: 0, id: newId() };
  const sinceMs = clockMs();
  if (!(await folder.create(token, encodeState(state)))) return null;
  let isTaken = false;
  try {
    if (await isNext(folder, newest, token)) {
      await folder.settle(token);
      // If it took so long, others may have it by now.
      isTaken = clockMs() - sinceMs < leaseMs * HOLDER_PART;
    }
  } finally {
    // Nobody was given this token.
    if (!isTaken) await folder.remove(token);
  }
  return isTaken ? { token, state, sinceMs } : null;
}

/** Neither gave its holder a sign of life meanwhile, nor has anybody gone beyond. */
async function isNext(
  folder: LeaseFolder,
  before: Generation | null,
  token: number,
): Promise<boolean> {
  if (before !== null) {
    const text = await folder.read(before.token);
    if (text !== before.text) return false;
  }
  return (await folder.newestToken()) === token;
}

async function newestOrNew(folder: LeaseFolder): Promise<Generation | null> {
  try {
    return await folder.newest();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await folder.make();
    return null;
  }
}

/** Shows people whose it is, and differs each time. */
function newId(): string {
  const random = builtin("node:crypto").randomBytes(ID_BYTES).toString("hex");
  const host = encodeURIComponent(builtin("node:os").hostname());
  return `${random}@${host}:${process.pid}`;
}

// When completions are delivered: turn by turn of the loop, or in one poll of the caller's; so many of them, for so long, so many
// bytes copied; and what runs between two callbacks of a turn. It does not know what they are of.
import type { Backend } from "../backends/backend.ts";
import { type PollFd, openPollFd as open } from "../backends/native.ts";
import { raise } from "../backends/uncaught.ts";
import { Control } from "../request/layout.ts";
import type { Request } from "../request/request.ts";
import { runWithin } from "../util/awaiting-frames.ts";
import { misuseError } from "../util/errors.ts";
import {
  clearInterval,
  clockMs,
  nextTick,
  setImmediate,
  setInterval,
} from "../util/node-timers.ts";
import type { EngineOptions } from "./options.ts";

export interface Turns {
  /** Something was handed to the backend: there will be completions. */
  start(): void;
  /** The backend rang, or something came beside it: called by the event loop, not in a promise's job. */
  wake(): void;
  /** Something is done that no backend has done: it is to be delivered, but not inside this call. */
  look(): void;
  /** Somebody stopped waiting: perhaps nobody does any more. */
  update(): void;
  /** Until stop() the process stays alive. */
  hold(): void;
  stop(): void;
}

export interface Waking {
  /** Is there anything whose completion will come? */
  busy(): boolean;
  /** Is anybody waiting for one? Only then the process is kept alive. */
  wanted(): boolean;
  /** From now on wake() is called on the next completion; false when one is there already. */
  arm(): boolean;
  disarm(): void;
}

/** Nothing is left. */
export const DRAINED = 0;
/** A limit was reached: there may be more. */
export const MORE = -1;

/** From a callback of our own: nothing was delivered, so it does not count. */
export const UNREPORTED = Symbol("unreported");

/** What is done and not delivered yet. */
export interface Deliverable {
  readonly length: number;
  take(): Request | null;
  /** Settles it; returns what its callback returned. */
  deliver(request: Request): unknown;
}

export interface PollHost {
  readonly results: Deliverable;
  /** Takes what is done off the backend, without notifying anybody. */
  collect(): void;
  /** The last one was taken; it is delivered after this. */
  drained?(): void;
}

/**
 * Of what was collected: DRAINED, MORE, or the first number other than 0 that a callback returned. The clock is looked at
 * after each callback, so at least one is made however long it takes. What a callback throws goes to
 * whoever polls; the rest stays where it is.
 */
export function poll(host: PollHost, reqsMax: number, timeMs: number): number {
  const { results } = host;
  const endMs = timeMs > 0 ? clockMs() + timeMs : Infinity;
  for (let delivered = 0; ;) {
    const request = results.take();
    if (request === null) return DRAINED;
    if (results.length === 0) host.collect();
    if (results.length === 0) host.drained?.();
    const returned = results.deliver(request);
    if (returned === UNREPORTED) continue;
    delivered++;
    if (
      typeof returned === "number" &&
      returned !== 0 &&
      !Number.isNaN(returned)
    )
      return returned;
    if (delivered === reqsMax) return MORE;
    if (endMs !== Infinity && clockMs() >= endMs) return MORE;
  }
}

/** A poll while the loop delivers results, too: what is left is the loop's. */
export function pollBeside(
  host: PollHost,
  completions: { keeping: number },
  reqsMax: number,
  timeMs: number,
): number {
  completions.keeping++;
  try {
    host.collect();
    return poll(host, reqsMax, timeMs);
  } finally {
    completions.keeping--;
  }
}

/** Throws where there can be none, with the reason. */
export function openPollFd(backend: Backend, control: Int32Array): PollFd {
  const opened = open(backend.wakeFds?.() ?? []);
  if (typeof opened === "string") throw misuseError("ERR_EIO_POLL_FD", opened);
  Atomics.store(control, Control.pollFd, opened.eventFd + 1);
  return opened;
}

export interface Host extends Waking {
  /** Delivers what is done, within the budget; returns how many. */
  reap(): number;
  /** Workers keep all processors busy: one that looks takes one from them. */
  crowded(): boolean;
}

/** Lingerings in vain, in a row, after which only one in RETRY_EVERY is made. */
const MISSES_MAX = 4;
const RETRY_EVERY = 16;

/**
 *   idle --start()--> looking --nothing for a while--> armed --wake()--> looking
 *                        ^  |
 *                        +--+ setImmediate: other events get their turn between two looks
 *
 * A wake-up costs tens of microseconds and a cached read costs one, so the loop keeps looking for
 * LINGER_US after the last completion while something is in flight, unless workers need its processor.
 * Where lingering keeps being in vain (a slow disk), it is tried only now and then.
 */
export class Loop implements Turns {
  readonly #host: Host;
  readonly #look = (): void => this.#turn();
  readonly #reap = (): number => this.#host.reap();
  /** What keeps the process alive, from when it is first to. */
  #keepAlive: NodeJS.Timeout | undefined;
  readonly #lingerMs: number;
  #scheduled = false;
  #armed = false;
  #held = false;
  /** It is being closed. */
  #holdsOn = false;
  #lingeringSinceMs = -1;
  #misses = 0;
  #skips = 0;

  constructor(host: Host, lingerUs: number) {
    this.#host = host;
    this.#lingerMs = lingerUs / 1000;
  }

  /** Something was queued: there will be completions. */
  start(): void {
    if (this.#scheduled) return;
    if (this.#armed) this.#hold();
    else this.#schedule();
  }

  /** The backend rang, or something came beside it: called by the event loop, not in a promise's job. */
  wake(): void {
    if (this.#scheduled) return;
    this.#disarm();
    this.#turn();
  }

  look(): void {
    if (this.#scheduled) return;
    this.#disarm();
    this.#schedule();
  }

  /** Somebody stopped waiting: perhaps nobody does any more. */
  update(): void {
    if (this.#armed) this.#hold();
  }

  /** Until stop() the process stays alive. */
  hold(): void {
    this.#holdsOn = true;
    this.#hold();
  }

  stop(): void {
    clearInterval(this.#keepAlive);
  }

  #disarm(): void {
    if (!this.#armed) return;
    this.#armed = false;
    this.#host.disarm();
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(this.#look);
  }

  #turn(): void {
    this.#scheduled = false;
    // Where a tick of a callback throws, the others are for the next turn.
    let count = 1;
    try {
      count = turn(this.#reap);
    } finally {
      this.#goOn(count);
    }
  }

  #goOn(count: number): void {
    if (count !== 0) {
      if (this.#lingeringSinceMs !== -1) this.#misses = 0;
      this.#lingeringSinceMs = -1;
    }
    // What was delivered may have queued something at once (an undo): the next look is on its way, and a
    // second one beside it would go on looking, or sleep, without this one's knowledge.
    if (this.#scheduled) return;
    if (!this.#host.busy()) this.#hold();
    else if (count !== 0) this.#schedule();
    else if (!this.#host.crowded() && this.#worthLingering()) this.#schedule();
    else this.#arm();
  }

  #worthLingering(): boolean {
    const now = clockMs();
    if (this.#lingeringSinceMs === -1) {
      if (this.#misses >= MISSES_MAX && ++this.#skips % RETRY_EVERY !== 0)
        return false;
      this.#lingeringSinceMs = now;
      return true;
    }
    if (now - this.#lingeringSinceMs < this.#lingerMs) return true;
    this.#lingeringSinceMs = -1;
    this.#misses++;
    return false;
  }

  #arm(): void {
    if (!this.#host.arm()) return this.#schedule();
    this.#armed = true;
    this.#hold();
  }

  /** Keeps the process alive while the loop sleeps and somebody waits; touches the timer on change only. */
  #hold(): void {
    const hold = this.#holdsOn || (this.#armed && this.#host.wanted());
    if (hold === this.#held) return;
    this.#held = hold;
    if (!hold) this.#keepAlive?.unref();
    else if (this.#keepAlive !== undefined) this.#keepAlive.ref();
    else this.#keepAlive = setInterval(() => {}, 0x7fffffff);
  }
}

/**
 * Completions between two looks at the clock, where the time of a poll is limited: at most. Where those between two looks
 * took more than a share of that time, the next look comes earlier.
 */
const CLOCK_EVERY = 8;
const CLOCK_SHARE = 1 / 16;
/** Bytes copied out per turn: their owners go on, and request more, while the next are read. */
const COPY_MAX_BYTES = 1 << 18;
/** Results from here on count as bytes copied. */
const LARGE_BYTES = 1 << 15;
/**
 * Transfers past the page cache that are delivered per turn: a disk's queue runs dry while many are
 * delivered and the next are not requested yet. docs/decisions.md has the figures, and under what they were taken.
 */
const DIRECT_MAX = 4;

/** Completions per turn where the loop's delay has a target and there is no other limit. */
const PACED_MAX = 256;

/**
 * What is done at once is delivered without a turn of the loop for so long after the last one: a turn costs 1 to 2.5 us, as much as
 * a cached read, and timers and sockets are to have theirs.
 */
const IN_TICKS_MS = 0.1;

/** What may be delivered in one turn, or in one poll; all of it, or the share that keeps the loop's delay near a target. */
export class Budget {
  /** Completions per turn; 0 is no limit. */
  reqsMax: number;
  /** Milliseconds per turn; 0 is no limit. */
  timeMs: number;
  #delivered = 0;
  #copiedBytes = 0;
  #turnBeganMs = -Infinity;
  #turnEndsMs = Infinity;
  /** Completions until the next look at the clock, and from one to the next; when the last one was. */
  #untilClock = CLOCK_EVERY;
  #clockEvery = CLOCK_EVERY;
  #clockMs = 0;
  #clockShareMs = 0;
  readonly #loopDelay: LoopDelayController | null;
  /** This turn's limits: all of it, or the share that the loop's delay leaves. */
  #reqsLeast = 0;
  #copyMaxBytes = COPY_MAX_BYTES;

  constructor(
    reqsMax: number,
    timeMs: number,
    loopDelay: LoopDelayController | null = null,
  ) {
    this.reqsMax = reqsMax;
    this.timeMs = timeMs;
    this.#loopDelay = loopDelay;
    this.#reqsLeast = reqsMax;
  }

  /** A turn begins. */
  renew(nowMs = clockMs()): void {
    this.#delivered = 0;
    this.#copiedBytes = 0;
    this.#reqsLeast = this.reqsMax;
    let { timeMs } = this;
    if (this.#loopDelay !== null) {
      this.#loopDelay.look(nowMs);
      const { share, targetMs } = this.#loopDelay;
      timeMs = share * Math.min(timeMs === 0 ? Infinity : timeMs, targetMs);
      this.#copyMaxBytes = share * COPY_MAX_BYTES;
      const reqsMax = Math.max(1, Math.floor(share * PACED_MAX));
      this.#reqsLeast =
        this.reqsMax === 0 ? reqsMax : Math.min(this.reqsMax, reqsMax);
    }
    this.#turnBeganMs = nowMs;
    this.#turnEndsMs = timeMs > 0 ? nowMs + timeMs : Infinity;
    this.#clockMs = nowMs;
    this.#clockShareMs = timeMs * CLOCK_SHARE;
    this.#untilClock = this.#clockEvery;
  }

  /**
   * Whether what is done at once need not wait for the next turn: where nobody counts what a turn delivers. The turn of an instance's
   * first request counts from here on: that one is delivered without a turn, too.
   */
  mayDeliverInTick(nowMs = clockMs()): boolean {
    if (this.#turnBeganMs === -Infinity) this.#turnBeganMs = nowMs;
    return (
      this.reqsMax === 0 &&
      this.#loopDelay === null &&
      nowMs - this.#turnBeganMs < IN_TICKS_MS
    );
  }

  /** The loop goes to sleep. */
  sleep(): void {
    this.#loopDelay?.sleep();
  }

  copied(bytes: number): void {
    if (bytes >= LARGE_BYTES) this.#copiedBytes += bytes;
  }

  /** What was done did not pass through the page cache. */
  direct(): void {
    this.#copiedBytes += COPY_MAX_BYTES / DIRECT_MAX;
  }

  /** One more was delivered; is there time for the next? */
  mayDeliverMore(nowMs?: number): boolean {
    this.#delivered++;
    if (
      this.#delivered === this.#reqsLeast ||
      this.#copiedBytes >= this.#copyMaxBytes
    )
      return false;
    if (this.#turnEndsMs === Infinity || --this.#untilClock > 0) return true;
    return this.#lookAtClock(nowMs ?? clockMs());
  }

  /** Expensive results are counted one by one, cheap ones eight at a time. */
  #lookAtClock(nowMs: number): boolean {
    const took = nowMs - this.#clockMs;
    this.#clockMs = nowMs;
    this.#clockEvery =
      took > this.#clockShareMs
        ? Math.max(1, this.#clockEvery >> 1)
        : Math.min(CLOCK_EVERY, this.#clockEvery * 2);
    this.#untilClock = this.#clockEvery;
    return nowMs < this.#turnEndsMs;
  }
}

/** Whoever polls sets limits of his own; the loop's delay is for the loop. */
export function budgetOf(options: EngineOptions): Budget {
  const { maxPollReqs, maxPollTimeMs, targetLoopDelayMs, poll } = options;
  const paced = targetLoopDelayMs > 0 && poll === "auto";
  const loopDelay = paced ? new LoopDelayController(targetLoopDelayMs) : null;
  return new Budget(maxPollReqs, maxPollTimeMs, loopDelay);
}

const SHARE_MIN = 1 / 64;
const GROWTH = 1 / 8;

/**
 * The delay is the time from one look to the next, so it holds what the owners of results do in their
 * handlers, and what everybody else does.
 *
 *   delay > target         the share is halved, down to 1 in 64
 *   delay < half of it     the share grows by an eighth of a whole, up to all
 *
 * Down at once and up slowly: a turn that is too long is felt by every socket, one too short by nobody.
 */
export class LoopDelayController {
  readonly targetMs: number;
  share = 1;
  #lookedMs = -1;

  constructor(targetMs: number) {
    this.targetMs = targetMs;
  }

  /** A look begins. */
  look(nowMs: number): void {
    const lookedMs = this.#lookedMs;
    this.#lookedMs = nowMs;
    if (lookedMs === -1) return;
    const delayMs = nowMs - lookedMs;
    if (delayMs > this.targetMs)
      this.share = Math.max(SHARE_MIN, this.share / 2);
    else if (delayMs < this.targetMs / 2)
      this.share = Math.min(1, this.share + GROWTH);
  }

  /** The loop goes to sleep: how long it does is no delay. */
  sleep(): void {
    this.#lookedMs = -1;
  }
}

/*
 * What a callback leaves behind, ticks and microtasks, runs before the next callback, as Node does it. That takes a turn that
 * the event loop itself began.
 *
 *   turn: [callback] ticks, microtasks  [callback] ticks, microtasks  [promises settled ...]  [callback] ...
 */
const { _tickCallback } = process as { _tickCallback?: () => void };
/**
 * What Node itself calls between two timers. Other runtimes do not have it, and --pending-deprecation puts
 * a warning in front of it: a turn then ends behind a callback, and the next goes on.
 */
const runNextTicks =
  _tickCallback?.name === "runNextTicks" ? _tickCallback : null;

/** Inside a tick, a microtask or a call of the user's nothing can be run in between. */
let inTurn = false;
/** A request has ended, and the ticks and microtasks that its callback queued have not run yet. */
let owed = false;
/** The rest is for another turn. */
let stopped = false;
/** Thrown by a tick: it leaves with the turn, and its async context is still there then. */
let failure: { error: unknown } | null = null;

/** Runs what a tick of Node's called: only promises end there, which leave nothing to be run in between. */
export function tick(run: () => void): void {
  stopped = false;
  run();
}

/** Runs what the event loop called. */
export function turn<T>(run: () => T): T {
  inTurn = true;
  owed = stopped = false;
  try {
    return run();
  } finally {
    inTurn = false;
    rethrow();
  }
}

function rethrow(): void {
  if (failure === null) return;
  const { error } = failure;
  failure = null;
  throw error;
}

/** Whether another request may end in this turn. */
export const mayGoOn = (): boolean => !stopped;

/** Runs what was left behind until now. */
export function between(): void {
  if (!owed || !inTurn) return;
  if (runNextTicks === null || failure !== null) {
    stopped = true;
    return;
  }
  owed = inTurn = false;
  try {
    runWithin(runNextTicks);
  } catch (error) {
    if (!raise(error)) failure = { error };
  } finally {
    inTurn = true;
    if (failure !== null) stopped = true;
  }
}

/** Ends a request. Promises are settled one after the other, callbacks are called as Node calls them. */
export function settle(request: Request): unknown {
  const { calls } = request;
  if (calls) between();
  owed = true;
  try {
    return request.settle(request);
  } finally {
    if (calls) between();
  }
}

/**
 * What a callback threw is the process's uncaught exception before anything else runs. As in Node, what the
 * callback left behind then runs after the next one. To be called in the callback's async context.
 */
export function surface(error: unknown): void {
  if (raise(error)) owed = false;
  else
    nextTick(() => {
      throw error;
    });
}

// When completions are looked for: by the loop, or in one poll of the caller's. It does not know what they are of.
//
//   idle --start()--> looking --nothing for a while--> armed --wake()--> looking
//                        ^  |
//                        +--+ setImmediate: other events get their turn between two looks
//
// A wake-up costs tens of microseconds and a cached read costs one, so the loop keeps looking for
// LINGER_US after the last completion while something is in flight, unless workers need its processor.
// Where lingering keeps being in vain (a slow disk), it is tried only now and then.
import type { Backend } from "../backends/backend.ts";
import { type PollFd, openPollFd as open } from "../backends/native.ts";
import { Control } from "../request/layout.ts";
import { misuseError } from "../util/errors.ts";
import {
  clearInterval,
  clockMs,
  setImmediate,
  setInterval,
} from "../util/node-timers.ts";
import type { Results } from "./completions.ts";
import { turn } from "./ticks.ts";

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

export interface PollHost {
  readonly results: Results;
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

export class Loop implements Turns {
  readonly #host: Host;
  readonly #look = (): void => this.#turn();
  readonly #reap = (): number => this.#host.reap();
  readonly #keepAlive: NodeJS.Timeout;
  readonly #lingerMs: number;
  #scheduled = false;
  #armed = false;
  #held = false;
  #lingeringSinceMs = -1;
  #misses = 0;
  #skips = 0;

  constructor(host: Host, lingerUs: number) {
    this.#host = host;
    this.#lingerMs = lingerUs / 1000;
    this.#keepAlive = setInterval(() => {}, 0x7fffffff).unref();
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
    this.#keepAlive.ref();
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
    const hold = this.#armed && this.#host.wanted();
    if (hold === this.#held) return;
    this.#held = hold;
    if (hold) this.#keepAlive.ref();
    else this.#keepAlive.unref();
  }
}

// When the loop looks for completions. It does not know what they are of.
//
//   idle --start()--> looking --nothing for a while--> armed --wake()--> looking
//                        ^  |
//                        +--+ setImmediate: other events get their turn between two looks
//
// A wake-up costs tens of microseconds and a cached read costs one, so the loop keeps looking for
// LINGER_US after the last completion while something is in flight, unless workers need its processor.
// Where lingering keeps being in vain (a slow disk), it is tried only now and then.

import { turn } from "./ticks.ts";
import type { Turns, Waking } from "./turns.ts";
import {
  clearInterval,
  clockMs,
  setImmediate,
  setInterval,
} from "../util/node-timers.ts";

export interface Host extends Waking {
  /** Delivers what is done, within the budget; returns how many. */
  reap(): number;
  /** Workers keep all processors busy: one that looks takes one from them. */
  crowded(): boolean;
}

export const LINGER_US = 50;
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
    // What was told may have queued something at once (an undo): the next look is on its way, and a
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

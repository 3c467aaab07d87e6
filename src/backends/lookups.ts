// Where several paths are looked up at once, threads do it beside each other; a single one is done by the loop itself before
// a thread has woken. This counts those under way and says which it is; it knows no lane, and no op.
import { clockMs } from "../util/node-timers.ts";
import { cores } from "./thread-limits.ts";

/** After several at once so many single ones go to the threads still: two that end together are not two single ones. */
const STILL_SEVERAL = 2;
/** One under way for so long hangs, or waits for a disk: that others are under way beside it says nothing. */
const LONG_MS = 5;
/** Lookups between two looks at the clock. */
const CLOCK_EVERY = 8;
/** Lookups between two looks at what threads do, which is in memory that they write to. */
const THREADS_EVERY = 8;

export interface OtherThreads {
  /** Whether what is handed to them now begins soon. */
  beginsSoon(): boolean;
}

export class Lookups {
  readonly #threads: OtherThreads | null;
  readonly #now: () => number;
  /** By slot: the period in which it was handed over; 0 when it is none of these. */
  readonly #periodOf: Uint32Array;
  #period = 1;
  #periodEndsAt = 0;
  #untilClock = 0;
  /** Under way, of this period and of the one before. */
  #recent = 0;
  #before = 0;
  /** How many single ones are still taken for several. */
  #stillSeveral = 0;
  /** For how many more the threads are still taken to get on. */
  #stillSoon = 0;

  constructor(
    slots: number,
    threads: OtherThreads | null,
    processors = cores,
    now = clockMs,
  ) {
    this.#periodOf = new Uint32Array(slots);
    // A single processor does nothing beside the loop.
    this.#threads = threads !== null && processors() > 1 ? threads : null;
    this.#now = now;
  }

  /** One more is handed over: true, when it is for the threads. */
  begin(slot: number): boolean {
    const threads = this.#threads;
    if (threads === null) return false;
    this.#periodOf[slot] = this.#period;
    if (++this.#recent + this.#before > 1) this.#age();
    if (this.#recent + this.#before > 1) this.#stillSeveral = STILL_SEVERAL;
    else if (this.#stillSeveral === 0) return false;
    else this.#stillSeveral--;
    if (this.#stillSoon > 0) this.#stillSoon--;
    else if (threads.beginsSoon()) this.#stillSoon = THREADS_EVERY - 1;
    else return false;
    return true;
  }

  end(slot: number): void {
    const period = this.#periodOf[slot]!;
    if (period === 0) return;
    this.#periodOf[slot] = 0;
    if (period === this.#period) this.#recent--;
    else if (period === this.#period - 1) this.#before--;
  }

  #age(): void {
    if (--this.#untilClock > 0) return;
    this.#untilClock = CLOCK_EVERY;
    const now = this.#now();
    if (now < this.#periodEndsAt) return;
    this.#period++;
    this.#before = this.#recent;
    this.#recent = 0;
    this.#periodEndsAt = now + LONG_MS;
  }
}

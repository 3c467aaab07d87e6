// What a worker does without work: it looks for some for a while, sleeps, and in the end leaves.
// It knows the counters that the loop's side reads, not what work is done with.
import { Control, Status } from "../src/request/layout.ts";
import type { Ring } from "../src/request/ring.ts";
import { clockMs } from "../src/util/node-timers.ts";

/** Fruitless lingerings in a row after which a worker lingers only now and then. */
const MISSES_MAX = 8;
const RETRY_EVERY = 16;
/** Looks at the rings between two looks at the clock. */
const LOOKS = 32;

export class Idle {
  readonly #control: Int32Array;
  readonly #rings: Ring[];
  readonly #status: number;
  #misses = 0;
  #waits = 0;

  /** `status` is the word in which this worker says what it is at. */
  constructor(control: Int32Array, rings: Ring[], status: number) {
    this.#control = control;
    this.#rings = rings;
    this.#status = status;
    Atomics.store(control, status, Status.working);
  }

  /** True: there may be work. False: this worker has left. */
  wait(): boolean {
    return this.#linger() || this.#sleep();
  }

  /** Leaves, unless that many workers (a word of the control area) have to stay. */
  leave(floor?: number): boolean {
    const control = this.#control;
    for (;;) {
      const threads = Atomics.load(control, Control.threads);
      if (floor !== undefined && threads <= Atomics.load(control, floor))
        return false;
      const was = Atomics.compareExchange(
        control,
        Control.threads,
        threads,
        threads - 1,
      );
      if (was === threads) return true;
    }
  }

  #work(): boolean {
    for (let i = 0; i < this.#rings.length; i++)
      if (this.#rings[i]!.length !== 0) return true;
    return false;
  }

  #sleep(): boolean {
    const control = this.#control;
    // The order matters: first the bell's number, then the count, then a last look. Whoever rings
    // after that look finds a sleeper, or finds that the number is not the one waited on.
    const bell = Atomics.load(control, Control.doorbell);
    const others = Atomics.add(control, Control.sleepers, 1);
    Atomics.store(control, this.#status, Status.sleeping);
    const closing = Atomics.load(control, Control.closing) !== 0;
    const woken =
      closing || this.#work() || this.#tooMany()
        ? "not-equal"
        : Atomics.wait(control, Control.doorbell, bell, this.#timeout(others));
    Atomics.store(control, this.#status, Status.working);
    // Whoever rings takes the woken off the count of sleepers.
    if (woken === "ok") return true;
    const sleepers = Atomics.sub(control, Control.sleepers, 1);
    if (closing) return !this.leave();
    if (woken !== "timed-out") return true;
    if (sleepers <= Atomics.load(control, Control.idleMax)) return true;
    return !this.leave(Control.threadsMin);
  }

  /** The limit was lowered: the bell for it may have rung before this worker began to listen. */
  #tooMany(): boolean {
    return (
      Atomics.load(this.#control, Control.threads) >
      Atomics.load(this.#control, Control.threadsMax)
    );
  }

  /** Who may stay sleeps until the bell rings; it rings for a change of the limits, too. */
  #timeout(othersAsleep: number): number {
    const control = this.#control;
    const stays =
      othersAsleep < Atomics.load(control, Control.idleMax) ||
      Atomics.load(control, Control.threads) <=
        Atomics.load(control, Control.threadsMin);
    return stays ? Infinity : Atomics.load(control, Control.idleTimeoutMs);
  }

  #linger(): boolean {
    const control = this.#control;
    const us = Atomics.load(control, Control.lingerUs);
    if (us === 0) return false;
    if (this.#misses >= MISSES_MAX && ++this.#waits % RETRY_EVERY !== 0)
      return false;
    const others = Atomics.add(control, Control.spinners, 1);
    let found = false;
    if (others < Atomics.load(control, Control.spinnersMax)) {
      Atomics.store(control, this.#status, Status.lingering);
      const end = clockMs() + us / 1000;
      do {
        for (let i = 0; i < LOOKS && !found; i++) found = this.#work();
      } while (!found && clockMs() < end);
      Atomics.store(control, this.#status, Status.working);
      this.#misses = found ? 0 : this.#misses + 1;
    }
    Atomics.sub(control, Control.spinners, 1);
    return found;
  }
}

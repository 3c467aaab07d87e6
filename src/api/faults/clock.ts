// The clock of a plan of faults: it moves when a test moves it, or with the real one. It does not know what waits for it.
import { inspect } from "node:util";
import { misuseError } from "../../util/errors.ts";
import { clockMs, setTimeout } from "../../util/node-timers.ts";

/** The clock of a plan, by which delayed requests start. A virtual clock stands still until the test moves it. */
export class PlanClock {
  readonly #real: boolean;
  readonly #advanced: () => void;
  #nowMs = 0;

  /** @internal */
  constructor(real: boolean, advanced: () => void) {
    this.#real = real;
    this.#advanced = advanced;
  }

  /** The current time in milliseconds; a virtual clock starts at 0. */
  get nowMs(): number {
    return this.#real ? clockMs() : this.#nowMs;
  }

  /** Moves a virtual clock forward: requests that are due start, the earliest first. */
  advance(ms: number): void {
    if (typeof ms !== "number" || !(ms >= 0) || this.#real)
      throw misuseError(
        "ERR_EIO_INVALID_OPTION",
        "ms",
        "a number of milliseconds, and the clock virtual",
        inspect(ms),
      );
    this.#nowMs += ms;
    this.#advanced();
  }

  /** @internal A real clock rings then. */
  awaits(atMs: number): void {
    // A timer may ring a little early, by its own clock.
    if (this.#real)
      setTimeout(this.#advanced, Math.ceil(atMs - this.nowMs) + 1);
  }
}

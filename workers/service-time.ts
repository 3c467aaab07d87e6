// How long a request takes here, as a moving mean that the loop's side reads to decide whether one
// more worker is worth waking. Fast requests are timed now and then, slow ones each time.
import { Control } from "../src/request/layout.ts";

const SAMPLE_EVERY = 16;
/** From here on the two looks at the clock cost nothing beside the request. */
const SLOW_NS = 20_000;
/** The weight of a new sample: 1 in 4. */
const SHIFT = 2;

export class ServiceTime {
  readonly #control: Int32Array;
  #taken = 0;
  #meanNs = 0;

  constructor(control: Int32Array) {
    this.#control = control;
  }

  /** Before a request: when it began, or 0 when this one is not timed. */
  begin(): number {
    return ++this.#taken % SAMPLE_EVERY === 1 || this.#meanNs > SLOW_NS
      ? performance.now()
      : 0;
  }

  /** After it, with what begin() answered. */
  end(beganMs: number): void {
    if (beganMs === 0) return;
    const tookNs = Math.min((performance.now() - beganMs) * 1e6, 0x3fffffff);
    this.#meanNs =
      this.#meanNs === 0
        ? tookNs
        : this.#meanNs + (tookNs - this.#meanNs) / (1 << SHIFT);
    Atomics.store(this.#control, Control.serviceNs, Math.round(this.#meanNs));
  }
}

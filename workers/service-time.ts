// How long a request takes here, and how many of them sleep in the kernel, as moving means that the
// loop's side reads to decide whether one more worker is worth waking. Fast requests are timed now
// and then, slow ones each time.
import fs from "node:fs";
import { Control } from "../src/request/layout.ts";
import { clockMs } from "../src/util/node-timers.ts";

const SAMPLE_EVERY = 16;
/** From here on the two looks at the clock cost nothing beside the request. */
const SLOW_NS = 20_000;
/** A look at the system's count costs 10 to 20 us: of requests that take this long, each eighth. */
const WORTH_LOOKING_NS = 50_000;
const LOOK_EVERY = 8;
const PER_MILLE = 1000;
/** The weight of a new sample: 1 in 4. */
const SHIFT = 2;

export class ServiceTime {
  readonly #control: Int32Array;
  #taken = 0;
  #meanNs = 0;
  #sleeping = 0;
  /** What sleeps() said when the request began; -1: it was not called. */
  #slept = -1;

  constructor(control: Int32Array) {
    this.#control = control;
  }

  /** Before a request: when it began, or 0 when this one is not timed. */
  begin(timed: boolean): number {
    const turn = ++this.#taken;
    const looks = this.#meanNs > WORTH_LOOKING_NS && turn % LOOK_EVERY === 0;
    this.#slept = looks ? sleeps() : -1;
    return timed || this.#meanNs > SLOW_NS || turn % SAMPLE_EVERY === 1
      ? clockMs()
      : 0;
  }

  /** After it, with what begin() returned. */
  end(beganMs: number): void {
    if (beganMs === 0) return;
    const tookNs = Math.min((clockMs() - beganMs) * 1e6, 0x3fffffff);
    if (this.#slept !== -1) {
      const slept = sleeps() > this.#slept ? PER_MILLE : 0;
      this.#sleeping += (slept - this.#sleeping) / (1 << SHIFT);
      Atomics.store(this.#control, Control.sleeping, this.#sleeping);
    }
    this.#meanNs =
      this.#meanNs === 0
        ? tookNs
        : this.#meanNs + (tookNs - this.#meanNs) / (1 << SHIFT);
    Atomics.store(this.#control, Control.serviceNs, Math.round(this.#meanNs));
  }
}

const SLEEPS = "\nvoluntary_ctxt_switches:";

/** How often this thread has waited for something, as Linux counts it; -1 where nothing does. */
function sleeps(): number {
  try {
    const text = fs.readFileSync("/proc/thread-self/status", "latin1");
    const at = text.indexOf(SLEEPS);
    return at === -1 ? -1 : parseInt(text.slice(at + SLEEPS.length), 10);
  } catch {
    return -1;
  }
}

// How late the event loop is, between one look and the next. It does not know who looks.
import { monitorEventLoopDelay } from "node:perf_hooks";

const NS_PER_MS = 1e6;
const RESOLUTION_MS = 10;

/** Milliseconds. */
export interface Delay {
  p50: number;
  p99: number;
  max: number;
}

export class LoopDelay {
  readonly #loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#loop.enable();
  }

  /** Since it was last read. */
  take(): Delay {
    const loop = this.#loop;
    // What is recorded is the time between two looks; what is more than the interval is the delay.
    const late = (ns: number): number =>
      loop.count === 0 ? 0 : Math.max(0, ns / NS_PER_MS - RESOLUTION_MS);
    const delay = {
      p50: late(loop.percentile(50)),
      p99: late(loop.percentile(99)),
      max: late(loop.max),
    };
    loop.reset();
    return delay;
  }

  stop(): void {
    this.#loop.disable();
  }
}

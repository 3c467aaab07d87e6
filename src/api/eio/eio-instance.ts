// The instance behind a door: the one that it was made with, or, from init() on, one of its own that
// delivers only when it is polled. It knows instances, not what they are used for.
import { Instance } from "../instance/instance.ts";
import type { EioOptions } from "../instance/options.ts";
import { clearInterval, setInterval } from "../../util/node-timers.ts";

/** How often what nobody polls any more is polled, until it is done. */
const PUMP_MS = 5;

type Edge = () => void;

export class EioInstance {
  readonly #shared: () => Instance;
  readonly #options: EioOptions;
  #own: Instance | null = null;
  #leaving: Promise<void>[] = [];

  constructor(shared: () => Instance, options: EioOptions) {
    this.#shared = shared;
    this.#options = options;
  }

  get instance(): Instance {
    return this.#own ?? this.#shared();
  }

  /** From now on one of its own, with libeio's defaults. */
  manual(wantPoll: Edge, donePoll: Edge): void {
    this.#leave();
    const defaults = { maxPollReqs: 0, maxPollTimeMs: 0, maxIdle: 4 };
    const polled = { poll: "manual", wantPoll, donePoll } as const;
    this.#own = new Instance({ ...defaults, ...this.#options, ...polled });
  }

  /** What it still runs comes to its end without an audience. */
  #leave(): void {
    if (this.#own !== null) this.#leaving.push(pumped(this.#own));
    this.#own = null;
  }

  async close(): Promise<void> {
    this.#leave();
    const leaving = this.#leaving;
    this.#leaving = [];
    await Promise.all(leaving);
  }
}

async function pumped(instance: Instance): Promise<void> {
  const closing = instance.close();
  const { engine } = instance;
  const timer = setInterval(() => void engine.poll(), PUMP_MS).unref();
  try {
    engine.poll();
    await closing;
  } finally {
    clearInterval(timer);
  }
}

// How long close() waits: until everything that was submitted is settled, and then a while for what
// was given up and still runs. A system call that hangs is not waited for; should it return after
// all, what it held is let go then.
import { clearTimeout, setTimeout } from "../util/node-timers.ts";

/** A file system that is only slow has answered by then. */
const ORPHANS_MS = 500;

export interface Unfinished {
  /** Nothing waits, is in flight or is to be told. */
  idle(): boolean;
  /** Requests that are to settle and were not given up. */
  readonly wantedCount: number;
  /** Called once, when it is idle. */
  letGo(): Promise<void>;
}

export class Shutdown {
  readonly #unfinished: Unfinished;
  readonly #update: () => void;
  /** Neither idle nor given up. */
  waiting = true;
  #idle: () => void = () => {};
  #giveUp: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  /** `update`: whether the process is kept alive may have changed. */
  constructor(unfinished: Unfinished, update: () => void) {
    this.#unfinished = unfinished;
    this.#update = update;
  }

  async end(): Promise<void> {
    const idle = new Promise<void>((resolve) => (this.#idle = resolve));
    const givenUp = new Promise<void>((resolve) => (this.#giveUp = resolve));
    this.#update();
    this.check();
    await Promise.race([idle.then(() => this.#unfinished.letGo()), givenUp]);
  }

  /** Something ended. */
  check(): void {
    if (this.#unfinished.idle()) {
      clearTimeout(this.#timer);
      this.waiting = false;
      this.#idle();
    } else if (this.#unfinished.wantedCount === 0)
      this.#timer ??= setTimeout(() => {
        this.waiting = false;
        this.#giveUp();
        this.#update();
      }, ORPHANS_MS);
  }
}

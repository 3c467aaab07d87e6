// The end of an instance, and that of the process. It knows that requests complete, not who runs them.
//
// close() waits until everything that was submitted is settled, and then a while for what was given up and still
// runs: a system call that hangs is not waited for; should it return after all, what it held is let go then.
// What was submitted before the process exits is carried out, as Node's own pool does it: begun, and waited for
// within a limit, on the thread that exits.
import { withoutOwnFrames, withRoom } from "../util/own-frames.ts";
import { clearTimeout, clockMs, setTimeout } from "../util/node-timers.ts";

/** Nothing that was given up ended for so long: a file system that is merely slow does better. */
const ORPHANS_MS = 500;

/** For errors of what comes later: its stack is that of whoever closes. */
export const closedHere = (): Error =>
  withoutOwnFrames(withRoom(() => new Error("close() was called here")));

export interface Unfinished {
  /** Nothing waits, is in flight or is to be delivered. */
  idle(): boolean;
  /** Requests that are to settle and were not given up. */
  readonly wantedCount: number;
  /** These, and those that were given up and have not ended. */
  readonly leftCount: number;
  /** Called once, when it is idle. */
  letGo(): Promise<void>;
  /** Or, once, when what is left was given up, and nobody waits for it any longer. */
  giveUp(): void;
}

export class Shutdown {
  readonly #unfinished: Unfinished;
  /** Neither idle nor given up. */
  waiting = true;
  #idle: () => void = () => {};
  #giveUp: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  /** When the timer was started. */
  #left = Infinity;

  constructor(unfinished: Unfinished) {
    this.#unfinished = unfinished;
  }

  async end(): Promise<void> {
    const idle = new Promise<void>((resolve) => (this.#idle = resolve));
    const givenUp = new Promise<void>((resolve) => (this.#giveUp = resolve));
    this.check();
    await Promise.race([idle.then(() => this.#unfinished.letGo()), givenUp]);
  }

  /** Something may have ended. */
  check(): void {
    if (this.#unfinished.idle()) {
      clearTimeout(this.#timer);
      this.waiting = false;
      this.#idle();
    } else if (this.#unfinished.wantedCount === 0) {
      const { leftCount } = this.#unfinished;
      if (leftCount >= this.#left) return;
      // As long as some of them end the rest is slow, and does not hang.
      clearTimeout(this.#timer);
      this.#left = leftCount;
      this.#timer = setTimeout(() => this.#stopWaiting(), ORPHANS_MS);
    }
  }

  #stopWaiting(): void {
    this.waiting = false;
    this.#giveUp();
    this.#unfinished.giveUp();
  }
}

/** Nothing completed for so long: what is left hangs, and the exit does not. */
const STILL_MS = 1000;
const STEP_MS = 1;

export interface Unsettled {
  /** Hands over what there is room for, and takes what is done without notifying anybody; returns how many were. */
  advance(): number;
  /** Not done, and not given up by who waited for it. */
  left(): boolean;
}

const never = new Int32Array(new SharedArrayBuffer(4));

export function carryOut(requests: Unsettled): void {
  let sinceMs = clockMs();
  for (;;) {
    if (requests.advance() !== 0) sinceMs = clockMs();
    if (!requests.left() || clockMs() - sinceMs >= STILL_MS) return;
    Atomics.wait(never, 0, 0, STEP_MS);
  }
}

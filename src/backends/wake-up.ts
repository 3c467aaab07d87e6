// How workers wake the loop: on the first completion after the loop went to sleep, and only then. It
// knows two words of shared memory; it does not know what completes.
//
//   loop: armed -> still nothing pending? -> asleep       worker: completion on its ring,
//   wake() once                                                   armed? -> awake, ring
import { Control, MainState } from "../request/layout.ts";
import { setImmediate } from "../util/node-timers.ts";

export class WakeUp {
  readonly #control: Int32Array;
  readonly #wake: () => void;
  #waiting = false;
  #closed = false;

  constructor(control: Int32Array, wake: () => void) {
    this.#control = control;
    this.#wake = wake;
  }

  /** False when something is pending already: a worker that saw nobody armed did not ring for it. */
  arm(pending: () => number): boolean {
    Atomics.store(this.#control, Control.mainState, MainState.armed);
    if (pending() !== 0) {
      this.disarm();
      return false;
    }
    if (!this.#waiting) this.#wait();
    return true;
  }

  disarm(): void {
    Atomics.store(this.#control, Control.mainState, MainState.awake);
  }

  /** A wait that nobody ends is kept for good, and all that it reaches with it. */
  close(): void {
    this.#closed = true;
    Atomics.add(this.#control, Control.mainBell, 1);
    Atomics.notify(this.#control, Control.mainBell);
  }

  /** By the loop itself: inside a promise's job no others can run, those of callbacks neither. */
  readonly #ring = (): void => {
    if (!this.#closed) this.#wake();
  };

  #wait(): void {
    if (this.#closed) return;
    const control = this.#control;
    const bell = Atomics.load(control, Control.mainBell);
    if (Atomics.load(control, Control.mainState) === MainState.awake)
      return void setImmediate(this.#ring);
    const waiting = Atomics.waitAsync(control, Control.mainBell, bell);
    if (!waiting.async) return void setImmediate(this.#ring);
    this.#waiting = true;
    void waiting.value.then(() => {
      this.#waiting = false;
      setImmediate(this.#ring);
    });
  }
}

// What is left to do when the process exits, by those who have something to do then and may be collected otherwise. It does not
// know what they do.
import process from "node:process"; // A program may put another in the place of the global one.

export class AtExit<One> {
  readonly #waiting = new Set<One>();
  readonly #leave: (waiting: Iterable<One>) => void;
  #listens = false;

  /** `leave` is called with all of them, on the thread that exits. */
  constructor(leave: (waiting: Iterable<One>) => void) {
    this.#leave = leave;
  }

  /** Listens from the first one on. */
  add(one: One): void {
    this.#waiting.add(one);
    if (this.#listens) return;
    this.#listens = true;
    process.on("exit", () => this.#leave(this.#waiting));
  }

  delete(one: One): void {
    this.#waiting.delete(one);
  }
}

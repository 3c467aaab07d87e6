// A backend that completes everything with 0: what is left is this library's own overhead. It does not know any op.
import { Slot, SLOT_WORDS } from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import type { Backend, Completions, Counts, QueueStatus } from "./backend.ts";
import { setImmediate } from "../util/node-timers.ts";

export class NullBackend implements Backend {
  readonly name = "null";
  readonly direct = null;
  readonly #words: Int32Array;
  readonly #completions: Completions;
  #queued: number[] = [];
  readonly #wake: () => void;

  constructor(memory: Memory, completions: Completions, wake: () => void) {
    this.#words = memory.words;
    this.#completions = completions;
    this.#wake = wake;
  }

  supports(): boolean {
    return true;
  }

  queue(slot: number): QueueStatus {
    this.#queued.push(slot);
    return "queued";
  }

  flush(): void {}

  reap(): number {
    let count = 0;
    const queued = this.#queued;
    // A completion may queue more: those are for the next look.
    this.#queued = [];
    while (count < queued.length) {
      const slot = queued[count++]!;
      this.#words[slot * SLOT_WORDS + Slot.outBytes] = 0;
      if (!this.#completions.complete(slot, 0)) break;
    }
    if (count < queued.length)
      this.#queued = queued.slice(count).concat(this.#queued);
    return count;
  }

  arm(): boolean {
    if (this.#queued.length === 0) return true;
    setImmediate(this.#wake);
    return false;
  }

  disarm(): void {}

  /** Everything is done already, and nothing touches data. */
  cancel(): boolean {
    return true;
  }

  counts(): Counts {
    return { threads: 0, ready: 0, pending: this.#queued.length };
  }

  async close(): Promise<void> {
    // Nothing is ever running.
  }
}

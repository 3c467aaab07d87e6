// The slots that are free, as a stack: the slot used last has its block in the processor's cache.
// A generation word counts the uses of a slot, so that something late (a message of a worker, a
// cancel) is recognised as meant for an earlier use.
import { SLOT_WORDS, Slot, State } from "./layout.ts";
import type { Memory } from "./memory.ts";

export class Slots {
  readonly #words: Int32Array;
  readonly #free: Int32Array;
  #freeCount: number;

  constructor(memory: Memory) {
    const { slots } = memory.sizes;
    this.#words = memory.words;
    this.#free = new Int32Array(slots);
    this.#freeCount = slots;
    for (let i = 0; i < slots; i++) this.#free[i] = slots - 1 - i;
  }

  get freeCount(): number {
    return this.#freeCount;
  }

  /** A free slot, or -1. */
  take(): number {
    return this.#freeCount === 0 ? -1 : this.#free[--this.#freeCount]!;
  }

  release(slot: number): void {
    const base = slot * SLOT_WORDS;
    this.#words[base + Slot.generation]!++;
    this.#words[base + Slot.state] = State.free;
    this.#free[this.#freeCount++] = slot;
  }

  generation(slot: number): number {
    return this.#words[slot * SLOT_WORDS + Slot.generation]!;
  }
}

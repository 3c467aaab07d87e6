// The loop's side of the submission rings: slots go on the ring of their priority, workers take
// them off. It knows which slots are queued, not who takes them.
import {
  Control,
  RINGS,
  SLOT_WORDS,
  Slot,
  State,
  submissionRing,
} from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import { Ring } from "../request/ring.ts";

/** Queued with the usual priority and not yet begun, at most: what waits can still be overtaken. */
export const READY_MAX = 256;
/** The same of each other priority: all together leave slots for whatever comes. */
const READY_OTHERS_MAX = 64;
/** The level of priority 0. */
const LEVEL_0 = 4;

export class Submissions {
  readonly #control: Int32Array;
  readonly #words: Int32Array;
  readonly #rings: Ring[] = [];
  /** Those that something was ever put on, mostly one: they are looked at for each request. */
  readonly #used: Ring[] = [];
  readonly #readyMax: number;

  /** `control` is the control area of those who take: the portable workers or the native threads. */
  constructor(
    control: Int32Array,
    { words, sizes }: Memory,
    readyMax = READY_MAX,
  ) {
    this.#readyMax = readyMax;
    this.#control = control;
    this.#words = words;
    for (let i = 0; i < RINGS; i++)
      this.#rings.push(
        new Ring(control, submissionRing(sizes, i), sizes.slots),
      );
  }

  /** False: there is no room now. */
  push(slot: number): boolean {
    const base = slot * SLOT_WORDS;
    const level = this.#words[base + Slot.level]!;
    const ring = this.#rings[RINGS - 1 - level]!;
    const max =
      level === LEVEL_0
        ? this.#readyMax
        : Math.min(this.#readyMax, READY_OTHERS_MAX);
    if (!ring.hasFewerThan(max)) return false;
    // Whoever takes the slot off the ring sees what was written before it was put there.
    this.#words[base + Slot.state] = State.queued;
    ring.push(slot);
    if (!this.#used.includes(ring)) this.#used.push(ring);
    return true;
  }

  /**
   * True: it will not run. Whoever takes a cancelled slot off its ring completes it unrun. To give
   * it back at once would leave its entry behind, in the way of others and, once the slot is
   * reused, twice on the rings.
   */
  cancel(slot: number): boolean {
    const base = slot * SLOT_WORDS;
    Atomics.store(this.#words, base + Slot.cancelled, 1);
    const state = base + Slot.state;
    const { queued, cancelled } = State;
    const was = Atomics.compareExchange(this.#words, state, queued, cancelled);
    if (was === queued) Atomics.add(this.#control, Control.cancelled, 1);
    return was === queued;
  }

  /** Entries on the rings, cancelled ones included. */
  get length(): number {
    let sum = 0;
    for (const ring of this.#used) sum += ring.length;
    return sum;
  }

  /** Requests that wait for a worker. */
  get ready(): number {
    const cancelled = Atomics.load(this.#control, Control.cancelled);
    return Math.max(0, this.length - cancelled);
  }

  /** A count that changes whenever something is taken. */
  get taken(): number {
    let sum = 0;
    for (const ring of this.#used) sum = (sum + ring.taken) | 0;
    return sum;
  }

  /** While there is no worker: takes off the cancelled, or all that there is. */
  sweep(all: boolean, each: (slot: number) => void): void {
    for (const ring of this.#used)
      for (let slot = ring.peek(); slot !== -1; slot = ring.peek()) {
        const cancelled =
          Atomics.load(this.#words, slot * SLOT_WORDS + Slot.state) ===
          State.cancelled;
        if (!all && !cancelled) break;
        ring.take();
        if (cancelled) Atomics.sub(this.#control, Control.cancelled, 1);
        each(slot);
      }
  }
}

// Rings of slot numbers in shared memory. A submission ring has one producer (the loop) and many
// consumers; a completion ring one producer (a worker) and one consumer (the loop).
//
//       head ->  taken by a compare-and-swap (submission) or by the one reader (completion)
//     [ . . 7 3 9 . . ]      entries, as many as there are slots (a power of two)
//       tail ->  written by the one producer
//
// An entry is only a hint that a slot wants work: the right to run it is won on the slot's state
// word (see State), so a stale entry of a cancelled and reused slot does no harm.
import { HEAD, RING_HEADER, TAIL } from "./layout.ts";

const U32 = 0xffffffff;

export class Ring {
  readonly #words: Int32Array;
  readonly #head: number;
  readonly #tail: number;
  readonly #entries: number;
  readonly #mask: number;
  /** Where the head was when the producer last looked: the line is the consumers', and costs more than the rest of a push. */
  #headSeen: number;

  constructor(words: Int32Array, base: number, slots: number) {
    if ((slots & (slots - 1)) !== 0)
      throw new RangeError("A ring has a power of two of entries");
    this.#words = words;
    this.#head = base + HEAD;
    this.#tail = base + TAIL;
    this.#entries = base + RING_HEADER;
    this.#mask = slots - 1;
    this.#headSeen = words[this.#head]!;
  }

  get length(): number {
    return (
      (Atomics.load(this.#words, this.#tail) -
        Atomics.load(this.#words, this.#head)) |
      0
    );
  }

  get capacity(): number {
    return this.#mask + 1;
  }

  /** How many were ever taken, modulo 2^32: shows whether a ring moves. */
  get taken(): number {
    return Atomics.load(this.#words, this.#head);
  }

  /** For the one producer: whether fewer than that are on it. */
  hasFewerThan(max: number): boolean {
    const tail = this.#words[this.#tail]!;
    if (((tail - this.#headSeen) | 0) < max) return true;
    this.#headSeen = Atomics.load(this.#words, this.#head);
    return ((tail - this.#headSeen) | 0) < max;
  }

  /** For the one producer. The caller knows that there is room. */
  push(slot: number): void {
    const tail = this.#words[this.#tail]!;
    this.#words[this.#entries + (tail & this.#mask)] = slot;
    Atomics.store(this.#words, this.#tail, (tail + 1) | 0);
  }

  /** What take() would return now. */
  peek(): number {
    const head = Atomics.load(this.#words, this.#head);
    if (head === Atomics.load(this.#words, this.#tail)) return -1;
    return Atomics.load(this.#words, this.#entries + (head & this.#mask));
  }

  /** For many consumers; -1 when there is none. */
  take(): number {
    const words = this.#words;
    for (;;) {
      const head = Atomics.load(words, this.#head);
      if (head === Atomics.load(words, this.#tail)) return -1;
      const slot = Atomics.load(words, this.#entries + (head & this.#mask));
      if (
        Atomics.compareExchange(words, this.#head, head, (head + 1) | 0) ===
        head
      )
        return slot;
    }
  }

  /** For the one consumer; -1 when there is none. */
  shift(): number {
    const words = this.#words;
    const head = words[this.#head]!;
    if (head === Atomics.load(words, this.#tail)) return -1;
    const slot = words[this.#entries + (head & this.#mask)]!;
    Atomics.store(words, this.#head, (head + 1) | 0);
    return slot;
  }
}

/**
 * A ring with several producers in native code and one consumer. A producer takes a place first and fills
 * it then (with the slot's number + 1), so the consumer reads up to the first empty place.
 */
export class PublishedRing {
  readonly #words: Int32Array;
  readonly #head: number;
  readonly #tail: number;
  readonly #entries: number;
  readonly #mask: number;

  constructor(words: Int32Array, base: number, slots: number) {
    this.#words = words;
    this.#head = base + HEAD;
    this.#tail = base + TAIL;
    this.#entries = base + RING_HEADER;
    this.#mask = slots - 1;
  }

  /** Places taken, filled or not. */
  get length(): number {
    return (this.published - this.#words[this.#head]!) | 0;
  }

  /** How many places were ever taken, modulo 2^32: shows whether somebody gets on. */
  get published(): number {
    return Atomics.load(this.#words, this.#tail);
  }

  /** -1 when there is none. */
  shift(): number {
    const words = this.#words;
    const head = words[this.#head]!;
    const at = this.#entries + (head & this.#mask);
    const entry = Atomics.load(words, at);
    if (entry === 0) return -1;
    words[at] = 0;
    // Nobody else looks at it: there is a place for every slot.
    words[this.#head] = (head + 1) | 0;
    return entry - 1;
  }
}

/** The difference of two ring positions. */
export const distance = (from: number, to: number): number =>
  ((to - from) & U32) >>> 0;

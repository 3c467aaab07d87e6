// The arena: memory for data that does not fit a slot's block, by the buddy method, in powers of
// two between ARENA_MIN_BYTES and ARENA_MAX_BYTES by default. It knows offsets, not who uses them.
//
// Free chunks of an order are kept as a stack, so that the chunk used last, which is still in the
// processor's cache, is used next.
import { ARENA_MAX_BYTES, ARENA_MIN_BYTES } from "./layout.ts";

const USED = -1;

export class Arena {
  readonly #start: number;
  readonly #minShift: number;
  readonly #orders: number;
  /** Per smallest chunk: the order of the free chunk that begins here, or USED. */
  readonly #orderAt: Int8Array;
  /** Per smallest chunk: the order of the used chunk that begins here. */
  readonly #usedOrder: Int8Array;
  /** Per order: numbers of free chunks; stale ones are skipped (see #orderAt). */
  readonly #free: number[][];
  #usedBytes = 0;

  /** Chunks of `minBytes` to `maxBytes`, both powers of two. */
  constructor(
    start: number,
    bytes: number,
    minBytes = ARENA_MIN_BYTES,
    maxBytes = ARENA_MAX_BYTES,
  ) {
    this.#start = start;
    this.#minShift = Math.log2(minBytes);
    this.#orders = Math.log2(maxBytes) - this.#minShift + 1;
    const chunks = bytes >>> this.#minShift;
    this.#orderAt = new Int8Array(chunks).fill(USED);
    this.#usedOrder = new Int8Array(chunks).fill(USED);
    this.#free = Array.from({ length: this.#orders }, () => []);
    const top = this.#orders - 1;
    for (let chunk = chunks - (1 << top); chunk >= 0; chunk -= 1 << top)
      this.#put(chunk, top);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The offset of a chunk of at least `bytes`, or -1 when there is none now. */
  take(bytes: number): number {
    const order = this.#orderOf(bytes);
    let from = order;
    let chunk = -1;
    for (; from < this.#orders; from++) {
      chunk = this.#pop(from);
      if (chunk !== -1) break;
    }
    if (chunk === -1) return -1;
    for (; from > order; from--) this.#put(chunk + (1 << (from - 1)), from - 1);
    this.#usedOrder[chunk] = order;
    this.#usedBytes += 1 << (order + this.#minShift);
    // A product, for a shift ends at 2 GiB.
    return this.#start + chunk * 2 ** this.#minShift;
  }

  release(offset: number): void {
    let chunk = (offset - this.#start) >>> this.#minShift;
    let order = this.#usedOrder[chunk]!;
    if (order === USED)
      throw new Error("A chunk of the arena was released twice");
    this.#usedOrder[chunk] = USED;
    this.#usedBytes -= 1 << (order + this.#minShift);
    for (; order < this.#orders - 1; order++) {
      const buddy = chunk ^ (1 << order);
      if (this.#orderAt[buddy] !== order) break;
      this.#orderAt[buddy] = USED;
      chunk &= ~(1 << order);
    }
    this.#put(chunk, order);
  }

  #put(chunk: number, order: number): void {
    this.#orderAt[chunk] = order;
    this.#free[order]!.push(chunk);
  }

  #pop(order: number): number {
    const free = this.#free[order]!;
    for (let chunk = free.pop(); chunk !== undefined; chunk = free.pop()) {
      if (this.#orderAt[chunk] !== order) continue;
      this.#orderAt[chunk] = USED;
      return chunk;
    }
    return -1;
  }

  #orderOf(bytes: number): number {
    const order = bytes <= 1 ? 0 : 32 - Math.clz32(bytes - 1) - this.#minShift;
    if (order >= this.#orders)
      throw new RangeError(`The arena has no chunk of ${bytes} bytes`);
    return Math.max(order, 0);
  }
}

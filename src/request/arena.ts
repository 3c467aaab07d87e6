// The arena: memory for data that does not fit a slot's block, by the buddy method, in powers of
// two between ARENA_MIN_BYTES and ARENA_MAX_BYTES. It knows offsets, not who uses them.
//
// Free chunks of an order are kept as a stack, so that the chunk used last, which is still in the
// processor's cache, is used next.
import { ARENA_MAX_BYTES, ARENA_MIN_BYTES } from "./layout.ts";

const MIN_SHIFT = Math.log2(ARENA_MIN_BYTES);
const ORDERS = Math.log2(ARENA_MAX_BYTES) - MIN_SHIFT + 1;
const USED = -1;

export class Arena {
  readonly #start: number;
  /** Per smallest chunk: the order of the free chunk that begins here, or USED. */
  readonly #orderAt: Int8Array;
  /** Per smallest chunk: the order of the used chunk that begins here. */
  readonly #usedOrder: Int8Array;
  /** Per order: numbers of free chunks; stale ones are skipped (see #orderAt). */
  readonly #free: number[][];
  #usedBytes = 0;

  constructor(start: number, bytes: number) {
    this.#start = start;
    const chunks = bytes >>> MIN_SHIFT;
    this.#orderAt = new Int8Array(chunks).fill(USED);
    this.#usedOrder = new Int8Array(chunks).fill(USED);
    this.#free = Array.from({ length: ORDERS }, () => []);
    const top = ORDERS - 1;
    for (let chunk = chunks - (1 << top); chunk >= 0; chunk -= 1 << top)
      this.#put(chunk, top);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The offset of a chunk of at least `bytes`, or -1 when there is none now. */
  take(bytes: number): number {
    const order = orderOf(bytes);
    let from = order;
    let chunk = -1;
    for (; from < ORDERS; from++) {
      chunk = this.#pop(from);
      if (chunk !== -1) break;
    }
    if (chunk === -1) return -1;
    for (; from > order; from--) this.#put(chunk + (1 << (from - 1)), from - 1);
    this.#usedOrder[chunk] = order;
    this.#usedBytes += 1 << (order + MIN_SHIFT);
    return this.#start + (chunk << MIN_SHIFT);
  }

  release(offset: number): void {
    let chunk = (offset - this.#start) >>> MIN_SHIFT;
    let order = this.#usedOrder[chunk]!;
    if (order === USED)
      throw new Error("A chunk of the arena was released twice");
    this.#usedOrder[chunk] = USED;
    this.#usedBytes -= 1 << (order + MIN_SHIFT);
    for (; order < ORDERS - 1; order++) {
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
}

function orderOf(bytes: number): number {
  if (bytes > ARENA_MAX_BYTES)
    throw new RangeError(`The arena has no chunk of ${bytes} bytes`);
  return bytes <= ARENA_MIN_BYTES ? 0 : 32 - Math.clz32(bytes - 1) - MIN_SHIFT;
}

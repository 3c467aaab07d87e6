// Memory for callers that lies in the instance's own shared memory, aligned: a request on such a
// buffer is carried out in place by whoever runs it, with native code or without. It knows chunks
// and the buffers made of them, not what they are used for.
//
//   take -> a Buffer -> requests, slices ... -> released, or every view of it collected -> take
import { misuseError } from "../util/errors.ts";
import { Arena } from "./arena.ts";
import { systemError, errnoOf } from "./errors.ts";
import { SLOT_WORDS, Slot, State, allocStart, offsetIn } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { PAGE_BYTES, type SharedPages } from "./pages.ts";

/** The smallest chunk: a page, and so is what everything is aligned to. */
export const ALLOC_MIN_BYTES = PAGE_BYTES;
/** The largest buffer; memory that is not touched costs nothing. */
export const ALLOC_MAX_BYTES = 16 << 20;
/** What `align` may be: chunks of this size and more begin at a multiple of it. */
export const ALIGN_MAX = 65536;

interface Chunk {
  readonly offset: number;
  readonly bytes: number;
  /** Given back by its owner. */
  released: boolean;
}

export class Allocator {
  readonly #memory: Memory;
  readonly #pages: SharedPages | null;
  readonly #arena: Arena;
  /** By the object that all views of a buffer share. */
  readonly #chunks = new WeakMap<ArrayBufferLike, Chunk>();
  /** Released while requests were at work on them. */
  #inUse: Chunk[] = [];
  #given = false;
  readonly #registry = new FinalizationRegistry<Chunk>((chunk) => {
    if (!chunk.released) this.#giveBack(chunk);
  });

  constructor(memory: Memory, pages: SharedPages | null) {
    this.#memory = memory;
    this.#pages = pages;
    this.#arena = new Arena(
      allocStart(memory.sizes),
      memory.sizes.allocBytes ?? 0,
      ALLOC_MIN_BYTES,
      ALLOC_MAX_BYTES,
    );
  }

  get usedBytes(): number {
    return this.#arena.usedBytes;
  }

  /** A Buffer of zeros. */
  take(bytes: number, align: number): Buffer {
    if (this.#pages === null) throw systemError(errnoOf("ENOMEM"), "mmap");
    if (bytes > ALLOC_MAX_BYTES)
      throw misuseError("ERR_EIO_TOO_LARGE", "alloc", bytes, ALLOC_MAX_BYTES);
    const chunkBytes = Math.max(bytes, align);
    let offset = this.#arena.take(chunkBytes);
    if (offset === -1 && this.#reclaim()) offset = this.#arena.take(chunkBytes);
    if (offset === -1) throw this.#full(bytes);
    const shared = this.#pages.again();
    const chunk = { offset, bytes: chunkBytes, released: false };
    this.#chunks.set(shared, chunk);
    this.#registry.register(shared, chunk, chunk);
    this.#given = true;
    return Buffer.from(shared, offset, bytes).fill(0);
  }

  /** True: it was one of ours, and its memory is used again once no request is at work on it. */
  release(view: ArrayBufferView): boolean {
    const chunk = this.#chunks.get(view.buffer);
    if (chunk === undefined) return false;
    this.#chunks.delete(view.buffer);
    this.#registry.unregister(chunk);
    chunk.released = true;
    if (this.#isInUse(chunk)) this.#inUse.push(chunk);
    else this.#giveBack(chunk);
    return true;
  }

  /** Where in shared memory a buffer of ours lies; -1 for any other. */
  offsetOf(view: Uint8Array): number {
    return this.#given && this.#chunks.has(view.buffer) ? view.byteOffset : -1;
  }

  #full(bytes: number): Error {
    const { allocBytes = 0 } = this.#memory.sizes;
    const all = this.#arena.usedBytes + bytes;
    const what = "alloc, with what is in use,";
    return misuseError("ERR_EIO_TOO_LARGE", what, all, allocBytes);
  }

  #reclaim(): boolean {
    const inUse = this.#inUse;
    this.#inUse = inUse.filter((chunk) => this.#isInUse(chunk));
    for (const chunk of inUse)
      if (!this.#inUse.includes(chunk)) this.#giveBack(chunk);
    return this.#inUse.length < inUse.length;
  }

  /** A look at all slots: releasing is rare, and each request would have to count otherwise. */
  #isInUse({ offset, bytes }: Chunk): boolean {
    const { words, sizes } = this.#memory;
    for (let slot = 0; slot < sizes.slots; slot++) {
      const at = offsetIn(words, slot);
      if (at < offset || at >= offset + bytes) continue;
      const state = Atomics.load(words, slot * SLOT_WORDS + Slot.state);
      if (state !== State.free) return true;
    }
    return false;
  }

  #giveBack(chunk: Chunk): void {
    this.#arena.release(chunk.offset);
  }
}

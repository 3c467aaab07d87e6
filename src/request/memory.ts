// The shared memory of one instance and the views on it. It knows the layout, and nothing of what
// the words are used for.
import { SLOT_WORDS, controlWords, crewStart, type Sizes } from "./layout.ts";
import type { SharedPages } from "./pages.ts";

export interface SharedMemory {
  sizes: Sizes;
  /** Slots, and control behind them. */
  words: SharedArrayBuffer;
  bytes: SharedArrayBuffer;
}

export const PART_ALIGN_BYTES = 16;

/** Results that lie in blocks of native memory; see native-aio/src/blocks.h. */
export interface Blocks {
  /** The slot's block as a Buffer of the caller's own: it goes back when that is collected. */
  takeBlock(slot: number): Buffer;
  /** The same in parts of so many bytes, but for the last: each has memory of its own. `bytes` is a multiple of PART_ALIGN_BYTES. */
  takeParts(slot: number, bytes: number): Buffer[];
  /** The slot's block as a string: of one byte for each character, or of two (wide). */
  takeText(slot: number, wide: boolean): string;
  /** Nobody wants it. */
  dropBlock(slot: number): void;
}

/** A request as far as native code knows it: where its caller's own memory is. */
export interface Lender {
  readonly data: Uint8Array | null;
  readonly buffers: readonly Uint8Array[] | null;
}

export class Memory {
  /** Set where native code runs requests. */
  blocks: Blocks | null = null;
  readonly shared: SharedMemory;
  readonly sizes: Sizes;
  readonly control: Int32Array;
  /** The same words for the native threads. */
  readonly crew: Int32Array;
  readonly words: Int32Array;
  readonly numbers: Float64Array;
  readonly bytes: Buffer;
  readonly doubles: Float64Array;
  readonly bigints: BigInt64Array;
  /** Those in flight, by slot. What runs of them as the thread ends keeps the memory that it may still be written to. */
  readonly requests: (Lender | null)[];
  /** Whoever made the memory has it; null where its bytes are not aligned to anything. */
  readonly pages: SharedPages | null;

  constructor(shared: SharedMemory, pages: SharedPages | null = null) {
    this.pages = pages;
    this.shared = shared;
    const { sizes, words } = shared;
    this.sizes = sizes;
    const slotWords = sizes.slots * SLOT_WORDS;
    this.words = new Int32Array(words, 0, slotWords);
    this.numbers = new Float64Array(words, 0, slotWords / 2);
    this.control = new Int32Array(words, slotWords * 4, controlWords(sizes));
    this.crew = this.control.subarray(crewStart(sizes));
    this.bytes = Buffer.from(shared.bytes);
    this.doubles = new Float64Array(shared.bytes);
    this.bigints = new BigInt64Array(shared.bytes);
    this.requests = new Array<null>(sizes.slots).fill(null);
  }
}

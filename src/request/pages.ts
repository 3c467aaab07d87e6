// Shared memory that begins on a page: only with that can data in it go straight to and from a disk.
// A SharedArrayBuffer of one's own begins anywhere (16 bytes into a page, on Linux); that of a
// WebAssembly memory does not. It knows nothing of what the memory is for.
import { noAddresses } from "../util/address-space.ts";

/** The part of WebAssembly's interface that is used; Node's types leave it out. */
interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}
type WasmMemoryClass = new (how: {
  initial: number;
  maximum: number;
  shared: true;
}) => WasmMemory;

const WASM_PAGE_BYTES = 65536;
/** What V8 sets aside for one, whatever its size; not to be tried in vain, for it collects garbage first. */
const RESERVED_BYTES = 10 * 2 ** 30;

/** What memory of `SharedPages` is aligned to, at its start. */
export const PAGE_BYTES = 4096;

export class SharedPages {
  readonly #memory: WasmMemory;
  readonly buffer: SharedArrayBuffer;

  private constructor(memory: WasmMemory) {
    this.#memory = memory;
    this.buffer = memory.buffer;
  }

  /**
   * null where it cannot be had: no WebAssembly (--jitless), or no room for the addresses that V8
   * sets aside (`ulimit -v`). Pages that are never touched cost nothing.
   */
  static create(bytes: number): SharedPages | null {
    const { WebAssembly } = globalThis as unknown as {
      WebAssembly?: { Memory: WasmMemoryClass };
    };
    if (WebAssembly === undefined) return null;
    if (noAddresses(RESERVED_BYTES) !== null) return null;
    const pages = Math.ceil(bytes / WASM_PAGE_BYTES);
    try {
      // Grown from nothing: V8 of Node 26 counts what a memory begins with as external, and collects all garbage
      // at once where that is more than 64 MiB (docs/decisions.md).
      const memory = new WebAssembly.Memory({
        initial: 0,
        maximum: pages,
        shared: true,
      });
      memory.grow(pages);
      return new SharedPages(memory);
    } catch {
      return null;
    }
  }

  /** The same memory as an object of its own, whose collection shows that no view of it is left. */
  again(): SharedArrayBuffer {
    // Growing, even by nothing, makes a new object of it: 0.25 us, where a clone takes 7. The memory
    // keeps the last one alive, so that is not to be the one that is given away.
    this.#memory.grow(0);
    const { buffer } = this.#memory;
    this.#memory.grow(0);
    return buffer;
  }
}

// The bytes of several buffers in one piece, for a write: in memory that is used again, since V8 collects everything
// after so many new buffers of this size. It does not know who writes, or when they are done.
import { allBytes, gather, lengthOf, type View } from "./buffers.ts";

const MEMORY_BYTES = 1 << 20;
/** What is shorter is put together in a buffer of its own. */
const WORTH_BYTES = 1 << 15;
const KEPT_MAX = 8;

const kept: Buffer[] = [];

export interface Gathered {
  data: Uint8Array;
  /** Only when nobody reads the data any more. */
  free: () => void;
}

const nothing = (): void => {};

export function gathered(views: readonly View[]): Gathered {
  const bytes = lengthOf(views);
  if (views.length === 1 || bytes < WORTH_BYTES || bytes > MEMORY_BYTES)
    return { data: gather(views), free: nothing };
  const memory = kept.pop() ?? Buffer.allocUnsafeSlow(MEMORY_BYTES);
  let at = 0;
  for (const view of views) {
    memory.set(allBytes(view), at);
    at += view.byteLength;
  }
  const free = (): void => {
    if (kept.length < KEPT_MAX) kept.push(memory);
  };
  return { data: memory.subarray(0, bytes), free };
}

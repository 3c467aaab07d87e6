// Values whose memory is moved to the caller in place of being copied. It does not know who calls.
import type { Transferable } from "node:worker_threads";

/** A value, and what of it is moved. */
export class Moved<T = unknown> {
  readonly value: T;
  readonly transfer: readonly Transferable[];

  constructor(value: T, transfer: readonly Transferable[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

/**
 * Marks a result, or an item of a stream, to be moved. Without a list the value itself is moved: a typed array or Buffer with its
 * memory, anything else as it is. A view of a part of its memory is copied first, so that the rest stays.
 */
export function move<T>(value: T, transfer?: readonly Transferable[]): Moved {
  if (transfer !== undefined) return new Moved(value, transfer);
  if (!ArrayBuffer.isView(value)) return new Moved(value, [value as never]);
  const { buffer, byteLength, byteOffset } = value;
  if (byteLength === buffer.byteLength && buffer instanceof ArrayBuffer)
    return new Moved(value, [buffer]);
  const bytes = new Uint8Array(buffer, byteOffset, byteLength).slice();
  return new Moved(bytes, [bytes.buffer]);
}

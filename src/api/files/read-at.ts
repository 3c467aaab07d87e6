// So many bytes of an open file from a position on, however many reads that takes. What they are is not known here.
import type { FileHandle, RequestOptions } from "../types.ts";

/** Fewer bytes only at the end. */
export async function readAt(
  handle: FileHandle,
  position: number,
  length: number,
  call: RequestOptions = {},
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read({
      ...{ buffer, offset: filled, position: position + filled },
      ...call,
    });
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

// Bytes to write, and to find again: made and compared at the speed of memory, where a function called for each of a mebibyte takes
// longer than the test. It knows no file.

/** Different on each page and at each place of it. */
export function pattern(length: number, seed = 0): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 31 + (i >> 9) + seed;
  return bytes;
}

export const isAll = (bytes: Uint8Array, byte: number): boolean =>
  Buffer.alloc(bytes.length, byte).equals(bytes);

// Encodings as Node's options give them, and bytes turned into what an encoding stands for. It does not know where the
// bytes come from.

/** What a caller wants bytes as; "buffer" is a Buffer. */
export type Wanted = BufferEncoding | "buffer";

export const REFUSED = Symbol("refused");

/** The encoding of `options` (a string, or an object that has one); REFUSED where it is unknown. */
export function acceptEncoding(
  options: unknown,
  fallback: Wanted,
): Wanted | typeof REFUSED {
  if (options === undefined || options === null) return fallback;
  const encoding =
    typeof options === "string"
      ? options
      : typeof options === "object"
        ? (options as { encoding?: unknown }).encoding
        : options;
  if (encoding === undefined || encoding === null) return fallback;
  if (encoding === "buffer") return "buffer";
  if (typeof encoding === "string" && Buffer.isEncoding(encoding))
    return encoding;
  return REFUSED;
}

/** Bytes of the caller's own as a Buffer over the same memory. */
export const bufferOver = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function textOrBuffer(
  bytes: Uint8Array,
  wanted: Wanted,
): string | Buffer {
  const buffer = bufferOver(bytes);
  return wanted === "buffer" ? buffer : buffer.toString(wanted);
}

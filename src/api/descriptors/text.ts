// Text that is written through a descriptor, as bytes. It knows encodings, not positions.

/** null where Node is to judge: no text, or half a byte of hexadecimal digits. */
export function textBytes(text: unknown, encoding: unknown): Buffer | null {
  if (typeof text !== "string") return null;
  if (typeof encoding !== "string" || !Buffer.isEncoding(encoding))
    return Buffer.from(text);
  if (encoding.toLowerCase() === "hex" && text.length % 2 !== 0) return null;
  return Buffer.from(text, encoding);
}

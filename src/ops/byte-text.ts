// Paths as text of one character for each byte (latin1): whatever a name consists of, it can be joined and
// compared as text, and nothing of it is lost. It knows paths, not files.
import { isAbsolute, resolve } from "node:path";

/** Text whose characters are bytes. */
export type ByteText = string;

export function bytesOf(path: string | Uint8Array): ByteText {
  if (typeof path !== "string")
    return Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString(
      "latin1",
    );
  return isAscii(path) ? path : Buffer.from(path).toString("latin1");
}

/** As it is shown; what is no UTF-8 is replaced. */
export const textOf = (path: ByteText): string =>
  isAscii(path) ? path : Buffer.from(path, "latin1").toString();

/** As the functions of fs take it: text is faster where it says the same. */
export const pathOf = (path: ByteText): string | Buffer =>
  isAscii(path) ? path : Buffer.from(path, "latin1");

function isAscii(path: ByteText): boolean {
  for (let i = 0; i < path.length; i++)
    if (path.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** path.resolve, with the current folder in bytes, too. */
export const absolute = (...parts: ByteText[]): ByteText =>
  parts.some((part) => isAbsolute(part))
    ? resolve(...parts)
    : resolve(bytesOf(process.cwd()), ...parts);

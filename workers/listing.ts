// The compact form in which folders are returned, and how an entry's type is known. It does not know how folders are
// read.
import type fs from "node:fs";
import type { Frame } from "./frame.ts";

/** Bits of the `how` operand of scandir. */
export const WITH_TYPES = 1;
export const FOLLOW_LINKS = 2;

const UV_TYPES = [
  ["isFile", 1],
  ["isDirectory", 2],
  ["isSymbolicLink", 3],
  ["isFIFO", 4],
  ["isSocket", 5],
  ["isCharacterDevice", 6],
  ["isBlockDevice", 7],
] as const;

let typeKey: symbol | undefined;
/** Node keeps the type under a symbol; calling its seven methods in turn is the way without. */
export function typeOf(entry: fs.Dirent | fs.Stats): number {
  typeKey ??= Object.getOwnPropertySymbols(entry)[0];
  const type =
    typeKey && (entry as unknown as Record<symbol, unknown>)[typeKey];
  if (typeof type === "number") return type;
  for (const [method, value] of UV_TYPES) if (entry[method]()) return value;
  return 0;
}

/** Types and text into shared memory where they fit, as a message where they do not. */
export function sendParts(
  f: Frame,
  types: Uint8Array | null,
  text: string,
  encoding: "latin1" | "utf8",
  count: number,
): number {
  const typeBytes = types === null ? 0 : types.byteLength;
  const bytes = typeBytes + Buffer.byteLength(text, encoding);
  const fits = bytes <= f.room;
  const target = fits ? f.bytes : Buffer.allocUnsafeSlow(bytes);
  const at = fits ? f.dataOffset : 0;
  if (types !== null) target.set(types, at);
  target.write(text, at + typeBytes, bytes - typeBytes, encoding);
  if (!fits) return f.move(target, count);
  f.setOutBytes(bytes);
  return count;
}

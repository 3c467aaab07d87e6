// Entries of folders in a form that can be compared: own fields, and what the methods say.
import type { Dirent } from "node:fs";

const methods = [
  "isFile",
  "isDirectory",
  "isSymbolicLink",
  "isFIFO",
  "isSocket",
  "isCharacterDevice",
  "isBlockDevice",
] as const;

const isDirent = (value: unknown): value is Dirent =>
  typeof value === "object" && value !== null && "isFIFO" in value;

/** A Dirent with its fields in their order and its type; anything else as it is. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isDirent(value)) return value;
  const is = methods.filter((method) => value[method]());
  return { fields: Object.entries(value), is };
}

export const byName = (a: Dirent, b: Dirent): number =>
  Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));

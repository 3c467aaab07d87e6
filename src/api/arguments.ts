// Which values of the caller's an operand takes. What is not taken here is not wrong yet: the call
// is then handed to Node's own function, which knows best how to refuse it (and refuses in exactly
// its own words, whichever version of Node is running).
import fs from "node:fs";
import { fileURLToPath } from "node:url";

export type PathLike = string | Buffer | Uint8Array | URL;

const UINT32_MAX = 0xffffffff;

/** null: not taken. */
export function acceptPath(path: unknown): string | Uint8Array | null {
  if (typeof path === "string") return path.includes("\0") ? null : path;
  if (path instanceof Uint8Array)
    return path.includes(0) ? null : new Uint8Array(path);
  if (!(path instanceof URL)) return null;
  try {
    const file = fileURLToPath(path);
    return file.includes("\0") ? null : file;
  } catch {
    return null;
  }
}

/** What options may be where nothing else stands for them. */
export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A descriptor, an id, a mode as a number: NaN is not taken. */
export function acceptUint32(value: unknown): number {
  return typeof value === "number" && value >>> 0 === value ? value : NaN;
}

export function acceptFd(value: unknown): number {
  return typeof value === "number" && value >= 0 && (value | 0) === value
    ? value
    : NaN;
}

export function acceptMode(value: unknown, fallback: number): number {
  if (value === undefined || value === null) return fallback;
  if (typeof value === "string" && /^[0-7]+$/.test(value))
    return acceptUint32(parseInt(value, 8));
  return acceptUint32(value);
}

export function acceptId(value: unknown): number {
  if (value === -1) return -1;
  return typeof value === "number" &&
    Number.isInteger(value) &&
    value >= 0 &&
    value <= UINT32_MAX
    ? value
    : NaN;
}

const toUnixTimestamp = (
  fs as unknown as { _toUnixTimestamp(time: unknown): number }
)._toUnixTimestamp;

export function acceptTime(value: unknown): number {
  try {
    return toUnixTimestamp(value);
  } catch {
    return NaN;
  }
}

export function acceptLength(value: unknown): number {
  if (value === undefined) return 0;
  return typeof value === "number" && Number.isSafeInteger(value)
    ? Math.max(0, value)
    : NaN;
}

const flagNames = new Map<string, number>();
{
  const {
    O_RDONLY,
    O_WRONLY,
    O_RDWR,
    O_CREAT,
    O_EXCL,
    O_TRUNC,
    O_APPEND,
    O_SYNC,
  } = fs.constants;
  const plain: Record<string, number> = {
    r: O_RDONLY,
    "r+": O_RDWR,
    w: O_TRUNC | O_CREAT | O_WRONLY,
    "w+": O_TRUNC | O_CREAT | O_RDWR,
    a: O_APPEND | O_CREAT | O_WRONLY,
    "a+": O_APPEND | O_CREAT | O_RDWR,
  };
  for (const [name, flags] of Object.entries(plain)) {
    flagNames.set(name, flags);
    if (name[0] !== "r") {
      for (const exclusive of [`${name[0]}x${name.slice(1)}`, `x${name}`])
        flagNames.set(exclusive, flags | O_EXCL);
    }
    if (name[0] !== "w")
      for (const sync of [`${name[0]}s${name.slice(1)}`, `s${name}`])
        flagNames.set(sync, flags | O_SYNC);
  }
}

/** Flags as a number or as one of Node's names. */
export function acceptFlags(
  value: unknown,
  fallback = fs.constants.O_RDONLY,
): number {
  if (value === undefined || value === null) return fallback;
  if (typeof value === "number") return (value | 0) === value ? value : NaN;
  return (
    (typeof value === "string" && flagNames.get(value)) ||
    (value === "r" ? 0 : NaN)
  );
}

// How the bench reports what is wrong with its arguments, or with the machine, and the status that it
// ends with for each. Sizes, times and lists as they are written on a command line are read here.

export const Status = { ok: 0, failed: 1, usage: 2 } as const;

/** The arguments make no sense: reported in one line, without a stack. */
export class UsageError extends Error {
  readonly status = Status.usage;
}

/** The arguments are right, and the machine does not allow it: no room, no permission. */
export class EnvironmentError extends Error {
  readonly status = Status.failed;
}

/** What to do about errors that are not the bench's and not a subject's. */
const advice: Record<string, string> = {
  ENOSPC:
    "there is no room for the files: give a smaller --size or fewer --files, or another --dir",
  EDQUOT:
    "the quota is used up: give a smaller --size or fewer --files, or another --dir",
  EFBIG: "a file may not be that large here: give a smaller --size",
  EACCES: "there is no permission",
  EPERM: "there is no permission",
  EROFS: "the file system is read-only: give another --dir",
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "it is a folder: that is for --dir",
  EMFILE:
    "too many files are open: give fewer --files, or raise the limit (ulimit -n)",
  EIO: "the disk failed",
};

/** Null where it may well be a subject's own. */
export function environmentError(
  { code, message }: { code?: string | undefined; message: string },
  what: string,
): EnvironmentError | null {
  if (code === undefined || !Object.hasOwn(advice, code)) return null;
  return new EnvironmentError(`${what}: ${advice[code]!} (${message})`);
}

const unitPowers = ["", "k", "m", "g", "t"];

/** `4k`, `1m`, `512`: powers of 1024, as fio has them; in whole bytes. */
export function readSize(name: string, text: string): number {
  const [, digits, unit] =
    /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  if (digits === undefined)
    throw new UsageError(`${name}: "${text}" is no size (4k, 1m, 512)`);
  const bytes =
    Number(digits) * 1024 ** unitPowers.indexOf(unit!.toLowerCase());
  if (!Number.isSafeInteger(bytes) || bytes < 1)
    throw new UsageError(
      `${name}: "${text}" is no whole number of bytes, 1 or more`,
    );
  return bytes;
}

const msOf: Record<string, number> = {
  us: 0.001,
  ms: 1,
  "": 1000,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** `2s`, `500ms`, `1m`, or seconds; in milliseconds. */
export function readTime(name: string, text: string): number {
  const [, digits, unit] =
    /^(\d+(?:\.\d+)?)(us|ms|s|m|h|)$/i.exec(text.trim()) ?? [];
  if (digits === undefined)
    throw new UsageError(`${name}: "${text}" is no time (2s, 500ms, 1m)`);
  return Number(digits) * msOf[unit!.toLowerCase()]!;
}

export function readCount(
  name: string,
  text: string,
  min = 1,
  max = 2 ** 31 - 1,
): number {
  const value = Number(text);
  if (!/^\d+$/.test(text.trim()) || value < min || value > max)
    throw new UsageError(
      `${name}: "${text}" is no whole number from ${min} to ${max}`,
    );
  return value;
}

/** Parts between commas; none of them empty. */
export function readList<T>(
  name: string,
  text: string,
  read: (name: string, part: string) => T,
): T[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.some((part) => part === ""))
    throw new UsageError(`${name}: "${text}" is no list (1,8,64)`);
  return [...new Set(parts)].map((part) => read(name, part));
}

export function readOneOf<T extends string>(
  name: string,
  text: string,
  allowed: readonly T[],
): T {
  if (!(allowed as readonly string[]).includes(text))
    throw new UsageError(`${name}: "${text}" is none of ${allowed.join(", ")}`);
  return text as T;
}

/** `4k` and not `4096`, where that is exact. */
export function sizeText(bytes: number): string {
  let power = 0;
  while (bytes % 1024 === 0 && bytes > 0 && power < unitPowers.length - 1) {
    bytes /= 1024;
    power++;
  }
  return `${bytes}${unitPowers[power]}`;
}

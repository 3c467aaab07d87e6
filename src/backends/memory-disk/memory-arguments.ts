// Arguments of the functions of a simulated disk, in the forms that node:fs takes: paths, encodings, times, and listings that
// are read entry by entry. It knows no file.
import type { Inode } from "./inodes.ts";
import type { Dirent } from "./memory-stats.ts";

export type PathArgument = string | Uint8Array | URL;
export interface NameOptions {
  encoding?: BufferEncoding | "buffer";
  withFileTypes?: boolean;
}

export const bytesOf = (path: PathArgument): string =>
  typeof path === "string"
    ? Buffer.from(path).toString("latin1")
    : path instanceof URL
      ? Buffer.from(decodeURIComponent(path.pathname)).toString("latin1")
      : Buffer.from(path).toString("latin1");

export const encodingIn = (
  options: NameOptions | BufferEncoding | "buffer" | null | undefined,
): BufferEncoding | "buffer" =>
  (typeof options === "string" ? options : options?.encoding) ?? "utf8";

export function named(
  name: string,
  encoding: BufferEncoding | "buffer",
): string | Buffer {
  if (encoding === "latin1") return name;
  const bytes = Buffer.from(name, "latin1");
  return encoding === "buffer" ? bytes : bytes.toString(encoding);
}

export type TimeArgument = number | string | Date;

const msOf = (time: TimeArgument): number =>
  time instanceof Date ? time.getTime() : Number(time) * 1000;

export function setTimes(
  inode: Inode,
  atime: TimeArgument,
  mtime: TimeArgument,
): void {
  inode.atimeMs = msOf(atime);
  inode.mtimeMs = msOf(mtime);
}

/** A listing that is read entry by entry. */
export class MemoryDir {
  readonly #entries: Dirent[];

  constructor(entries: Dirent[]) {
    this.#entries = entries;
  }

  readSync(): Dirent | null {
    return this.#entries.shift() ?? null;
  }

  closeSync(): void {
    this.#entries.length = 0;
  }
}

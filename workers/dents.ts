// dents without native code: names and types from readdir, inodes from lstat, sorted as native-aio/src/dents.c sorts
// them; on request with the stats of each. It does not know what the caller makes of them.
import type fs from "node:fs";
import type { Frame } from "./frame.ts";
import { typeOf } from "./listing.ts";
import { STAT_MANY_DOUBLES, fillNumbers } from "./stats.ts";
import { DT } from "./sys-folders.ts";

/** Bits of `how`, as libeio numbers its flags. */
const INODES = 1;
const DIRS_FIRST = 2;
const STAT_ORDER = 4;
const DT_UNKNOWN = 0;
const DT_DIR = 4;
const DOT = 46;
const NO_FOLDER = 7;
const INODE_BYTES = 8;
const SEPARATOR = Buffer.of(0);
const EMPTY = new Uint8Array(0);
const TYPED_RAW = { encoding: "buffer", withFileTypes: true } as const;

type RawDirent = fs.Dirent & { name: Buffer };

interface Entry {
  name: Buffer;
  inode: bigint;
  type: number;
}

/** Inodes and stats cost a call for each entry, and come only on request. */
export function dents(f: Frame): number {
  const { fs: files, path, a: how, b: stats } = f;
  const folder = Buffer.from(path);
  const listed = files.readdirSync(folder, TYPED_RAW) as unknown as RawDirent[];
  const begin = Buffer.concat([folder, Buffer.from("/")]);
  const entries = listed.flatMap((entry) => {
    const known = { name: entry.name, inode: 0n, type: DT[typeOf(entry)] ?? 0 };
    return how === 0 ? [known] : lookedUp(begin, known, files);
  });
  sort(entries, how);
  const inodes = Buffer.alloc((how & INODES) === 0 ? 0 : entries.length * 8);
  if (inodes.byteLength !== 0)
    entries.forEach(({ inode }, i) =>
      inodes.writeBigUInt64LE(inode, i * INODE_BYTES),
    );
  const begun = stats === 0 ? null : begin;
  const rows = begun === null ? EMPTY : statsOf(begun, entries, files);
  const types = Buffer.from(entries.map(({ type }) => type));
  const names = entries.flatMap(({ name }, i) =>
    i === 0 ? [name] : [SEPARATOR, name],
  );
  const parts = [rows, inodes, types, ...names];
  return f.send(Buffer.concat(parts), entries.length);
}

/** A row for each, as statMany has them: an errno (0: there is none), then the numbers. A type that was not known is now. */
function statsOf(
  begin: Buffer,
  entries: Entry[],
  files: Pick<typeof fs, "lstatSync">,
): Uint8Array {
  const rows = new Float64Array(entries.length * STAT_MANY_DOUBLES);
  for (const [i, entry] of entries.entries()) {
    const at = i * STAT_MANY_DOUBLES;
    try {
      const stats = files.lstatSync(Buffer.concat([begin, entry.name]));
      fillNumbers(rows, at + 1, stats);
      entry.type = DT[typeOf(stats)] ?? DT_UNKNOWN;
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      if (errno === undefined) throw error;
      rows[at] = errno;
    }
  }
  return new Uint8Array(rows.buffer);
}

/** One that went meanwhile is not there; in a folder that may not be searched only names and types are known. */
function lookedUp(
  begin: Buffer,
  entry: Entry,
  files: Pick<typeof fs, "lstatSync">,
): Entry[] {
  try {
    const path = Buffer.concat([begin, entry.name]);
    const stats = files.lstatSync(path, {
      bigint: true,
      throwIfNoEntry: false,
    });
    if (stats === undefined) return [];
    const type = DT[typeOf(stats as unknown as fs.Stats)] ?? DT_UNKNOWN;
    return [{ name: entry.name, inode: stats.ino, type }];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    return [entry];
  }
}

/** How likely an entry is a folder; libeio counts a NUL behind the name. */
function scoreOf({ name, type }: Entry): number {
  if (type === DT_DIR) return 0;
  if (type !== DT_UNKNOWN) return NO_FOLDER;
  if (name[0] === DOT) return 1;
  if (name.includes(DOT)) return NO_FOLDER;
  const length = name.byteLength + 1;
  if (length <= 2) return 4 - length;
  return length <= 4 ? 4 : length <= 7 ? 5 : 6;
}

const byInode = (a: Entry, b: Entry): number =>
  a.inode < b.inode ? -1 : a.inode > b.inode ? 1 : 0;

function sort(entries: Entry[], how: number): void {
  const first = (how & DIRS_FIRST) !== 0;
  const unknown = entries.some(({ type }) => type === DT_UNKNOWN);
  if ((how & STAT_ORDER) !== 0 || (first && unknown))
    entries.sort(
      (a, b) => (first ? scoreOf(a) - scoreOf(b) : 0) || byInode(a, b),
    );
  else if (first) {
    const folders = entries.slice(0, partition(entries)).sort(byInode);
    for (const [i, folder] of folders.entries()) entries[i] = folder;
  }
}

/** Folders change places with what is no folder, from both ends. Returns how many there are. */
function partition(entries: Entry[]): number {
  let folder = 0;
  let other = entries.length;
  while (other > folder)
    if (entries[folder]!.type === DT_DIR) folder++;
    else if (entries[--other]!.type === DT_DIR) {
      const swap = entries[folder]!;
      entries[folder++] = entries[other]!;
      entries[other] = swap;
    }
  return folder;
}

// getdents without native code: names and types from readdir, inodes from lstat, packed as Linux packs them (struct
// linux_dirent64), so that the caller does not see the difference. It does not know why there is none.
import fs from "node:fs";
import type { Frame } from "./frame.ts";
import { typeOf } from "./listing.ts";

const ENOSYS = -38;
const INODE_ORDER = 2;
/** In front of a name: inode, offset, bytes of the entry, type. */
const HEAD_BYTES = 19;
/** Node's numbers of types, from 0 (unknown), as DT_*. */
export const DT = [0, 8, 4, 10, 1, 12, 2, 6];

interface Entry {
  name: Buffer;
  inode: bigint;
  type: number;
}

export function getdents(f: Frame): number {
  if (process.platform !== "linux") return ENOSYS;
  const folder = Buffer.from(`/proc/self/fd/${f.fd}/`);
  const names = fs.readdirSync(folder, { encoding: "buffer" });
  const entries = names.flatMap((name) => entryOf(folder, name));
  if ((f.a & INODE_ORDER) !== 0)
    entries.sort((a, b) => (a.inode < b.inode ? -1 : 1));
  return f.send(Buffer.concat(entries.map(pack)), 1);
}

/** One that went meanwhile is not there. */
function entryOf(
  folder: Buffer,
  name: Buffer,
  files: Pick<typeof fs, "lstatSync"> = fs,
): Entry[] {
  const path = Buffer.concat([folder, name]);
  const stats = files.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return [];
  const type = DT[typeOf(stats as unknown as fs.Stats)] ?? 0;
  return [{ name, inode: stats.ino, type }];
}

function pack({ name, inode, type }: Entry): Buffer {
  const bytes = (HEAD_BYTES + name.byteLength + 1 + 7) & ~7;
  const entry = Buffer.alloc(bytes);
  entry.writeBigUInt64LE(inode, 0);
  entry.writeUInt16LE(bytes, 16);
  entry[18] = type;
  entry.set(name, HEAD_BYTES);
  return entry;
}

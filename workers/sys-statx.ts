// What stat and statfs return, in the form of statx and statvfs: the same fields in the same order, and a mask that
// says which of them are known. It does not know which of them somebody wants.
import type fs from "node:fs";
import type { Frame } from "./frame.ts";

/** The longest name, which Node's statfs does not report. */
const NAME_MAX = 255n;

const STATX_BASIC_STATS = 0x7ffn;
const STATX_BTIME = 0x800n;

/** As Linux packs them into one number. */
const major = (device: bigint): bigint =>
  ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
const minor = (device: bigint): bigint =>
  (device & 0xffn) | ((device >> 12n) & ~0xffn);

export function putStatx(f: Frame, s: fs.BigIntStats): number {
  const known = STATX_BASIC_STATS | (s.birthtimeNs > 0n ? STATX_BTIME : 0n);
  const fields = [
    known,
    s.blksize,
    0n,
    0n,
    s.nlink,
    s.uid,
    s.gid,
    s.mode,
    s.ino,
    s.size,
    s.blocks,
    s.atimeNs,
    s.birthtimeNs,
    s.ctimeNs,
    s.mtimeNs,
    major(s.rdev),
    minor(s.rdev),
    major(s.dev),
    minor(s.dev),
    0n,
    0n,
    0n,
  ];
  fields.forEach((value, i) => f.setBigint(i, value));
  return fields.length;
}

export function putStatvfs(f: Frame, s: fs.BigIntStatsFs): number {
  const { bsize, blocks, bfree, bavail, files, ffree } = s;
  const known = [bsize, bsize, blocks, bfree, bavail, files, ffree, ffree];
  const fields = [...known, 0n, 0n, NAME_MAX];
  fields.forEach((value, i) => f.setBigint(i, value));
  return fields.length;
}

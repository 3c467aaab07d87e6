// Stats as numbers: fourteen doubles, or eighteen 64-bit integers, in Node's order of fields.
import fs from "node:fs";
import type { Frame } from "./frame.ts";

export function putStats(f: Frame, stats: fs.Stats | fs.BigIntStats): number {
  return typeof stats.size === "bigint"
    ? putBigStats(f, stats as fs.BigIntStats)
    : putNumberStats(f, stats as fs.Stats);
}

function putNumberStats(f: Frame, s: fs.Stats, at = 0): number {
  f.setDouble(at, s.dev);
  f.setDouble(at + 1, s.mode);
  f.setDouble(at + 2, s.nlink);
  f.setDouble(at + 3, s.uid);
  f.setDouble(at + 4, s.gid);
  f.setDouble(at + 5, s.rdev);
  f.setDouble(at + 6, s.blksize);
  f.setDouble(at + 7, s.ino);
  f.setDouble(at + 8, s.size);
  f.setDouble(at + 9, s.blocks);
  f.setDouble(at + 10, s.atimeMs);
  f.setDouble(at + 11, s.mtimeMs);
  f.setDouble(at + 12, s.ctimeMs);
  f.setDouble(at + 13, s.birthtimeMs);
  return 14;
}

function putBigStats(f: Frame, s: fs.BigIntStats): number {
  const fields = [
    s.dev,
    s.mode,
    s.nlink,
    s.uid,
    s.gid,
    s.rdev,
    s.blksize,
    s.ino,
    s.size,
    s.blocks,
    s.atimeNs,
    s.mtimeNs,
    s.ctimeNs,
    s.birthtimeNs,
  ];
  fields.forEach((value, i) => f.setBigint(i, value));
  return fields.length;
}

export function putStatfs(f: Frame, s: fs.StatsFs | fs.BigIntStatsFs): number {
  const fields = [
    s.type,
    s.bsize,
    s.blocks,
    s.bfree,
    s.bavail,
    s.files,
    s.ffree,
  ];
  fields.forEach((value, i) =>
    typeof value === "bigint" ? f.setBigint(i, value) : f.setDouble(i, value),
  );
  return fields.length;
}

/** Doubles that each path takes in the answer: its errno (0 when well), then the stats. */
export const STAT_MANY_DOUBLES = 15;

/**
 * Paths come separated by NUL; the answer is a table of doubles, moved. One request for many
 * paths costs one crossing for all.
 */
export function statMany(f: Frame): number {
  const paths = f.data.utf8Slice(0, f.dataBytes).split("\0");
  const table = new Float64Array(paths.length * STAT_MANY_DOUBLES);
  paths.forEach((path, i) => {
    const at = i * STAT_MANY_DOUBLES;
    try {
      const s = fs.statSync(path);
      const fields = [
        s.dev,
        s.mode,
        s.nlink,
        s.uid,
        s.gid,
        s.rdev,
        s.blksize,
        s.ino,
        s.size,
        s.blocks,
        s.atimeMs,
        s.mtimeMs,
        s.ctimeMs,
        s.birthtimeMs,
      ];
      table.set(fields, at + 1);
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      if (errno === undefined) throw error;
      table[at] = errno;
    }
  });
  return f.send(new Uint8Array(table.buffer), paths.length);
}

// Stats as numbers, in Node's order of fields: eighteen doubles (the last four are what of the times is below a
// second, in nanoseconds), or fourteen 64-bit integers. It does not know what was looked at.
import type fs from "node:fs";
import type { Frame } from "./frame.ts";

export function putStats(f: Frame, stats: fs.Stats | fs.BigIntStats): number {
  return typeof stats.size === "bigint"
    ? putBigStats(f, stats as fs.BigIntStats)
    : putNumberStats(f, stats as fs.Stats);
}

function putNumberStats(f: Frame, stats: fs.Stats): number {
  fillNumbers(f.memory.doubles, f.firstDouble, stats);
  return 18;
}

/** By symbols, from Node 26 on; before, nobody looks at them. */
let belowSecond: symbol[] | undefined;

export function fillNumbers(
  target: Float64Array,
  at: number,
  s: fs.Stats,
): void {
  target[at] = s.dev;
  target[at + 1] = s.mode;
  target[at + 2] = s.nlink;
  target[at + 3] = s.uid;
  target[at + 4] = s.gid;
  target[at + 5] = s.rdev;
  target[at + 6] = s.blksize;
  target[at + 7] = s.ino;
  target[at + 8] = s.size;
  target[at + 9] = s.blocks;
  target[at + 10] = s.atimeMs;
  target[at + 11] = s.mtimeMs;
  target[at + 12] = s.ctimeMs;
  target[at + 13] = s.birthtimeMs;
  belowSecond ??= Object.getOwnPropertySymbols(s);
  const parts = s as unknown as Record<symbol, number>;
  belowSecond.forEach((part, i) => (target[at + 14 + i] = parts[part]!));
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

/** Node reports the size of a fragment from 24 on, and late in 22. */
type WithFragments = { frsize?: number | bigint };

export function putStatfs(
  f: Frame,
  s: (fs.StatsFs | fs.BigIntStatsFs) & WithFragments,
): number {
  const fields = [
    s.type,
    s.bsize,
    s.blocks,
    s.bfree,
    s.bavail,
    s.files,
    s.ffree,
    s.frsize ?? s.bsize,
  ];
  fields.forEach((value, i) =>
    typeof value === "bigint" ? f.setBigint(i, value) : f.setDouble(i, value),
  );
  return fields.length;
}

/** Doubles that each path takes in the result: its errno (0 when well), then the stats. */
export const STAT_MANY_DOUBLES = 19;

/**
 * Paths come separated by NUL; the result is a table of doubles, moved. One request for many
 * paths costs one crossing for all.
 */
export function statMany(f: Frame): number {
  const paths = f.data.utf8Slice(0, f.dataBytes).split("\0");
  const table = new Float64Array(paths.length * STAT_MANY_DOUBLES);
  paths.forEach((path, i) => {
    const at = i * STAT_MANY_DOUBLES;
    try {
      fillNumbers(table, at + 1, f.fs.statSync(path));
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      if (errno === undefined) throw error;
      table[at] = errno;
    }
  });
  return f.send(new Uint8Array(table.buffer), paths.length);
}

// What is left of the content of one file after a loss of power: each change of it that no fsync covers is there, is not, or
// is torn. It knows the changes and the rules, and no names.
import type { Seeded } from "../../util/seeded.ts";
import { resize, writeBytes, type Change, type Inode } from "./inodes.ts";
import type { Profile } from "./profiles.ts";

export type DataChange = Extract<
  Change,
  { kind: "write" | "resize" | "attributes" }
>;

export interface Fate {
  /** An fsync came back after it. */
  covered: boolean;
  /** The journal has it. */
  committed: boolean;
}

type Write = Extract<Change, { kind: "write" }>;

const PAGE_BYTES = 4096;
/** In so many of all cases a file is longer, and its data is not there. */
const LONGER = 0.25;

/** How far changes that came after one that is missing can be there. */
interface Reach {
  /** Nothing lies beyond: the space behind was taken away, or was not given yet. */
  limit: number;
  /** The file does not grow any more. */
  stopped: boolean;
}

export function replayData(
  inode: Inode,
  changes: readonly [DataChange, Fate][],
  profile: Profile,
  random: Seeded,
): void {
  const reach: Reach = { limit: Infinity, stopped: false };
  for (const [change, fate] of changes) {
    const { covered, committed } = fate;
    if (change.kind === "attributes") {
      const kept =
        covered || (profile.journal ? committed : random.chance(0.5));
      const { mode, uid, gid } = change;
      if (kept) Object.assign(inode, { mode, uid, gid });
    } else if (change.kind === "resize")
      replayResize(inode, change.size, fate, profile, random, reach);
    else if (covered) writeBytes(inode, change.offset, change.bytes);
    else if (profile.growsWithData)
      replayOrdered(inode, change, profile, random, reach);
    else replayFreely(inode, change, profile, random);
  }
}

function replayResize(
  inode: Inode,
  size: number,
  { covered, committed }: Fate,
  profile: Profile,
  random: Seeded,
  reach: Reach,
): void {
  if (covered) {
    resize(inode, size);
    Object.assign(reach, { limit: Infinity, stopped: false });
  } else if (profile.journal ? committed : random.chance(0.5)) {
    if (!reach.stopped || size <= inode.size) resize(inode, size);
  } else if (profile.growsWithData) {
    if (size < inode.size) reach.limit = Math.min(reach.limit, size);
    else reach.stopped = true;
  }
}

/** The sectors of a write, each of which is there or not; also behind the end of the file. */
function replayFreely(
  inode: Inode,
  { offset, bytes }: Write,
  { unitBytes, stale }: Profile,
  random: Seeded,
): void {
  const end = offset + bytes.byteLength;
  if (end > inode.size && random.chance(LONGER)) {
    const from = inode.size;
    resize(inode, end);
    if (stale && random.chance(0.5))
      for (let at = from; at < end; at++) inode.data[at] = random.below(256);
  }
  for (const [from, to] of tornRanges(offset, end, unitBytes, random))
    writeBytes(inode, from, bytes.subarray(from - offset, to - offset));
}

/** What lies over old data is torn; what makes the file longer is there up to some page. */
function replayOrdered(
  inode: Inode,
  { offset, bytes }: Write,
  { unitBytes }: Profile,
  random: Seeded,
  reach: Reach,
): void {
  const end = offset + bytes.byteLength;
  const over = Math.min(end, inode.size, reach.limit);
  for (const [from, to] of tornRanges(offset, over, unitBytes, random))
    writeBytes(inode, from, bytes.subarray(from - offset, to - offset));
  const { size } = inode;
  if (end <= size || reach.stopped || reach.limit < end) return;
  const until = grownTo(size, end, random);
  if (until < end) reach.stopped = true;
  const from = Math.max(offset, size);
  if (until > from)
    writeBytes(inode, from, bytes.subarray(from - offset, until - offset));
}

function grownTo(size: number, end: number, random: Seeded): number {
  const kind = random.below(4);
  if (kind < 2) return end;
  if (kind === 2) return size;
  const pages = Math.ceil((end - size) / PAGE_BYTES);
  const page = Math.floor(size / PAGE_BYTES) + random.below(pages + 1);
  return Math.min(end, Math.max(size, page * PAGE_BYTES));
}

/** The parts of a range that are there, cut at multiples of a unit. */
function tornRanges(
  from: number,
  to: number,
  unit: number,
  random: Seeded,
): [number, number][] {
  if (from >= to) return [];
  const kind = random.below(10);
  if (kind < 3) return [[from, to]];
  if (kind < 6) return [];
  const cuts = [from];
  for (let at = (Math.floor(from / unit) + 1) * unit; at < to; at += unit)
    cuts.push(at);
  cuts.push(to);
  const ranges = cuts
    .slice(1)
    .map((end, i): [number, number] => [cuts[i]!, end]);
  const cut = random.below(ranges.length + 1);
  if (kind === 6) return ranges.slice(0, cut);
  if (kind === 7) return ranges.slice(cut);
  return ranges.filter(() => random.chance(0.5));
}

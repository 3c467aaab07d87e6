// Results and files in the form in which both sides log them (looks.pm): no inode numbers, no current times, long
// data as its length and a sum. It does not know the steps.
import fs from "node:fs";
import type { Entry } from "./scenario.ts";

const DATA_MAX_BYTES = 64;
const NOW_S = 1_000;
const NS_PER_S = 1_000_000_000n;
const SUM_FACTOR = 31;
const SUM_MODULUS = 1_000_000_007;
const LETTER_A = 97;
const LETTERS = 26;
const PAGE_BYTES = 4_096;

const kinds: [(stats: Kinds) => boolean, string][] = [
  [(s) => s.isFile(), "file"],
  [(s) => s.isDirectory(), "dir"],
  [(s) => s.isSymbolicLink(), "link"],
  [(s) => s.isFIFO(), "fifo"],
  [(s) => s.isSocket(), "socket"],
  [(s) => s.isCharacterDevice(), "char"],
  [(s) => s.isBlockDevice(), "block"],
];
type Kinds = Pick<
  fs.Stats,
  | "isFile"
  | "isDirectory"
  | "isSymbolicLink"
  | "isFIFO"
  | "isSocket"
  | "isCharacterDevice"
  | "isBlockDevice"
>;
const NO_SIZE = ["dir", "link", "char", "block"];

/** Bytes that differ from place to place. */
export function pattern(bytes: number): Buffer {
  const made = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i++)
    made[i] = LETTER_A + ((i * 7 + Math.floor(i / PAGE_BYTES)) % LETTERS);
  return made;
}

export function dataOf(data: Uint8Array): unknown {
  if (data.byteLength <= DATA_MAX_BYTES)
    return Buffer.from(data).toString("latin1");
  let sum = 0;
  for (const byte of data) sum = (sum * SUM_FACTOR + byte) % SUM_MODULUS;
  return { bytes: data.byteLength, sum };
}

/** Names and texts are compared as bytes. */
export const bytesOf = (text: string): string =>
  Buffer.from(text).toString("latin1");

const numeric = (value: number | bigint): number => Number(value);

export function kindOf(stats: Kinds): string {
  return kinds.find(([is]) => is(stats))?.[1] ?? "other";
}

/** `precise` is the same in bigints, for what is compared to the nanosecond. */
export function statsOf(
  stats: fs.Stats | fs.BigIntStats,
  fields: readonly string[] = [],
  precise: fs.BigIntStats | null = null,
): Entry {
  const kind = kindOf(stats);
  const out: Entry = { kind, mode: (numeric(stats.mode) & 0o7777).toString(8) };
  if (kind !== "dir") out.nlink = numeric(stats.nlink);
  if (!NO_SIZE.includes(kind)) out.size = numeric(stats.size);
  for (const field of fields) out[field] = fieldOf(field, stats, precise);
  return out;
}

function fieldOf(
  field: string,
  stats: fs.Stats | fs.BigIntStats,
  precise: fs.BigIntStats | null,
): unknown {
  switch (field) {
    case "atime":
      return momentOf(precise?.atimeNs ?? msToNs(stats.atimeMs));
    case "mtime":
      return momentOf(precise?.mtimeNs ?? msToNs(stats.mtimeMs));
    case "uid": {
      const uid = numeric(stats.uid);
      return uid === process.geteuid!() ? "me" : uid;
    }
    case "gid": {
      const gid = numeric(stats.gid);
      return gid === process.getegid!() ? "mine" : gid;
    }
    default:
      return numeric(stats[field as "rdev" | "blocks"]);
  }
}

const msToNs = (ms: number | bigint): bigint =>
  BigInt(Math.round(Number(ms) * 1_000)) * 1_000n;

function momentOf(ns: bigint): string {
  const seconds = ns >= 0n ? ns / NS_PER_S : (ns - (NS_PER_S - 1n)) / NS_PER_S;
  if (Math.abs(Number(seconds) - Date.now() / 1_000) < NOW_S) return "now";
  const rest = ns - seconds * NS_PER_S;
  return `${seconds}.${rest.toString().padStart(9, "0")}`;
}

interface Dent {
  name: string;
  type: number;
  inode: number;
}
const types: Record<number, string> = {
  0: "unknown",
  1: "fifo",
  2: "char",
  4: "dir",
  6: "block",
  8: "file",
  10: "link",
  12: "socket",
};

const DIRS_FIRST = 2;
const STAT_ORDER = 4;

/** Names sorted; of the order only what the flags promise. `folder` is null where it is not known. */
export function listingOf(
  entries: (string | Dent)[],
  folder: string | null,
  flags: number,
): Entry {
  const names = entries.map((e) => (typeof e === "string" ? e : e.name));
  const found = names.map((name) =>
    folder === null
      ? null
      : fs.lstatSync(`${folder}/${name}`, {
          bigint: true,
          throwIfNoEntry: false,
        }),
  );
  const inodes = found.map((stats) => stats?.ino ?? 0n);
  const dirs = found.map((stats) => stats?.isDirectory() ?? false);
  const part = (of: boolean): bigint[] =>
    inodes.filter((_, i) => dirs[i] === of);
  const out: Entry = { names: names.map(bytesOf).sort(byBytes) };
  const first = (flags & DIRS_FIRST) !== 0;
  const sorted = (flags & STAT_ORDER) !== 0;
  if (first) out.dirsFirst = dirs.lastIndexOf(true) < countOf(dirs) ? 1 : 0;
  if (sorted && !first) out.inodesRise = rises(inodes);
  if (sorted) out.partsRise = rises(part(true)) && rises(part(false));
  const dents = entries.filter((e) => typeof e !== "string");
  if (dents.length > 0) {
    out.types = Object.fromEntries(
      dents.map(({ name, type }) => [
        bytesOf(name),
        types[type] ?? `type ${type}`,
      ]),
    );
    if (folder !== null)
      out.inodesRight = dents.every(
        ({ inode }, i) => BigInt(inode) === inodes[i],
      )
        ? 1
        : 0;
  }
  return out;
}

export const byBytes = (a: string, b: string): number =>
  a < b ? -1 : a > b ? 1 : 0;
const countOf = (flags: boolean[]): number => flags.filter(Boolean).length;
const rises = (numbers: bigint[]): number =>
  numbers.every((n, i) => i === 0 || numbers[i - 1]! <= n) ? 1 : 0;

// Stats as the running Node makes them: instances of its own classes, with the same own fields in the same order,
// from the numbers in a slot. They know no call.
import fs from "node:fs";
import type { Memory } from "../../request/memory.ts";
import type { Request } from "../../request/request.ts";
import { firstDouble, type Decode } from "../../request/results.ts";

/** Of something that may be looked at: any file or folder may be gone, or denied to this process. */
function sampled<T>(...tries: (() => T)[]): T {
  for (const take of tries)
    try {
      return take();
    } catch {
      // The next one.
    }
  throw new Error("No file may be looked at: neither a descriptor nor a path");
}

const own = import.meta.filename;
/** Node has opened them by the time that it runs. */
const standard = [0, 1, 2];
/** From before anybody (our register door, say) replaces them. */
const { fstatSync, statSync, statfsSync } = fs;

/** Up to Node 20 the dates are fields of their own; later they are made when read. */
let ownDates = false;
let ownBigDates = false;
/** From Node 26 on, what of each time is below a second, in nanoseconds, by symbols. */
let hasBelowSecond = false;
let atimeBelow: symbol | undefined;
let mtimeBelow: symbol | undefined;
let ctimeBelow: symbol | undefined;
let birthtimeBelow: symbol | undefined;
let isKnown = false;

/** What Stats of the running Node are like: seen when the first is to be made, for the import touches no file. */
function know(): void {
  // Paths first: where the last that was looked at is a pipe, Node up to 22 does not resolve the links of the next module
  // that is required (realpathSync takes those numbers for its own), and a linked package is loaded twice.
  const bigSample = sampled(
    ...[own, "."].map((path) => () => statSync(path, { bigint: true })),
    ...standard.map((fd) => () => fstatSync(fd, { bigint: true })),
  );
  const sample = sampled(
    ...[own, "."].map((path) => () => statSync(path)),
    ...standard.map((fd) => () => fstatSync(fd)),
  );
  BigStats.prototype = Object.getPrototypeOf(bigSample) as object;
  ownDates = Object.hasOwn(sample, "atime");
  ownBigDates = Object.hasOwn(bigSample, "atime");
  const belowSecond = Object.getOwnPropertySymbols(sample);
  [atimeBelow, mtimeBelow, ctimeBelow, birthtimeBelow] = belowSecond;
  hasBelowSecond = belowSecond.length === 4;
  isKnown = true;
}

const NS_PER_MS = 1_000_000n;
const dateOf = (ms: number): Date => new Date(Math.round(ms));

interface StatsFields {
  [field: string | symbol]: unknown;
}

function NumberStats(
  this: StatsFields,
  d: ArrayLike<number>,
  at: number,
): void {
  this["dev"] = d[at];
  this["mode"] = d[at + 1];
  this["nlink"] = d[at + 2];
  this["uid"] = d[at + 3];
  this["gid"] = d[at + 4];
  this["rdev"] = d[at + 5];
  this["blksize"] = d[at + 6];
  this["ino"] = d[at + 7];
  this["size"] = d[at + 8];
  this["blocks"] = d[at + 9];
  this["atimeMs"] = d[at + 10];
  this["mtimeMs"] = d[at + 11];
  this["ctimeMs"] = d[at + 12];
  this["birthtimeMs"] = d[at + 13];
  if (hasBelowSecond) {
    this[atimeBelow!] = d[at + 14];
    this[mtimeBelow!] = d[at + 15];
    this[ctimeBelow!] = d[at + 16];
    this[birthtimeBelow!] = d[at + 17];
  }
  if (!ownDates) return;
  this["atime"] = dateOf(d[at + 10]!);
  this["mtime"] = dateOf(d[at + 11]!);
  this["ctime"] = dateOf(d[at + 12]!);
  this["birthtime"] = dateOf(d[at + 13]!);
}
NumberStats.prototype = fs.Stats.prototype;

function BigStats(this: StatsFields, b: BigInt64Array, at: number): void {
  const names = [
    "dev",
    "mode",
    "nlink",
    "uid",
    "gid",
    "rdev",
    "blksize",
    "ino",
    "size",
    "blocks",
  ];
  names.forEach((name, i) => (this[name] = b[at + i]));
  const times = ["atime", "mtime", "ctime", "birthtime"];
  times.forEach((name, i) => (this[`${name}Ms`] = b[at + 10 + i]! / NS_PER_MS));
  times.forEach((name, i) => (this[`${name}Ns`] = b[at + 10 + i]));
  if (!ownBigDates) return;
  times.forEach(
    (name, i) => (this[name] = dateOf(Number(b[at + 10 + i]! / NS_PER_MS))),
  );
}

type Make<A> = new (numbers: A, at: number) => unknown;
const MakeStats = NumberStats as unknown as Make<ArrayLike<number>>;
const MakeBigStats = BigStats as unknown as Make<BigInt64Array>;

export function statsFrom(numbers: ArrayLike<number>, at: number): fs.Stats {
  if (!isKnown) know();
  return new MakeStats(numbers, at) as fs.Stats;
}

export function bigStatsFrom(numbers: BigInt64Array, at = 0): fs.BigIntStats {
  if (!isKnown) know();
  return new MakeBigStats(numbers, at) as fs.BigIntStats;
}

const NS_PER_S = 1_000_000_000n;
const MS_PER_S = 1000;
const TIMES_AT = 10;

/** Of bigints: what a stat without them makes, rounded as Node rounds. */
export function statsFromBig(numbers: BigInt64Array): fs.Stats {
  const doubles = Float64Array.from(numbers, Number);
  const below: number[] = [];
  for (let at = TIMES_AT; at < numbers.length; at++) {
    const ns = Number(numbers[at]! % NS_PER_S);
    doubles[at] =
      Number(numbers[at]! / NS_PER_S) * MS_PER_S + ns / Number(NS_PER_MS);
    below.push(ns);
  }
  return statsFrom(Float64Array.of(...doubles, ...below), 0);
}

/** The numbers alone, for whoever makes Stats of them later, if at all. A literal takes an eighth of the time of the Stats. */
export function statsNumbers(
  { doubles: d }: Memory,
  slot: number,
): readonly number[] {
  const at = firstDouble(slot);
  // prettier-ignore
  return [
    d[at]!, d[at + 1]!, d[at + 2]!, d[at + 3]!, d[at + 4]!, d[at + 5]!,
    d[at + 6]!, d[at + 7]!, d[at + 8]!, d[at + 9]!, d[at + 10]!, d[at + 11]!,
    d[at + 12]!, d[at + 13]!, d[at + 14]!, d[at + 15]!, d[at + 16]!, d[at + 17]!,
  ];
}

/** By the request's switch: numbers or bigints. */
export const decodeStats: Decode = (
  memory: Memory,
  slot: number,
  request: Request,
) =>
  request.a === 0
    ? statsFrom(memory.doubles, firstDouble(slot))
    : bigStatsFrom(memory.bigints, firstDouble(slot));

/** Where no path may be looked at, nobody is given one either. */
const sampleStatfs = (): object =>
  sampled<object>(
    ...[own, ".", "/"].map((path) => () => statfsSync(path)),
    () => ({}),
  );
let statfsSample: object | undefined;

/** As they lie in the slot: those that every Node has, then `frsize`, which later ones have in the middle. */
const STATFS_FIELDS = [
  "type",
  "bsize",
  "blocks",
  "bfree",
  "bavail",
  "files",
  "ffree",
  "frsize",
];

export const decodeStatfs: Decode = (memory, slot, request) => {
  const numbers = request.a === 0 ? memory.doubles : memory.bigints;
  const at = firstDouble(slot);
  statfsSample ??= sampleStatfs();
  const prototype = Object.getPrototypeOf(statfsSample) as object;
  const stats = Object.create(prototype) as StatsFields;
  for (const name of Object.keys(statfsSample))
    stats[name] = numbers[at + STATFS_FIELDS.indexOf(name)];
  return stats;
};

// A log is rotated between any two system calls of the one who follows it: each line is given once, and in order. EIO_ROTATION_SEEDS says how
// many logs, for a longer run (npm run test:tail).
import fs from "node:fs";
import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { Family } from "../../../src/api/tail/family.ts";
import { Follower } from "../../../src/api/tail/follower.ts";
import { positionOf } from "../../../src/api/tail/place.ts";
import type { EioPromises, FileHandle } from "../../../src/api/types.ts";
import { Seeded } from "../../../src/util/seeded.ts";
import { testFolder } from "../../helpers/files.ts";
import { rotatingWriter, type Rotation } from "./interleaved-writer.ts";

const folder = testFolder();
const seeds = Number(process.env.EIO_ROTATION_SEEDS ?? 60);
const first = Number(process.env.EIO_SEED ?? Date.now() % 1e9);
/** Those in which something was once lost or given twice. */
const REMEMBERED = [8, 20, 95, 748];
/** Those in which a follower that goes on at a position gave the lines of a copy once more, from its start; and those in which it lost some. */
const REMEMBERED_RESUMED = [
  ...[20_316, 20_416, 20_527, 20_584, 20_619, 20_746],
  ...[20_095, 20_739, 21_709, 22_154, 22_180, 22_897],
];
/** Reads, in the mean, after which one follower ends and another goes on. */
const RESUMED_EVERY = 8;
/** Reads that find nothing, after the writer's last line. */
const LAST_READS = 3;

/**
 * The calls of a follower, carried out at once; `before` runs in front of each. Files are born in the order in which they were made: the
 * system's own clock stands still for milliseconds, in which a log is not rotated several times.
 */
function callsOf(before: () => void, made: bigint[]): EioPromises {
  const born = (stats: fs.BigIntStats): fs.BigIntStats =>
    Object.assign(stats, { birthtimeNs: BigInt(made.indexOf(stats.ino) + 1) });
  const call =
    <A extends unknown[], R>(method: (...args: A) => R) =>
    async (...args: A): Promise<R> => {
      before();
      return method(...args);
    };
  const open = (path: string): FileHandle => {
    const fd = fs.openSync(path, "r");
    return {
      stat: call(() => born(fs.fstatSync(fd, { bigint: true }))),
      close: call(() => fs.closeSync(fd)),
      read: call(({ buffer, offset, position }) => ({
        bytesRead: fs.readSync(fd, buffer, { offset, position }),
      })),
    } as unknown as FileHandle;
  };
  return {
    readdir: call((path: string) => fs.readdirSync(path)),
    stat: call((path: string) => born(fs.statSync(path, { bigint: true }))),
    open: call(open),
  } as unknown as EioPromises;
}

/** The numbers of the lines that a follower gives of a log that is rotated meanwhile, and how many were written. */
async function follow(
  how: Rotation,
  seed: number,
  resumes = false,
): Promise<{ numbers: number[]; written: number }> {
  const home = fs.mkdtempSync(folder.join("home-"));
  const file = `${home}/app.log`;
  const random = new Seeded(how, seed);
  const made: bigint[] = [];
  const writer = rotatingWriter(file, how, 4 + random.below(6), random, made);
  // Rotations are rare or frequent, and come alone or several at a time.
  const rarity = 1 + random.below(6);
  const burst = 1 + random.below(30);
  let written = -1;
  const writeSome = (): void => {
    for (let n = random.below(burst); n >= 0 && written < 0; n--) {
      const { value, done } = writer.next();
      if (done === true) written = value;
    }
  };
  let begun = false;
  const promises = callsOf(() => {
    if (begun && random.below(rarity) === 0) writeSome();
  }, made);
  const family = new Family(promises, file, undefined, {});
  let follower = new Follower(promises, family, "start", {});
  let text = "";
  for (let last = 0; last < LAST_READS;) {
    const piece = await follower.read();
    begun = true;
    if (piece !== null) text += piece.bytes.toString();
    else if (written < 0) writeSome();
    else last++;
    const { place } = follower;
    if (!resumes || place === null || random.below(RESUMED_EVERY) !== 0)
      continue;
    await follower[Symbol.asyncDispose]();
    follower = new Follower(promises, family, positionOf(place), {});
  }
  await follower[Symbol.asyncDispose]();
  const lines = text.split("\n").slice(0, -1);
  return { numbers: lines.map((line) => Number.parseInt(line)), written };
}

/** What is wrong in these logs and in today's. */
async function wrongAmong(
  remembered: number[],
  how: Rotation,
  resumes = false,
): Promise<string[]> {
  const wrong: string[] = [];
  const later = Array.from({ length: seeds }, (_, i) => first + i);
  for (const seed of [...remembered, ...later]) {
    const { numbers, written } = await follow(how, seed, resumes);
    const at = numbers.findIndex((number, i) => number !== i);
    if (at >= 0 || numbers.length !== written)
      wrong.push(
        `seed ${seed}: ${written} lines, ${numbers.length} given, wrong from ${at}`,
      );
    // Nothing here waits for the loop, and the runner has to be heard of.
    await setImmediate();
  }
  return wrong;
}

it.each<Rotation>(["shift", "dates", "copy"])(
  `gives each line once, wherever a rotation by %s meets a call (${seeds} logs from seed ${first})`,
  async (how) => {
    expect(await wrongAmong(REMEMBERED, how)).toEqual([]);
  },
);

it.each<Rotation>(["shift", "dates", "copy"])(
  `gives each line once that goes on at a position now and then in a log rotated by %s (${seeds} logs from seed ${first})`,
  async (how) => {
    expect(await wrongAmong(REMEMBERED_RESUMED, how, true)).toEqual([]);
  },
);

// A writer that rotates its log, one system call after the other: whoever reads meanwhile decides how far it gets between two calls of its own.
import fs from "node:fs";
import type { Seeded } from "../../../src/util/seeded.ts";

export type Rotation = "shift" | "dates" | "copy";

const LINES_MAX = 12;
const FILLING_MAX = 40;

/** Writes numbered lines, and returns how many; each yield is a place where a reader may look. `made` gets the files' inodes in their order. */
export function* rotatingWriter(
  file: string,
  how: Rotation,
  rotations: number,
  random: Seeded,
  made: bigint[],
): Generator<void, number, void> {
  let line = 0;
  let kept = 0;
  const create = (path: string): number => {
    const created = fs.openSync(path, "a");
    made.push(fs.fstatSync(created, { bigint: true }).ino);
    return created;
  };
  let fd = create(file);
  yield;
  const name = (n: number): string => `${file}.${n}`;

  function* writeLines(count: number): Generator<void> {
    for (let n = count; n > 0; n--) {
      const text = `${line++} ${"x".repeat(random.below(FILLING_MAX))}\n`;
      const half = random.below(4) === 0 ? random.below(text.length) : 0;
      if (half > 0) {
        fs.writeSync(fd, text.slice(0, half));
        yield;
      }
      fs.writeSync(fd, text.slice(half));
      yield;
    }
  }

  function* shift(): Generator<void> {
    for (let n = kept; n > 0; n--) {
      fs.renameSync(name(n), name(n + 1));
      yield;
    }
    kept++;
  }

  /** The old file is open for a while, and the last lines go there. */
  function* switchTo(rotated: string): Generator<void> {
    fs.renameSync(file, rotated);
    yield;
    yield* writeLines(random.below(3));
    const next = create(file);
    yield;
    yield* writeLines(random.below(3));
    fs.closeSync(fd);
    fd = next;
  }

  function* copyAndCut(): Generator<void> {
    const copy = create(name(1));
    yield;
    const data = fs.readFileSync(file);
    const half = random.below(3) === 0 ? random.below(data.length + 1) : 0;
    if (half > 0) {
      fs.writeSync(copy, data.subarray(0, half));
      yield;
    }
    fs.writeSync(copy, data.subarray(half));
    fs.closeSync(copy);
    yield;
    fs.truncateSync(file);
    yield;
  }

  for (let i = 0; i < rotations; i++) {
    yield* writeLines(random.below(LINES_MAX));
    if (how === "dates") yield* switchTo(`${file}-${20260000 + i}`);
    else yield* shift();
    if (how === "shift") yield* switchTo(name(1));
    else if (how === "copy") yield* copyAndCut();
  }
  yield* writeLines(1);
  fs.closeSync(fd);
  return line;
}

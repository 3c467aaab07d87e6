// A writer in a process of its own: numbered lines into a log that it rotates at random, as programs and logrotate do it.
// Usage: node rotating-writer.mjs FILE ROTATIONS SEED HOW; HOW is shift (app.log.1, which was app.log, becomes app.log.2), dates (each gets a name
// of its own) or copy (copied and cut)
import fs from "node:fs";
import { setTimeout } from "node:timers/promises";

/** Rotations are some milliseconds apart, of which the renaming takes a part. */
const PAUSE_MS = 5;

const [file, rotations, seed, how] = process.argv.slice(2);
let state = Number(seed);
function random(count) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * count);
}

let line = 0;
let fd = fs.openSync(file, "a");
const write = () => {
  const text = `${line++} ${"x".repeat(random(40))}\n`;
  // Now and then in two parts, so that a reader sees half a line.
  const at = random(4) === 0 ? random(text.length) : 0;
  if (at > 0) fs.writeSync(fd, text.slice(0, at));
  fs.writeSync(fd, text.slice(at));
};

let kept = 0;
const name = (n) => `${file}.${n}`;
function shift() {
  for (let n = kept; n > 0; n--) fs.renameSync(name(n), name(n + 1));
  kept++;
}

/** The writer has the old file open for a while. */
function switchTo(rotated) {
  fs.renameSync(file, rotated);
  for (let i = random(3); i > 0; i--) write();
  const next = fs.openSync(file, "a");
  for (let i = random(3); i > 0; i--) write();
  fs.closeSync(fd);
  fd = next;
}

const ways = {
  shift() {
    shift();
    switchTo(name(1));
  },
  dates: (i) => switchTo(`${file}-${20260000 + i}`),
  copy() {
    shift();
    fs.copyFileSync(file, name(1));
    fs.truncateSync(file);
  },
};

for (let i = 0; i < Number(rotations); i++) {
  for (let n = random(20); n > 0; n--) write();
  ways[how](i);
  await setTimeout(random(PAUSE_MS));
}
fs.writeSync(fd, `end ${line}\n`);

// A writer in a process of its own: numbered lines into a log that it rotates at random, as programs and logrotate do it.
// Usage: node rotating-writer.mjs FILE ROTATIONS SEED HOW; HOW is rename, copy (copied and cut) or mixed
import fs from "node:fs";

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

const ways = {
  rename() {
    shift();
    fs.renameSync(file, name(1));
    // The writer still has the old file.
    for (let i = random(3); i > 0; i--) write();
    const next = fs.openSync(file, "a");
    for (let i = random(3); i > 0; i--) write();
    fs.closeSync(fd);
    fd = next;
  },
  copy() {
    shift();
    fs.copyFileSync(file, name(1));
    fs.truncateSync(file);
  },
};

for (let i = 0; i < Number(rotations); i++) {
  for (let n = random(20); n > 0; n--) write();
  if (how === "mixed") ways[random(2) === 0 ? "rename" : "copy"]();
  else ways[how]();
  // Old files go, as they do anywhere, but none that a reader might not have seen.
  if (random(10) === 0) await new Promise((resolve) => setImmediate(resolve));
}
fs.writeSync(fd, `end ${line}\n`);

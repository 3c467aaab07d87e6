// One watcher in a process of its own: how long it takes to be ready and what memory it keeps for a tree, or what it makes of a storm. It
// prints one line of JSON. argv: subject, what ("size" or "storm"), folder, number of changes, folder of the other watchers.
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { subjects } from "./subjects.mjs";

const [name, what, folder, changes, installed] = process.argv.slice(2);
const QUIET_MS = 5000;
const WAIT_MAX_MS = 120_000;
const storm = path.resolve(
  import.meta.dirname,
  "../../test/api/watch-tree/storm.mjs",
);
const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What is there, as the events say. */
const known = new Set();
let doubled = 0;
let events = 0;
let lastMs = performance.now();
const note = () => {
  events++;
  lastMs = performance.now();
};
const sink = {
  added(path) {
    note();
    if (known.has(path)) doubled++;
    known.add(path);
  },
  changed(path) {
    note();
    known.add(path);
  },
  /** With all that is in it: not everybody says so. */
  removed(path) {
    note();
    if (!known.delete(path)) doubled++;
    for (const other of below(path)) known.delete(other);
  },
  moved(from, to) {
    note();
    for (const other of [from, ...below(from)]) {
      known.delete(other);
      known.add(to + other.slice(from.length));
    }
  },
};
const below = (path) =>
  [...known].filter((other) => other.startsWith(`${path}/`));

const rss = () => {
  globalThis.gc();
  return process.memoryUsage.rss();
};

const before = rss();
const began = performance.now();
await subjects[name](folder, sink, installed);
const readyMs = performance.now() - began;
if (what === "size") {
  await delay(500);
  globalThis.gc();
  console.log(JSON.stringify({ readyMs, bytes: rss() - before }));
  process.exit();
}
await promisify(execFile)(process.execPath, [storm, folder, changes, "4711"]);
const overMs = performance.now();
while (
  performance.now() - Math.max(lastMs, overMs) < QUIET_MS &&
  performance.now() - overMs < WAIT_MAX_MS
)
  await delay(100);
const real = new Set(
  fs
    .readdirSync(folder, { recursive: true })
    .map((name) => name.split(path.sep).join("/")),
);
const missed = [...real].filter((name) => !known.has(name)).length;
const stale = [...known].filter((name) => !real.has(name)).length;
console.log(
  JSON.stringify({
    ...{ missed, stale, doubled, events, entries: real.size },
    behindMs: Math.max(0, lastMs - overMs),
    cpuMs: process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000,
  }),
);
process.exit();

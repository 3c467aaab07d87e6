// Our side of bench/libeio.mjs: reads lines "case count", does that many of the case, 64 at once, and writes the seconds
// and the processor time that it took. theirs.pl does the same with IO::AIO.
import fs from "node:fs";
import { createInterface } from "node:readline";
import { createEio } from "node-eio";

const DEPTH = 64;
const GROUP = 1000;
const FEED_LIMIT = 8;
const READ_BYTES = 4096;
const ALL_FLAGS = 7;

const [folder, backend = "threads"] = process.argv.slice(2);
const file = `${folder}/file`;
const listed = `${folder}/listed`;
const scratch = `${folder}/ours`;
const fd = fs.openSync(file, "r");
const buffers = Array.from({ length: DEPTH }, () => Buffer.alloc(READ_BYTES));
const instance = createEio({ backend });
const { eio } = instance;

const submit = {
  nop: (_n, done) => eio.nop(done),
  stat: (_n, done) => eio.stat(file, done),
  read: (n, done) => eio.read(fd, buffers[n % DEPTH], READ_BYTES, 0, done),
  load: (_n, done) => eio.load(file, done),
  scandir: (_n, done) => eio.scandir(listed, 0, done),
  readdirx: (_n, done) => eio.readdirx(listed, ALL_FLAGS, done),
  rmtree: (n, done) => eio.rmtree(`${scratch}/tree${n}`, done),
  copy: (n, done) => eio.copy(file, `${scratch}/copy${n % DEPTH}`, done),
};

/** A failure would look like speed. */
function check({ type, result, error }) {
  if (result < 0) throw new Error(`${type}: ${error}`);
}

const atDepth = (count, begin) =>
  new Promise((resolve) => {
    let begun = 0;
    let left = count;
    const next = () => {
      if (begun < count) begin(begun++, done);
    };
    const done = (req) => {
      check(req);
      if (--left === 0) resolve();
      else next();
    };
    for (let i = 0; i < DEPTH; i++) next();
  });

/** Groups of 1,000 stats, one after the other. */
async function inGroups(count) {
  for (let n = 0; n < count; n += GROUP)
    await new Promise((resolve) => {
      const grp = eio.grp(resolve);
      for (let i = 0; i < GROUP; i++)
        eio.grp_add(grp, eio.stat(file, 0, check));
    });
}

const fed = (count) =>
  new Promise((resolve) => {
    let begun = 0;
    const feed = (grp) => {
      if (begun++ < count) eio.grp_add(grp, eio.stat(file, 0, check));
    };
    eio.grp_feed(eio.grp(resolve), feed, FEED_LIMIT);
  });

const US_PER_S = 1e6;
for await (const line of createInterface({ input: process.stdin })) {
  const [name, given] = line.split(" ");
  const count = Number(given);
  const before = process.cpuUsage();
  const from = performance.now();
  if (name === "groups") await inGroups(count);
  else if (name === "feed") await fed(count);
  else await atDepth(count, submit[name]);
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(before);
  console.log(`${seconds} ${(user + system) / US_PER_S}`);
}
await instance.close();

// libeio beside ours, in one run and in turn: the same requests through IO::AIO (Debian's libio-aio-perl) and through
// node-eio/eio on the native threads, rate and processor time of each. Prints the table; --write puts it into docs/libeio.md.
//
//   npm run libeio:compare -- [--write] [--rounds 7] [--only stat,read] [--backend auto]
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { machineLine, median } from "./support/machine.mjs";

const { values } = parseArgs({
  options: {
    write: { type: "boolean" },
    rounds: { type: "string", default: "7" },
    only: { type: "string" },
    backend: { type: "string", default: "threads" },
    folder: { type: "string", default: "/dev/shm" },
  },
});
const rounds = Number(values.rounds);
const root = path.resolve(import.meta.dirname, "..");
const docs = path.join(root, "docs/libeio.md");

const TREE_FILES = 20;
/** What each case does, and how often in one round: a fifth of a second and more, so that no round is one of starting threads. */
const cases = {
  nop: [100_000, "nop"],
  stat: [50_000, "stat"],
  read: [50_000, "read of 4 KiB"],
  load: [20_000, "load of 4 KiB"],
  scandir: [1_500, "scandir of 100 entries"],
  readdirx: [1_500, "readdirx of 100 entries, all flags"],
  rmtree: [300, `rmtree of ${TREE_FILES} files in 3 folders`],
  copy: [3_000, "copy of 4 KiB"],
  groups: [150_000, "groups of 1,000 stats (each stat)"],
  feed: [30_000, "a feeder with limit 8 (each stat)"],
};
const names = values.only?.split(",") ?? Object.keys(cases);

const folder = fs.mkdtempSync(path.join(values.folder, "eio-compare-"));
const write = (name) =>
  fs.writeFileSync(path.join(folder, name), Buffer.alloc(4096, "x"));
write("file");
fs.mkdirSync(path.join(folder, "listed"));
for (let i = 0; i < 100; i++)
  if (i % 10 === 0) fs.mkdirSync(path.join(folder, `listed/folder-${i}`));
  else write(`listed/file-${i}.txt`);

function plantTrees(side, count) {
  for (let n = 0; n < count; n++)
    for (const part of ["a/b", "c"]) {
      const within = path.join(folder, side, `tree${n}`, part);
      fs.mkdirSync(within, { recursive: true });
      for (let i = 0; i < TREE_FILES / 2; i++)
        fs.writeFileSync(path.join(within, `${i}`), "");
    }
}

/** One side's process: a case in, its seconds and seconds of processor out. */
class Side {
  constructor(name, command, args) {
    this.name = name;
    fs.mkdirSync(path.join(folder, name));
    this.child = spawn(
      command,
      [...args.slice(0, 1), folder, ...args.slice(1)],
      {
        stdio: ["pipe", "pipe", "inherit"],
        cwd: root,
      },
    );
    this.lines = createInterface({ input: this.child.stdout })[
      Symbol.asyncIterator
    ]();
  }

  async run(name, count) {
    if (name === "rmtree") plantTrees(this.name, count);
    this.child.stdin.write(`${name} ${count}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${this.name} ended in ${name}`);
    const [seconds, cpu] = value.split(" ").map(Number);
    return { rate: count / seconds, cpuUs: (cpu / count) * 1e6 };
  }
}

const theirs = new Side("theirs", "perl", ["bench/libeio/theirs.pl"]);
const ours = new Side("ours", process.execPath, [
  "bench/libeio/ours.mjs",
  values.backend,
]);
const results = [];
try {
  for (const name of names) {
    const [count] = cases[name];
    const measured = { theirs: [], ours: [] };
    for (const side of [theirs, ours]) await side.run(name, count);
    for (let round = 0; round < rounds; round++)
      for (const side of round % 2 ? [ours, theirs] : [theirs, ours])
        measured[side.name].push(await side.run(name, count));
    results.push({ name, ...measured });
    console.error(rowOf(results.at(-1)));
  }
} finally {
  for (const { child } of [theirs, ours]) child.stdin.end();
  fs.rmSync(folder, { recursive: true });
}

const table = [
  "| | IO::AIO, per second | ours, per second | ratio | IO::AIO, µs of CPU | ours, µs of CPU |",
  "| --- | ---: | ---: | ---: | ---: | ---: |",
  ...results.map(rowOf),
].join("\n");
const conditions = `${machineLine()}, IO::AIO of libio-aio-perl, ${values.folder} (tmpfs); backend \`${values.backend}\`, 64 at once; medians of ${rounds} alternating rounds, load ${loadLine()}.`;
console.log(`${table}\n\n${conditions}`);
if (values.write) writeDocs();

function rowOf({ name, theirs, ours }) {
  const mid = (side, what) => median(side.map((one) => one[what]));
  const [a, b] = [mid(theirs, "rate"), mid(ours, "rate")];
  const shown = (rate) => Math.round(rate).toLocaleString("en-US");
  const cpu = (side) => mid(side, "cpuUs").toFixed(1);
  return `| ${cases[name][1]} | ${shown(a)} | ${shown(b)} | ${(b / a).toFixed(2)} | ${cpu(theirs)} | ${cpu(ours)} |`;
}

function loadLine() {
  return fs.readFileSync("/proc/loadavg", "latin1").split(" ", 1)[0];
}

function writeDocs() {
  const [begin, end] = ["<!-- begin compared -->", "<!-- end compared -->"];
  const text = fs.readFileSync(docs, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to === -1) throw new Error(`no ${begin} in ${docs}`);
  const part = `${begin}\n\n${conditions}\n\n${table}\n\n`;
  fs.writeFileSync(docs, text.slice(0, from) + part + text.slice(to));
}

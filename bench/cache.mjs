// What a copy of a large file costs others: one process reads 4 KiB blocks of a file that is in the page cache, another copies a
// large file with `cache: "keep"` and "drop", in turn. Where cgroups may be made, both have so much memory that not all of it fits.
// Usage: npm run bench:cache [-- --mib 2048 --memory 1024 --rounds 3]
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { machineLine, median } from "./support/machine.mjs";
import { needBuild } from "./support/subjects.mjs";
import { tablePrinter } from "./support/table.mjs";

const MIB = 1 << 20;
const HOT_MIB = 256;
const BLOCK_BYTES = 4096;
/** How long a reader looks on without a copy, for comparison. */
const ALONE_MS = 3000;
const MEMORY_CGROUPS = ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mib: { type: "string", default: "2048" },
    memory: { type: "string", default: "1024" },
    rounds: { type: "string", default: "3" },
    folder: { type: "string", default: os.tmpdir() },
  },
});
const [role, ...files] = positionals;
const roles = { read: () => readUntilStopped(...files), copy: () => copy() };
await (roles[role] ?? compare)();

async function compare() {
  needBuild();
  const home = fs.mkdtempSync(path.join(values.folder, "eio-cache-"));
  const group = makeGroup();
  try {
    const hot = makeFile(path.join(home, "hot"), HOT_MIB);
    const large = makeFile(path.join(home, "large"), Number(values.mib));
    const runs = { alone: [], keep: [], drop: [] };
    for (let round = 0; round < Number(values.rounds); round++)
      for (const way of Object.keys(runs))
        runs[way].push(await runOnce(way, { home, hot, large, group }));
    report(runs, group);
  } finally {
    fs.rmSync(home, { recursive: true });
    if (group !== null) fs.rmdirSync(group.folder);
  }
}

async function runOnce(way, { home, hot, large, group }) {
  const reader = start(["read", hot], group);
  await reader.line();
  const copied = path.join(home, "copied");
  const began = performance.now();
  if (way === "alone") await new Promise((done) => setTimeout(done, ALONE_MS));
  else await start(["copy", way, large, copied], group).ended;
  const seconds = (performance.now() - began) / 1000;
  reader.child.stdin.end();
  const latencies = JSON.parse(await reader.line());
  await reader.ended;
  fs.rmSync(copied, { force: true });
  return { ...latencies, seconds };
}

function start(args, group) {
  const options = { stdio: ["pipe", "pipe", "inherit"] };
  const child = spawn(
    process.execPath,
    [import.meta.filename, ...args],
    options,
  );
  if (group !== null)
    fs.writeFileSync(path.join(group.folder, "cgroup.procs"), `${child.pid}`);
  child.stdin.write("begin\n");
  const lines = createInterface({ input: child.stdout })[
    Symbol.asyncIterator
  ]();
  const ended = new Promise((resolve, reject) =>
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${args[0]} ended: ${code}`)),
    ),
  );
  return { child, ended, line: async () => (await lines.next()).value };
}

/** Of one's own, with less memory than the copy is long; null where none may be made. */
function makeGroup() {
  for (const root of MEMORY_CGROUPS)
    for (const limit of ["memory.limit_in_bytes", "memory.max"]) {
      const folder = path.join(root, `node-eio-cache-${process.pid}`);
      try {
        fs.mkdirSync(folder);
        fs.writeFileSync(
          path.join(folder, limit),
          `${Number(values.memory) * MIB}`,
        );
        return { folder };
      } catch {
        fs.rmSync(folder, { recursive: true, force: true });
      }
    }
  return null;
}

function makeFile(file, mib) {
  const fd = fs.openSync(file, "w");
  for (let i = 0; i < mib; i++) fs.writeSync(fd, Buffer.alloc(MIB, i));
  fs.fsyncSync(fd);
  fs.closeSync(fd);
  return file;
}

async function readUntilStopped(file) {
  const fd = fs.openSync(file);
  const block = Buffer.alloc(BLOCK_BYTES);
  let stopped = false;
  let begun = false;
  process.stdin.on("data", () => (begun = true));
  process.stdin.on("end", () => (stopped = true));
  const turn = () => new Promise((done) => setTimeout(done, 1));
  while (!begun) await turn();
  for (let at = 0; at < HOT_MIB * MIB; at += BLOCK_BYTES)
    fs.readSync(fd, block, 0, BLOCK_BYTES, at);
  console.log("ready");
  const taken = [];
  while (!stopped) {
    for (let i = 0; i < 20; i++) {
      const at = Math.floor(Math.random() * HOT_MIB * (MIB / BLOCK_BYTES));
      const before = performance.now();
      fs.readSync(fd, block, 0, BLOCK_BYTES, at * BLOCK_BYTES);
      taken.push((performance.now() - before) * 1000);
    }
    await turn();
  }
  taken.sort((a, b) => a - b);
  const at = (share) => taken[Math.floor((taken.length - 1) * share)];
  console.log(JSON.stringify({ p50: at(0.5), p99: at(0.99), p999: at(0.999) }));
}

async function copy() {
  const [cache, from, to] = files;
  await new Promise((begin) => process.stdin.once("data", begin));
  process.stdin.destroy();
  const { default: promises } = await import("node-eio/promises");
  await promises.cp(from, to, { cache });
  fs.fsyncSync(fs.openSync(to, "r+"));
}

function report(runs, group) {
  const memory =
    group === null
      ? "without a limit on memory: no cgroup may be made here"
      : `in ${values.memory} MiB of memory`;
  console.log(
    `Reads of 4 KiB by one process of a file of ${HOT_MIB} MiB in the page cache, while another copies ${values.mib} MiB and syncs, ${memory}; medians of ${values.rounds}. ${machineLine()}`,
  );
  const titles = ["copy", "p50 us", "p99 us", "p99.9 us", "seconds"];
  const print = tablePrinter(titles, [8, 10, 10, 10, 9]);
  for (const [way, all] of Object.entries(runs))
    print([
      way === "alone" ? "none" : way,
      ...["p50", "p99", "p999", "seconds"].map((key) =>
        median(all.map((run) => run[key])).toFixed(1),
      ),
    ]);
}

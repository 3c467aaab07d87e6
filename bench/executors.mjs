// Queries of a database that blocks, and a hash: by an executor, by custom(), by piscina alone, and on the main thread; calls per second, and how late the
// loop's own timers are meanwhile (looked at each millisecond, so 1 ms is none). Each run is a process of its own, subjects in turn, medians.
// Usage: npm run bench:executors [-- ROUNDS]
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { create, driver } from "./executors-database.mjs";
import { machineLine, median } from "./support/machine.mjs";
import { measureIn, needBuild } from "./support/subjects.mjs";
import { grouped, tablePrinter } from "./support/table.mjs";

const THREADS = 2;
const SECONDS = 1;
const rows = [
  { name: "find", depth: 1 },
  { name: "find", depth: 32 },
  { name: "scan", depth: 1 },
  { name: "scan", depth: 32 },
  { name: "hash", depth: 1 },
  { name: "hash", depth: 32 },
];
const database = new URL("./executors-database.mjs", import.meta.url);

/** Each returns a function that makes one call. */
const subjects = {
  async executor(file) {
    const { eio } = await import("node-eio");
    const db = eio.executor(database, { threads: THREADS, data: { file } });
    return (name, i) => db.call(name, [i]);
  },
  async session(file) {
    const { eio } = await import("node-eio");
    const db = eio.executor(database, { threads: THREADS, data: { file } });
    const sessions = await Promise.all(
      Array.from({ length: THREADS }, () => db.session()),
    );
    return (name, i) => sessions[i % THREADS].call(name, [i]);
  },
  async custom(file) {
    process.env.FILE = file;
    const { createEio } = await import("node-eio");
    const eio = createEio({ maxParallel: THREADS });
    return (name, i) => eio.custom(database, [name, i], { name: "call" });
  },
  async piscina(file) {
    process.env.FILE = file;
    const { Piscina } = await import("piscina");
    const pool = new Piscina({
      filename: database.href,
      minThreads: THREADS,
      maxThreads: THREADS,
    });
    return (name, i) => pool.run({ name, i });
  },
  async main(file) {
    const module = await import(database);
    module.open({ data: { file } });
    // So that timers run between two calls.
    const { setImmediate } = await import("node:timers/promises");
    return async (name, i) => {
      await setImmediate();
      return module[name](i);
    };
  },
};

if (process.argv[2] === "child") await measure(...process.argv.slice(3));
else compare(Number(process.argv[2] ?? 3));

function compare(rounds) {
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new Error("usage: npm run bench:executors [-- ROUNDS]");
  needBuild();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-executors-"));
  const file = path.join(folder, "people.db");
  create(file);
  console.log(
    `Queries by ${driver}, ${THREADS} threads, medians of ${rounds}. ${machineLine()}`,
  );
  const titles = [
    "call",
    "at once",
    "",
    "calls/s",
    "p50 ms",
    "p99 ms",
    "us cpu",
  ];
  const print = tablePrinter(titles, [6, 9, 10, 10, 9, 9, 9]);
  for (const { name, depth } of rows) {
    const runs = Object.fromEntries(
      Object.keys(subjects).map((subject) => [subject, []]),
    );
    for (let round = 0; round < rounds; round++)
      for (const subject of Object.keys(subjects))
        runs[subject].push(
          measureIn(import.meta.url, subject, file, name, depth),
        );
    for (const [subject, all] of Object.entries(runs)) {
      const of = (key) => median(all.map((run) => run[key]));
      print([
        name,
        String(depth),
        subject,
        grouped(of("perSecond")),
        of("p50Ms").toFixed(2),
        of("p99Ms").toFixed(2),
        of("cpuUs").toFixed(0),
      ]);
    }
  }
  fs.rmSync(folder, { recursive: true });
}

async function measure(subject, file, name, depth) {
  const call = await subjects[subject](file);
  let next = 0;
  let done = 0;
  const callFor = async (ms) => {
    const endMs = performance.now() + ms;
    const caller = async () => {
      for (; performance.now() < endMs; done++) await call(name, next++);
    };
    await Promise.all(Array.from({ length: Number(depth) }, caller));
  };
  await callFor(500);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const cpuBefore = process.cpuUsage();
  const beganMs = performance.now();
  done = 0;
  delay.enable();
  await callFor(SECONDS * 1000);
  delay.disable();
  const seconds = (performance.now() - beganMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const line = {
    perSecond: done / seconds,
    p50Ms: delay.percentile(50) / 1e6,
    p99Ms: delay.percentile(99) / 1e6,
    cpuUs: (cpu.user + cpu.system) / done,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0));
}

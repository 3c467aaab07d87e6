// `npm run bench:log`: durable appends per second of eio.appendLog beside what people use for that, in alternating rounds, with 1, 16 and 256
// appends in flight; p99, and bytes written per byte appended. It does not know how any of them does it.
// Usage: npm run bench:log [-- rounds [milliseconds [subjects,with,commas]]]
// better-sqlite3 takes `node scripts/fetch-sqlite.mjs` first; level is installed into a temporary folder.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { createEio } from "node-eio";
import { machineLine, median } from "./support/machine.mjs";
import { tablePrinter } from "./support/table.mjs";

const [rounds = "5", roundMs = "1000", chosen] = process.argv.slice(2);
const RECORD = Buffer.alloc(200, "r");
const IN_FLIGHT = [1, 16, 256];
const require = createRequire(import.meta.url);
const folder = await mkdtemp(path.join(process.cwd(), ".bench-log-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
const eio = createEio();

/** Each append is a write and an fdatasync of its own, one after the other: the loop that people write. */
async function byHand(at) {
  const handle = await fs.promises.open(at, "a");
  let last = Promise.resolve();
  return {
    append: () =>
      (last = last.then(async () => {
        await handle.write(RECORD);
        await handle.datasync();
      })),
    close: () => handle.close(),
  };
}

async function ours(at) {
  const log = await eio.appendLog(at);
  return { append: () => log.append(RECORD), close: () => log.close() };
}

/** A transaction for each append, or (`shared`) one for those of the same turn: it blocks the loop meanwhile. */
function sqlite(Database, shared) {
  return async (at) => {
    const db = new Database(at);
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.exec("create table log (id integer primary key, data blob)");
    const insert = db.prepare("insert into log (data) values (?)");
    const insertAll = db.transaction((count) => {
      for (let i = 0; i < count; i++) insert.run(RECORD);
    });
    let waiting = [];
    const commit = () => {
      const now = waiting;
      waiting = [];
      insertAll(now.length);
      for (const resolve of now) resolve();
    };
    const together = () =>
      new Promise((resolve) => {
        if (waiting.push(resolve) === 1) setImmediate(commit);
      });
    const alone = async () => void insert.run(RECORD);
    return { append: shared ? together : alone, close: async () => db.close() };
  };
}

function level({ Level }) {
  return async (at) => {
    const db = new Level(at, { valueEncoding: "buffer" });
    await db.open();
    let key = 0;
    return {
      append: () =>
        db.put(String(key++).padStart(12, "0"), RECORD, { sync: true }),
      close: () => db.close(),
    };
  };
}

/** By name; a text says why it is left out. */
const subjects = {
  "by hand": () => byHand,
  appendLog: () => ours,
  sqlite: () => sqlite(findSqlite(), false),
  "sqlite, batched": () => sqlite(findSqlite(), true),
  level: () => level(installed("level", "10")),
};

function findSqlite() {
  const home = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache");
  const cache = path.join(home, "node-eio");
  const name = (fs.existsSync(cache) ? fs.readdirSync(cache) : []).find(
    (one) =>
      one.startsWith("sqlite-12.") &&
      one.endsWith(`-${process.versions.modules}`),
  );
  if (name === undefined)
    throw new Error("node scripts/fetch-sqlite.mjs first");
  return require(path.join(cache, name, "node_modules/better-sqlite3"));
}

function installed(name, version) {
  const cwd = fs.mkdtempSync(path.join(os.tmpdir(), "eio-installed-"));
  process.on("exit", () => fs.rmSync(cwd, { recursive: true }));
  fs.writeFileSync(path.join(cwd, "package.json"), '{"private":true}\n');
  const options = ["--ignore-scripts", "--silent", "--no-audit"];
  execFileSync("npm", ["install", ...options, `${name}@${version}`], { cwd });
  return require(path.join(cwd, "node_modules", name));
}

/** Bytes that this process has caused to be sent to storage; 0 where the system does not say. */
function storedBytes() {
  try {
    const text = fs.readFileSync("/proc/self/io", "latin1");
    return Number(/^write_bytes: (\d+)$/m.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

let files = 0;

async function round(open, inFlight) {
  const { append, close } = await open(path.join(folder, String(files++)));
  const times = [];
  const before = storedBytes();
  const start = performance.now();
  const end = start + Number(roundMs);
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < end) {
        const begun = performance.now();
        await append();
        times.push(performance.now() - begun);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const stored = storedBytes() - before;
  await close();
  times.sort((a, b) => a - b);
  return {
    rate: times.length / seconds,
    p99: times[Math.floor(times.length * 0.99)],
    factor: stored / (times.length * RECORD.length),
  };
}

const opened = {};
for (const [name, make] of Object.entries(subjects)) {
  if (chosen !== undefined && !chosen.split(",").includes(name)) continue;
  try {
    opened[name] = make();
  } catch (error) {
    console.log(`${name} is left out: ${error.message.split("\n")[0]}`);
  }
}
const [load] = fs.readFileSync("/proc/loadavg", "latin1").split(" ");
console.log(
  `${rounds} rounds of ${roundMs} ms, records of ${RECORD.length} bytes, medians; ${eio.backend}, load ${load}. ${machineLine()}`,
);
const titles = ["", "in flight", "per second", "slowest", "p99 ms", "stored"];
const print = tablePrinter(titles, [16, 10, 11, 9, 9, 8]);
for (const inFlight of IN_FLIGHT) {
  const found = Object.fromEntries(
    Object.keys(opened).map((name) => [name, []]),
  );
  for (let i = 0; i < Number(rounds); i++)
    for (const [name, open] of Object.entries(opened))
      found[name].push(await round(open, inFlight));
  for (const [name, all] of Object.entries(found)) {
    const of = (what) => median(all.map((one) => one[what]));
    const slowest = Math.min(...all.map(({ rate }) => rate));
    print([
      ...[name, inFlight, of("rate").toFixed(0), slowest.toFixed(0)],
      ...[of("p99").toFixed(1), of("factor").toFixed(1)],
    ]);
  }
}
await eio.close();
await rm(folder, { recursive: true });

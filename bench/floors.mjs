// The floors: how much faster than node:fs/promises each kind of work must be on the pool, and at no more
// CPU per op. Needs a quiet machine, and the ratio tool that lives beside the project (EIO_RATIO says where).
// Usage: npm run bench:floors [-- --quick] [-- --only TEXT] [-- --subject eio:pool] [-- --save]
//   --save   also writes bench/results/floors.json, from which npm run readme makes README's table
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { machineFacts, machineLine } from "./support/machine.mjs";

const floors = [
  { workload: "read4k", depth: 64, goal: 2.5 },
  { workload: "read4k", depth: 1, goal: 4 },
  { workload: "readFile4k", depth: 64, goal: 3 },
  { workload: "readFile4k", depth: 1, goal: 3 },
  { workload: "stat", depth: 64, goal: 1.5 },
  { workload: "read1m", depth: 16, goal: 1.0 },
  { workload: "writeFile4k", depth: 16, goal: 1.6 },
  { workload: "readdirTypes", depth: 16, goal: 1.5 },
];
const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    subject: { type: "string", default: "eio:pool" },
    save: { type: "boolean", default: false },
  },
});
const root = path.resolve(import.meta.dirname, "..");
const tool = path.resolve(
  root,
  process.env.EIO_RATIO ?? "../shared/ratio/ratio.mjs",
);
if (!fs.existsSync(tool)) {
  console.error(`bench:floors: no ratio tool at ${tool} (set EIO_RATIO)`);
  process.exit(2);
}
if (!fs.existsSync(path.join(root, "dist/promises.js"))) {
  console.error("bench:floors: no dist/promises.js; run npm run build first");
  process.exit(2);
}

if (options.save && options.only !== "") {
  console.error("bench:floors: --save wants the whole table, without --only");
  process.exit(2);
}

const [rounds, seconds] = options.quick ? [1, 0.5] : [5, 1.5];
console.log(
  `${options.subject} against node:fs/promises, ${rounds} x ${seconds} s; ${machineLine()}`,
);
const columns = [
  ["work", 18],
  ["ratio", -7],
  ["goal", -6],
  ["eio/s", -10],
  ["node/s", -10],
  ["eio us/op", -10],
  ["node us/op", -11],
  ["  verdict", 12],
];
printRow(columns.map(([title]) => title));
let missed = 0;
const rows = [];
for (const floor of floors) {
  const name = `${floor.workload} ${floor.depth}`;
  if (!name.includes(options.only)) continue;
  const result = measure(floor);
  if (result.verdict !== "ok") missed++;
  rows.push({ ...floor, ...result });
  printRow([
    name,
    result.ratio?.toFixed(2) ?? "-",
    floor.goal.toFixed(1),
    result.eio?.rate ?? "-",
    result.node?.rate ?? "-",
    result.eio?.cpuUs ?? "-",
    result.node?.cpuUs ?? "-",
    `  ${result.verdict}`,
  ]);
}
if (options.save) save();
console.log(missed === 0 ? "every floor is passed" : `${missed} fell short`);
process.exitCode = missed === 0 ? 0 : 1;

function measure({ workload, depth, goal }) {
  const args = [
    tool,
    options.subject,
    "node",
    workload,
    depth,
    goal,
    rounds,
    seconds,
  ].map(String);
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
  });
  const line =
    stdout.trim().split("\n").at(-1) ||
    stderr.trim().split("\n").at(-1) ||
    "no output";
  const match =
    /: \S+ ([\d.]+)\/s \(([\d.]+) us cpu\/op\), .*?([\d.]+)\/s \(([\d.]+) us\), ratio ([\d.]+|NaN)/.exec(
      line,
    );
  if (!match) return { verdict: `failed: ${line}` };
  const [eioRate, eioCpuUs, nodeRate, nodeCpuUs, ratio] = match
    .slice(1)
    .map(Number);
  return {
    ratio,
    eio: { rate: eioRate, cpuUs: eioCpuUs },
    node: { rate: nodeRate, cpuUs: nodeCpuUs },
    verdict: verdict(ratio >= goal, eioCpuUs <= nodeCpuUs),
  };
}

function save() {
  const file = path.join(root, "bench/results/floors.json");
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const { subject } = options;
  const results = { machine: machineFacts(), subject, rounds, seconds, rows };
  fs.writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

function verdict(fastEnough, cheapEnough) {
  if (fastEnough && cheapEnough) return "ok";
  if (fastEnough) return "more CPU than Node";
  return cheapEnough ? "too slow" : "too slow, more CPU";
}

function printRow(cells) {
  console.log(
    cells
      .map((cell, i) => {
        const width = columns[i][1];
        return width < 0
          ? String(cell).padStart(-width)
          : String(cell).padEnd(width);
      })
      .join("")
      .trimEnd(),
  );
}

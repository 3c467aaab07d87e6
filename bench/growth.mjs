// Costs that must not grow: with requests in flight, with entries of a folder, with the size of a file, with instances that
// come and go, with load that is over, with idleness, and at the start. node:fs stands beside, where it has the same.
// Usage: npm run bench:growth [-- --only PATTERN] [-- --quick]     exits 1 where something falls short
//   --only    a regular expression over the scenarios' names
//   --quick   a fiftieth of the entries and instances, two idle seconds
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { scenarios } from "./growth/scenarios.mjs";
import { machineLine, median } from "./support/machine.mjs";
import { measureIn, needBuild, subjects } from "./support/subjects.mjs";
import { tablePrinter } from "./support/table.mjs";

const whole = {
  atOnce: 100_000,
  entries: 1_000_000,
  instances: 1000,
  loadRounds: 200,
  idleMs: 10_000,
  settleMs: 15_000,
};
const quick = {
  ...whole,
  entries: 20_000,
  instances: 20,
  loadRounds: 20,
  idleMs: 2000,
};
/** What is not a peak or a difference, but one short span, is the median of so many processes. */
const REPEATS = 5;
const files = { small: 1024, medium: 1 << 20, large: 64 << 20 };

if (process.argv[2] === "child") await measure(...process.argv.slice(3));
else compare();

function compare() {
  const { values: options } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      quick: { type: "boolean", default: false },
    },
  });
  needBuild();
  const sizes = options.quick ? quick : whole;
  const pattern = new RegExp(options.only);
  const chosen = Object.entries(scenarios).filter(([name]) =>
    pattern.test(name),
  );
  const folder = prepare(
    chosen.some(([name]) => name === "entries"),
    sizes,
  );
  console.log(machineLine());
  const print = tablePrinter(
    ["", "node-eio", "node:fs", "at most", "unit", "verdict"],
    [60, 11, 11, 11, 12, 12],
  );
  let short = 0;
  for (const [name, { title, alone, jobs = [undefined] }] of chosen) {
    console.log(title);
    for (const job of jobs) {
      const run = (subject) => repeated(subject, name, job, folder, sizes);
      const [ours, theirs] = [run("eio"), alone ? [] : run("node")];
      if (ours.failed !== undefined) {
        short++;
        print([`  ${job ?? name}`, "", "", "", "", `failed: ${ours.failed}`]);
        continue;
      }
      ours.forEach((figure, i) => {
        const beside = theirs[i]?.value;
        const limit = limitOf(figure, beside);
        const fits = figure.value <= limit;
        if (!fits) short++;
        print([
          `  ${figure.about}`,
          number(figure.value),
          beside === undefined ? (theirs.failed ?? "") : number(beside),
          limit === Infinity ? "" : number(limit),
          figure.unit,
          limit === Infinity ? "" : fits ? "passes" : "falls short",
        ]);
      });
    }
  }
  console.log(short === 0 ? "nothing grows" : `${short} fall short`);
  process.exitCode = short === 0 ? 0 : 1;
}

/** @returns figures, or the code of what failed */
function repeated(subject, name, job = "", folder, sizes) {
  const run = () =>
    measureIn(
      import.meta.url,
      subject,
      name,
      job,
      folder,
      JSON.stringify(sizes),
    );
  const runs = Array.from({ length: name === "start" ? REPEATS : 1 }, run);
  const failed = runs.find(({ failed }) => failed !== undefined);
  if (failed !== undefined) return failed;
  return runs[0].map((figure, i) => ({
    ...figure,
    value: median(runs.map((figures) => figures[i].value)),
  }));
}

/** The larger where a figure has two: what is allowed, and what node:fs takes itself. */
function limitOf({ limit, ofNode }, theirs) {
  const limits = [limit, ofNode * theirs].filter((value) => value >= 0);
  return limits.length === 0 ? Infinity : Math.max(...limits);
}

function prepare(many, { entries }) {
  const parent = fs.existsSync("/dev/shm") ? "/dev/shm" : os.tmpdir();
  const folder = fs.mkdtempSync(path.join(parent, "node-eio-growth-"));
  process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"])
    process.on(signal, () => process.exit(1));
  for (const [name, bytes] of Object.entries(files))
    fs.writeFileSync(path.join(folder, name), Buffer.alloc(bytes, 7));
  if (!many) return folder;
  fs.mkdirSync(path.join(folder, "many"));
  for (let i = 0; i < entries; i++)
    fs.closeSync(fs.openSync(path.join(folder, "many", `entry-${i}`), "w"));
  return folder;
}

async function measure(subject, name, job, folder, sizes) {
  const api = await subjects[subject]();
  const streams =
    subject === "node" ? fs : (await import("node-eio/fs")).default;
  const { measure } = scenarios[name];
  const figures = await measure(
    api,
    folder,
    JSON.parse(sizes),
    job,
    streams,
  ).catch((error) => ({ failed: error.code ?? error.message }));
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
}

function number(value) {
  const digits = Math.abs(value) < 100 ? 1 : 0;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

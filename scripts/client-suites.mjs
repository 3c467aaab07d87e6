// The tests of clients of node:fs, test by test, on Node's own and on us:
//   npm run apps:suites -- [CLIENT...] [--runs 20] [--minutes M] [--load] [--node 20,24,26] [--how register,options,alias] [--file RE] [--record FILE]
// How we stand in for it: `register` (node --import), `options` (the same by NODE_OPTIONS, so in child processes too), and `alias`
// (every require() and import of fs is our door). A test that Node passes in all runs and we fail, or leave out, in one is
// a failure, and so is a client of which no test passes on Node, or that cannot be run. With --load each processor is kept busy meanwhile, for both alike.
// With --minutes no further run of a client begins when it has had so many, nor a file of tests after SIGINT or SIGTERM (a second one ends it at once); how many there were is
// in its row. A file of tests during which this process was stopped is run again. Standard error has a line for each run, standard output the table, at the end.
// What --record names keeps the outcomes of each file of tests; what it has is not run again, so runs may be done in pieces.
// Sources: the folder owner/name of $EIO_SUITES, as "pinojs/pino", else a clone from GitHub. They are prepared in $EIO_APPS_DIR, by default below the system's temporary folder, and kept there; two of this at once need two of those.
// $EIO_SUITES_LOG names a file to which what the tests print is appended.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { clearInterval, setInterval } from "node:timers";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { obtainRuntime } from "../bench/support/runtimes.mjs";
import { openRecord } from "./support/suite-record.mjs";
import { compareRuns, readReport } from "./support/suite-report.mjs";
import { suites } from "./support/suites.mjs";

const root = path.resolve(import.meta.dirname, "..");
const home =
  process.env.EIO_APPS_DIR ?? path.join(os.tmpdir(), "node-eio-apps");
const FILE_LIMIT_MS = 1_200_000;
/** Longer than any turn of this process; tests have limits of a few seconds. */
const STOPPED_MS = 5000;
const PULSE_MS = 500;
const ATTEMPTS = 10;
const NOT_HERE = 77;
/** Of the lines on tests that differ. */
const SHOWN = 40;

const preload = (file) =>
  `--import=${pathToFileURL(path.join(root, file)).href}`;
/** What node is started with, and what its NODE_OPTIONS are. */
const ways = {
  node: { args: [], options: "" },
  register: { args: [preload("dist/register.js")], options: "" },
  options: { args: [], options: preload("dist/register.js") },
  alias: { args: [], options: preload("scripts/support/fs-alias.mjs") },
};

const { values, positionals: clients } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "1" },
    minutes: { type: "string", default: "Infinity" },
    load: { type: "boolean", default: false },
    node: { type: "string", default: process.versions.node.split(".")[0] },
    how: { type: "string", default: "register,options,alias" },
    file: { type: "string", default: "" },
    record: { type: "string", default: "" },
  },
});
const mostRuns = Number(values.runs);
const timeMs = Number(values.minutes) * 60_000;
const hows = values.how.split(",");
const only = new RegExp(values.file);
const record = openRecord(values.record);

let ending = false;
let running = null;
const burners = values.load ? os.cpus().map(startBurner) : [];
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, end);
process.once("exit", () => {
  if (running !== null) endGroup(running);
  for (const burner of burners) burner.kill();
});

const rows = [];
for (const suite of suites) {
  if (ending) break;
  if (clients.length !== 0 && !clients.includes(suite.client)) continue;
  try {
    rows.push(...(await compareReleases(suite)));
  } catch (error) {
    console.log(`${suite.client} cannot be run: ${error.stack}`);
    rows.push({ cells: [suite.client], failed: true });
  }
}
for (const burner of burners) burner.kill();
printTable();
const failed = rows.filter((row) => row.failed).length;
console.log(`${rows.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : rows.length > 0 ? 0 : NOT_HERE;

function startBurner() {
  return spawn(process.execPath, ["-e", "for (;;);"]);
}

function end() {
  if (ending) process.exit(1);
  ending = true;
  console.error("it ends with this file of tests");
}

function printTable() {
  const titles = ["client", "version", "Node", "how", "runs"];
  titles.push("equal runs", "tests node passes", "of those we", "differing");
  const cells = [
    titles,
    titles.map(() => "---"),
    ...rows.map((row) => row.cells),
  ];
  for (const row of cells) console.log(`| ${row.join(" | ")} |`);
}

async function compareReleases(suite) {
  const { folder, reason } = await prepare(suite);
  if (folder === undefined) {
    console.log(`${suite.client}: skipped, ${reason}`);
    return [];
  }
  if (testsOf(suite, folder).length === 0) return [];
  const compared = [];
  for (const release of values.node.split(",")) {
    if (ending) break;
    const { file: node, reason } = obtainRuntime(`node${release}`);
    if (node === undefined) console.log(`Node ${release}: skipped, ${reason}`);
    else compared.push(...(await compare(suite, folder, release, node)));
  }
  return compared;
}

/** The runs of all ways take turns, so that what the machine does meanwhile meets each. */
async function compare(suite, folder, release, node) {
  const results = new Map(["node", ...hows].map((how) => [how, []]));
  const endMs = performance.now() + timeMs;
  const { version } = manifestOf(folder);
  let runs = 0;
  for (; runs < mostRuns; runs++) {
    const mayBegin = !ending && (runs === 0 || performance.now() < endMs);
    const passed = [];
    for (const [how, outcomes] of results) {
      const key = [suite.client, version, release, how, values.load, runs];
      const ran = await runSuite(suite, folder, node, how, key, mayBegin);
      if (ran === null) break;
      outcomes.push(ran);
      passed.push(`${how} ${[...ran.values()].filter(Boolean).length}`);
    }
    if (passed.length < results.size) break;
    if (mayBegin)
      console.error(
        `${suite.client}, Node ${release}, run ${runs}:`,
        ...passed,
      );
  }
  for (const outcomes of results.values()) outcomes.length = runs;
  if (runs === 0) return [];
  return hows.map((how) => {
    const compared = compareRuns(results.get("node"), results.get(how));
    const { valid, equalRuns, differing } = compared;
    printTests(`${suite.client} on Node ${release} by ${how}`, compared);
    const same = valid - differing.length;
    const cells = [suite.client, version, release, how, runs, equalRuns];
    cells.push(valid, same, differing.length);
    return { cells, failed: valid === 0 || differing.length > 0 };
  });
}

function printTests(what, { differing, unsteady, gained }) {
  const lines = [
    ...differing.map(
      ({ name, times }) => `differs: ${name} (in ${times} runs)`,
    ),
    ...unsteady.map(
      ({ name, node, ours }) =>
        `unsteady, node failed ${node}, we ${ours}: ${name}`,
    ),
    ...gained.map((name) => `passes on ours only: ${name}`),
  ];
  if (lines.length > 0) console.log(`${what}:`);
  for (const line of lines.slice(0, SHOWN)) console.log(`  ${line}`);
  if (lines.length > SHOWN) console.log(`  and ${lines.length - SHOWN} more`);
}

/** null where a file would have to be run and may not. */
async function runSuite(suite, folder, node, how, key, mayBegin) {
  const outcomes = new Map();
  for (const file of testsOf(suite, folder))
    for (const [i, environment] of (suite.environments ?? [{}]).entries()) {
      const label = i === 0 ? file : `${file} [${Object.keys(environment)}]`;
      let ran = record.get(...key, label);
      if (ran === undefined) {
        if (!mayBegin || ending) return null;
        ran = await runFile(suite, folder, file, node, ways[how], environment);
        record.add(ran, ...key, label);
      }
      for (const [name, passed] of ran)
        outcomes.set(`${label}: ${name}`, passed);
    }
  return outcomes;
}

function testsOf({ isTest }, folder) {
  return fs
    .readdirSync(folder, { recursive: true })
    .filter((file) => !file.includes("node_modules"))
    .filter((file) => isTest(file) && only.test(file))
    .sort();
}

/** Its outcomes, of an attempt during which this process was not stopped, for that makes tests with a limit fail. */
async function runFile(...given) {
  for (let attempt = 1; ; attempt++) {
    let last = performance.now();
    let longestMs = 0;
    const pulse = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
    }, PULSE_MS);
    const outcomes = await attemptFile(...given);
    clearInterval(pulse);
    longestMs = Math.max(longestMs, performance.now() - last);
    if (longestMs < STOPPED_MS || attempt === ATTEMPTS) return outcomes;
  }
}

/** A file that ends otherwise than its tests say is a test that failed. */
async function attemptFile(suite, folder, file, node, way, environment) {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "suite-"));
  const report = path.join(scratch, "report.tap");
  const temporary = path.join(scratch, "tmp");
  fs.mkdirSync(temporary);
  const child = spawn(node, [...way.args, ...suite.start(file, report)], {
    cwd: folder,
    env: {
      ...cleanEnvironment(),
      PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`,
      TMPDIR: temporary,
      NODE_OPTIONS: way.options,
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running = child;
  let printed = "";
  let complaints = "";
  child.stdout.on("data", (data) => (printed += data));
  child.stderr.on("data", (data) => (complaints += data));
  const limit = setTimeout(() => endGroup(child), FILE_LIMIT_MS);
  const status = await new Promise((resolve) =>
    child.on("exit", (code, signal) => resolve(code ?? signal)),
  );
  clearTimeout(limit);
  endGroup(child);
  running = null;
  const outcomes = readReport(
    fs.existsSync(report) ? fs.readFileSync(report, "utf8") : printed,
  );
  const explained = [...outcomes.values()].includes(false);
  outcomes.set("the file ends well", status === 0 || explained);
  if (process.env.EIO_SUITES_LOG)
    fs.appendFileSync(
      process.env.EIO_SUITES_LOG,
      `== ${suite.client} ${file} ${JSON.stringify(way)} ${status}\n${printed}\n${complaints}\n`,
    );
  fs.rmSync(scratch, { recursive: true, force: true });
  return outcomes;
}

function cleanEnvironment() {
  const env = { ...process.env, NO_COLOR: "1", CI: "1" };
  delete env.FORCE_COLOR;
  delete env.NODE_TEST_CONTEXT;
  return env;
}

/** What it started and left behind ends, too. */
function endGroup({ pid }) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // They have ended.
  }
}

function manifestOf(folder) {
  const file = path.join(folder, "package.json");
  return JSON.parse(fs.readFileSync(file, "utf8"));
}

/** The client's sources with what its tests need, and no more of its devDependencies. */
async function prepare(suite) {
  const folder = path.join(home, "suites", suite.repository);
  const done = path.join(folder, ".prepared");
  if (fs.existsSync(done)) return { folder };
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  const reason = bringSources(suite, folder);
  if (reason !== null) return { reason };
  const { scripts: _, devDependencies, ...manifest } = manifestOf(folder);
  const needed = { ...devDependencies, ...suite.pinned };
  manifest.devDependencies = Object.fromEntries(
    suite.needs.map((need) => [need, needed[need]]),
  );
  fs.rmSync(path.join(folder, "package-lock.json"), { force: true });
  fs.writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify(manifest, null, 2),
  );
  const install = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  const ran = spawnSync("npm", install, { cwd: folder, encoding: "utf8" });
  if (ran.status !== 0) return { reason: `npm: ${ran.stderr.slice(-300)}` };
  suite.prepare?.(folder);
  fs.writeFileSync(done, "");
  return { folder };
}

/** null, or why they are not to be had. */
function bringSources({ repository }, folder) {
  const given = process.env.EIO_SUITES;
  const place = given && path.join(given, repository);
  if (place && fs.existsSync(place)) {
    fs.cpSync(place, folder, { recursive: true });
    return null;
  }
  const url = `https://github.com/${repository}`;
  const ran = spawnSync("git", ["clone", "--quiet", "--depth=1", url, folder], {
    encoding: "utf8",
  });
  return ran.status === 0
    ? null
    : `no sources: ${ran.stderr.trim()} (EIO_SUITES may name a folder that has ${repository})`;
}

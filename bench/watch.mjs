// `npm run bench:watch`: eio.watchTree beside chokidar, @parcel/watcher and Node's recursive watch, each in a process of its own: time to
// ready and memory for a tree, and what is missed, left over or reported twice under a storm of random changes in another process.
// Usage: node bench/watch.mjs [--files 200000] [--changes 100000] [--only "TEXT;TEXT"]
import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { fetchWatchers } from "../scripts/fetch-watchers.mjs";
import { machineLine } from "./support/machine.mjs";
import { grouped, tablePrinter } from "./support/table.mjs";
import { subjects } from "./watch/subjects.mjs";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "200000" },
    changes: { type: "string", default: "100000" },
    only: { type: "string", default: "" },
  },
});
const files = Number(values.files);
const FILES_PER_FOLDER = 100;
const CASE_MAX_MS = 900_000;
const MIB = 2 ** 20;
const home = fs.mkdtempSync(path.join(os.tmpdir(), "eio-bench-watch-"));
process.on("exit", () => fs.rmSync(home, { recursive: true, force: true }));
const installed = fetchWatchers();
const program = path.join(import.meta.dirname, "watch/case.mjs");

async function run(subject, what, folder) {
  const args = ["--expose-gc", program, subject, what, folder];
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...args, values.changes, installed],
      { timeout: CASE_MAX_MS },
    );
    return JSON.parse(stdout.trim().split("\n").at(-1));
  } catch (error) {
    console.error(`${subject}: ${error.stderr || error.message}`);
    return null;
  }
}

const tree = path.join(home, "tree");
for (let i = 0; i * FILES_PER_FOLDER < files; i++) {
  const folder = path.join(tree, `f${i % 50}`, `g${i}`);
  fs.mkdirSync(folder, { recursive: true });
  for (let j = 0; j < FILES_PER_FOLDER; j++)
    fs.writeFileSync(path.join(folder, `file-${j}.txt`), "");
}

const load = () => fs.readFileSync("/proc/loadavg", "latin1").split(" ")[0];
console.log(`${machineLine()}; load ${load()}`);
console.log(`${grouped(files)} files, ${grouped(values.changes)} changes\n`);
const titles = [
  "",
  "ready s",
  "MiB",
  "missed",
  "left over",
  "twice",
  "behind s",
  "CPU s",
];
const print = tablePrinter(titles, [20, 8, 7, 8, 9, 8, 8, 7]);
for (const subject of Object.keys(subjects)) {
  if (!values.only.split(";").some((text) => subject.includes(text))) continue;
  const size = await run(subject, "size", tree);
  const folder = fs.mkdtempSync(path.join(home, "storm-"));
  const storm = await run(subject, "storm", folder);
  const shown = (value, show = grouped) =>
    value === undefined ? "failed" : show(value);
  print([
    subject,
    shown(size?.readyMs, (ms) => (ms / 1000).toFixed(1)),
    shown(size?.bytes, (bytes) => grouped(bytes / MIB)),
    shown(storm?.missed),
    shown(storm?.stale),
    shown(storm?.doubled),
    shown(storm?.behindMs, (ms) => (ms / 1000).toFixed(1)),
    shown(storm?.cpuMs, (ms) => (ms / 1000).toFixed(1)),
  ]);
  fs.rmSync(folder, { recursive: true });
}
console.log(`load ${load()}`);

// Many processes, each with many critical sections under one lock, while some are killed and some are stopped for longer than a lease:
//   node test/stress/locks.mjs [processes] [sections] [kinds] [leaseMs] [folder]
// Prints what overlapped (nothing may), and how long it took. `proper-lockfile` is installed into a temporary folder.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const root = path.resolve(import.meta.dirname, "../..");
const worker = path.join(import.meta.dirname, "locks-worker.mjs");
const ours = pathToFileURL(path.join(root, "dist/index.js")).href;
const LOOK_MS = 5;
const LINE_MAX_BYTES = 128;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Runs them all to their ends. `kills` and `stops` are spread over the run; for each that is killed another one starts.
 * A kind without leases is stopped as long: its lock has to stay where it is.
 */
export async function contend(options) {
  const { kind, processes, sections, kills, stops, leaseMs } = options;
  const { from = ours, within = os.tmpdir() } = options;
  const folder = fs.mkdtempSync(path.join(within, "eio-locks-"));
  const log = path.join(folder, "log");
  fs.writeFileSync(log, "");
  fs.writeFileSync(path.join(folder, "counter"), "0".repeat(12));
  const args = [worker, kind, folder, sections, leaseMs, from].map(String);
  const living = new Map();
  const killed = new Set();
  const failed = [];
  const start = () => {
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const ended = once(child, "exit").then(([code]) => {
      living.delete(child.pid);
      if (code !== 0 && !killed.has(child.pid)) failed.push(child.pid);
    });
    living.set(child.pid, { child, ended });
  };
  const sinceMs = performance.now();
  for (let i = 0; i < processes; i++) start();
  const lineBytes = "enter 12345 0 held\n".length;
  const wholeBytes = 2 * processes * sections * lineBytes;
  const steps = [
    ...Array.from({ length: kills }, (_, i) => ["kill", (i + 1) / (kills + 2)]),
    ...Array.from({ length: stops }, (_, i) => [
      "stop",
      (i + 0.5) / (stops + 2),
    ]),
  ].sort(([, a], [, b]) => a - b);
  for (const [what, part] of steps) {
    while (fs.statSync(log).size < part * wholeBytes && living.size !== 0)
      await pause(LOOK_MS);
    const one = await stopInside(log, living);
    if (one === null) break;
    const [pid, { child, ended }] = one;
    if (what === "kill") {
      killed.add(pid);
      child.kill("SIGKILL");
      await ended;
      start();
    } else {
      await pause(2 * leaseMs);
      child.kill("SIGCONT");
    }
  }
  while (living.size !== 0)
    await Promise.all([...living.values()].map(({ ended }) => ended));
  const seconds = (performance.now() - sinceMs) / 1e3;
  const counted = Number(fs.readFileSync(path.join(folder, "counter")));
  const found = judge(fs.readFileSync(log, "utf8"), killed);
  fs.rmSync(folder, { recursive: true });
  return { kind, seconds, counted, failed: failed.length, ...found };
}

/** Stops one of them in the middle of a critical section; null: they have ended. */
async function stopInside(log, living) {
  while (living.size !== 0) {
    const [event, lastPid] = lastLine(log).split(" ");
    const pid = Number(lastPid);
    if (event !== "enter" || !living.has(pid)) {
      await pause(1);
      continue;
    }
    const one = [pid, living.get(pid)];
    const [, { child }] = one;
    child.kill("SIGSTOP");
    while (living.has(pid) && !isStopped(pid)) await pause(1);
    if (lastLine(log).startsWith(`enter ${pid} `)) return one;
    child.kill("SIGCONT");
    await pause(1);
  }
  return null;
}

/**
 * Of the end of the log alone: a section is over in less time than it takes to read all of a long log, and nobody would ever be
 * found inside. "" where there is none.
 */
export function lastLine(log) {
  const fd = fs.openSync(log);
  try {
    const end = Buffer.alloc(LINE_MAX_BYTES);
    const at = Math.max(0, fs.fstatSync(fd).size - end.length);
    const bytes = fs.readSync(fd, end, 0, end.length, at);
    return end.latin1Slice(0, bytes).trimEnd().split("\n").at(-1);
  } finally {
    fs.closeSync(fd);
  }
}

function isStopped(pid) {
  try {
    return / T /.test(fs.readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/**
 * Reads the log as a store would that refuses smaller tokens than it has seen. `overlaps`: somebody entered while another was
 * inside. `refused`: lines of holders who had lost the lock, that only the token keeps out. `unreported`: of these, those whose
 * holder had not been notified.
 */
export function judge(text, killed) {
  const found = {
    ...{ sections: 0, overlaps: 0, refused: 0, unreported: 0, abandoned: 0 },
    tokensGrow: true,
  };
  let inside = null;
  let newest = 0;
  for (const line of text.trimEnd().split("\n")) {
    const [event, pidText, tokenText, state] = line.split(" ");
    const [pid, token] = [Number(pidText), Number(tokenText)];
    if (token < newest) {
      found.refused++;
      if (state === "held") found.unreported++;
      continue;
    }
    if (event === "enter") {
      if (token !== 0 && token === newest) found.tokensGrow = false;
      const hasToken = token > newest;
      if (inside !== null && killed.has(inside)) found.abandoned++;
      else if (inside !== null && !hasToken) found.overlaps++;
      newest = token;
      inside = pid;
    } else {
      if (inside === pid) inside = null;
      else found.overlaps++;
      found.sections++;
    }
  }
  return found;
}

function installed(name) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-installed-"));
  process.on("exit", () => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, "package.json"), "{}");
  execFileSync("npm", ["install", "--silent", "--no-audit", name], {
    cwd: folder,
  });
  const manifest = path.join(folder, "node_modules", name, "package.json");
  const { main, version } = JSON.parse(fs.readFileSync(manifest, "utf8"));
  const file = path.join(path.dirname(manifest), main);
  return { from: pathToFileURL(file).href, version };
}

if (process.argv[1] === import.meta.filename) {
  const [
    processes = 100,
    sections = 1000,
    kinds = "lock,lease,proper-lockfile",
    leaseMs = 2000,
    within = os.tmpdir(),
  ] = process.argv.slice(2);
  for (const kind of kinds.split(",")) {
    const other = kind === "proper-lockfile" ? installed(kind) : {};
    const found = await contend({
      ...{ kind, within, ...other },
      ...{ processes: Number(processes), sections: Number(sections) },
      ...{ kills: Math.ceil(processes / 10), stops: 3 },
      leaseMs: Number(leaseMs),
    });
    console.log(JSON.stringify({ ...found, version: other.version }));
    const isOurs = other.version === undefined;
    if (isOurs && (found.overlaps !== 0 || !found.tokensGrow || found.failed))
      process.exitCode = 1;
  }
}

// `node-eio bench --app server.js`: an application with this library in the place of node:fs, what its file calls wait for, and
// how long it takes with either. It knows how programs are started and stopped, and not what the figures mean.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { builtFile } from "../built.ts";
import { cleanUpOnSignals } from "../cleanup.ts";
import { machineFacts, machineLines, type Machine } from "../machine.ts";
import { startProgress } from "../progress.ts";
import { ROUNDS_MIN } from "../statistics.ts";
import { inTurn } from "../turns.ts";
import {
  EnvironmentError,
  Status,
  UsageError,
  readCount,
  readTime,
} from "../usage.ts";
import {
  FOLDER,
  MODE,
  readObserved,
  totalOf,
  writtenSince,
  type Mode,
  type Total,
} from "./observed.ts";
import { adviceOf, comparisonText, opsTable, type Advice } from "./report.ts";

const HELP = `Usage: node-eio bench --app FILE [options] [-- ARGUMENTS OF THE APPLICATION]

Runs an application with node-eio in the place of node:fs, as node --import node-eio/register does, and says what its file
calls wait for, what to set, and how sure that is. It is stopped when the time is over, unless it ends before.

  --for TIME       at most so long: 30s by default
  --load COMMAND   of the shell: started when the application takes connections; with its end the application is stopped
  --compare        then runs it with node:fs and with node-eio in turn, and with what should be set: which needs an
                   application, or a load, that ends by itself and may be repeated
  --rounds N       of --compare: 3 by default
  --verbose        tables      --json FILE   results, - is standard output      --quiet   no progress

What the application and the load print goes to standard error.`;

const options = {
  app: { type: "string" },
  for: { type: "string", default: "30s" },
  load: { type: "string" },
  compare: { type: "boolean", default: false },
  rounds: { type: "string", default: String(ROUNDS_MIN) },
  verbose: { type: "boolean", default: false },
  json: { type: "string" },
  quiet: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** A program that was asked to end has so long for it. */
const GRACE_MS = 5000;
/** A server has so long to take connections. */
const START_MS = 10_000;
const LOOK_MS = 50;
/** A probe that cannot write in so long is not waited for. */
const TELL_MS = 2000;

interface AppReport {
  tool: "node-eio bench --app";
  format: 1;
  machine: Machine;
  app: string;
  total: Total;
  advice: Advice;
  /** Seconds of each round, by subject; null where nothing was compared. */
  took: Record<string, number[]> | null;
  says: string[];
}

export async function benchApp(args: string[]): Promise<number> {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  const given = read(own);
  if (given.help) {
    console.log(HELP);
    return Status.ok;
  }
  const { app, load, compare, quiet, json } = given;
  if (app === undefined || !fs.existsSync(app))
    throw new UsageError(`--app ${app ?? ""}: there is no such file`);
  const how: How = {
    app: path.resolve(app),
    args: args.slice(own.length + 1),
    load: load ?? null,
    forMs: readTime("--for", given.for),
  };
  if (how.forMs <= 0) throw new UsageError("--for: no time is too short");
  const rounds = readCount("--rounds", given.rounds, 1, 100);
  const report = await measure(how, compare ? rounds : 0, quiet);
  if (json !== "-") console.log(textOf(report, given.verbose));
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (json === "-") process.stdout.write(text);
  else if (json !== undefined) fs.writeFileSync(json, text);
  return Status.ok;
}

function read(args: string[]) {
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ")[0]!);
  }
}

interface How {
  app: string;
  args: string[];
  load: string | null;
  forMs: number;
}

interface Ran {
  total: Total;
  /** Of the load, or of the application. */
  seconds: number;
  /** Nobody had to stop it. */
  ended: boolean;
}

const running = new Set<ChildProcess>();

async function measure(
  how: How,
  rounds: number,
  quiet: boolean,
): Promise<AppReport> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-app-"));
  const progress = startProgress(quiet);
  const undo = (): void => {
    progress.stop();
    for (const child of running) killAll(child);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const signalsAsUsual = cleanUpOnSignals(undo);
  const name = path.basename(how.app);
  try {
    const machine = machineFacts(path.dirname(how.app));
    progress.watch(0, 1, `${name}: watching its file calls`);
    const { total, ended } = await runApp(how, "observe", {}, folder);
    const advice = adviceOf(total);
    const subjects: [name: string, mode: Mode, env: NodeJS.ProcessEnv][] = [
      ["node:fs", "plain", {}],
      ["node-eio", "ours", {}],
    ];
    if (advice.set !== null) {
      const [variable, value] = advice.set.split("=") as [string, string];
      subjects.push([advice.set, "ours", { [variable]: value }]);
    }
    const says: string[] = [];
    let took: AppReport["took"] = null;
    if (rounds > 0 && !ended)
      says.push(
        "Nothing was compared: neither the application nor a load ended by itself, so there is no time to compare.",
      );
    else if (rounds > 0) {
      took = Object.fromEntries(subjects.map(([name]) => [name, []]));
      let done = 0;
      for (let round = 0; round < rounds; round++)
        for (const [subject, mode, env] of inTurn(subjects, round)) {
          progress.watch(
            done++,
            rounds * subjects.length,
            `${name} with ${subject}, round ${round + 1}`,
          );
          const { seconds } = await runApp(how, mode, env, folder);
          took[subject]!.push(seconds);
        }
      says.push(...comparisonText(took));
    }
    return {
      tool: "node-eio bench --app",
      format: 1,
      machine,
      app: name,
      total,
      advice,
      took,
      says: [...advice.says, ...says],
    };
  } finally {
    signalsAsUsual();
    undo();
  }
}

async function runApp(
  { app, args, load, forMs }: How,
  mode: Mode,
  env: NodeJS.ProcessEnv,
  parent: string,
): Promise<Ran> {
  const folder = fs.mkdtempSync(path.join(parent, "run-"));
  const beganMs = performance.now();
  const probe = pathToFileURL(builtFile("probe.js")).href;
  const child = start(process.execPath, ["--import", probe, app, ...args], {
    ...process.env,
    ...env,
    [FOLDER]: folder,
    [MODE]: mode,
  });
  const over = once(child, "exit").then(() => "ended" as const);
  try {
    if (load === null) {
      const how = await Promise.race([over, timeUp(forMs, over)]);
      const seconds = secondsSince(beganMs);
      if (how === "ended") checkStatus(path.basename(app), child);
      else await stop(child, over, folder);
      const total = totalOf(readObserved(folder));
      return { total, seconds, ended: how === "ended" };
    }
    await listening(folder, app, over, child);
    const loadedMs = performance.now();
    const loading = start("sh", ["-c", load], process.env);
    const loaded = once(loading, "exit").then(() => "ended" as const);
    const first = await Promise.race([
      loaded,
      over.then(() => "gone" as const),
      timeUp(forMs, loaded),
    ]);
    const seconds = secondsSince(loadedMs);
    if (first === "gone")
      throw new EnvironmentError(
        `${path.basename(app)} ended while the load was running (${endText(child)})`,
      );
    if (first === "ended") checkStatus("--load", loading);
    else await stop(loading, loaded);
    await stop(child, over, folder);
    const total = totalOf(readObserved(folder));
    return { total, seconds, ended: first === "ended" };
  } finally {
    for (const one of running) killAll(one);
  }
}

/** What it prints is not what we print: that is for who reads results. */
function start(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): ChildProcess {
  // A group of its own: what it has started ends with it.
  const child = spawn(program, args, {
    stdio: ["ignore", 2, 2],
    env,
    detached: true,
  });
  running.add(child);
  child.on("exit", () => running.delete(child));
  return child;
}

function killAll(child: ChildProcess): void {
  signalTo(child, "SIGKILL");
}

function signalTo({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid!, signal);
  } catch {
    // It is gone.
  }
}

/** As whoever runs it in production would: it is asked first. What its probe has to tell is waited for. */
async function stop(
  child: ChildProcess,
  over: Promise<unknown>,
  folder?: string,
): Promise<void> {
  const nowMs = Date.now();
  const endMs = performance.now() + TELL_MS;
  while (
    folder !== undefined &&
    running.has(child) &&
    performance.now() < endMs &&
    !writtenSince(folder, nowMs)
  )
    await Promise.race([over, timeUp(LOOK_MS, over)]);
  signalTo(child, "SIGTERM");
  await Promise.race([over, timeUp(GRACE_MS, over)]);
  if (running.has(child)) signalTo(child, "SIGKILL");
  await over;
}

/** Not kept waiting for by what ended before. */
function timeUp(ms: number, before: Promise<unknown>): Promise<"time"> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("time"), ms);
    void before.finally(() => clearTimeout(timer));
  });
}

async function listening(
  folder: string,
  app: string,
  over: Promise<unknown>,
  child: ChildProcess,
): Promise<void> {
  const endMs = performance.now() + START_MS;
  const name = path.basename(app);
  while (!readObserved(folder).some(({ listens }) => listens)) {
    if (!running.has(child))
      throw new EnvironmentError(
        `${name} ended before it took connections (${endText(child)})`,
      );
    if (performance.now() > endMs)
      throw new EnvironmentError(
        `${name} takes no connections after ${START_MS / 1000} s: there is nothing to load`,
      );
    await Promise.race([over, timeUp(LOOK_MS, over)]);
  }
}

function checkStatus(name: string, child: ChildProcess): void {
  if (child.exitCode !== 0)
    throw new EnvironmentError(`${name} ended with ${endText(child)}`);
}

const endText = ({ exitCode, signalCode }: ChildProcess): string =>
  exitCode === null ? `signal ${signalCode}` : `status ${exitCode}`;

const secondsSince = (ms: number): number => (performance.now() - ms) / 1000;

function textOf(report: AppReport, verbose: boolean): string {
  const { says, machine, total } = report;
  return [
    ...says,
    ...(verbose && total.calls > 0
      ? ["", ...machineLines(machine), "", opsTable(total)]
      : []),
  ].join("\n");
}

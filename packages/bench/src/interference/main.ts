// `node-eio bench interference`: an HTTP server answers requests for small files while its process also does
// something else, with node:fs and with this library in turn; rate and latencies side by side.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { builtFile } from "../built.ts";
import { cleanUpOnSignals } from "../cleanup.ts";
import { killChildren, startProgram, runProgram } from "../child.ts";
import { machineFacts } from "../machine.ts";
import { startProgress } from "../progress.ts";
import { inTurn } from "../turns.ts";
import {
  Status,
  UsageError,
  readCount,
  readList,
  readOneOf,
  readTime,
} from "../usage.ts";
import type { Load, LoadOrder } from "./load.ts";
import {
  figureOf,
  subjects,
  summary,
  textOf,
  type Figure,
  type InterferenceReport,
  type SubjectName,
} from "./report.ts";
import { deafResolver, hungMount } from "./obstacles.ts";
import {
  BULK_BYTES,
  about,
  scenarioNames,
  type Places,
  type ScenarioName,
} from "./scenarios.ts";
import type { Seat } from "./server.ts";

const HELP = `Usage: node-eio bench interference [options]

An HTTP server answers requests for files of 4 KiB, sent by another process, while its own process does one of
  crypto   ${about.crypto}
  dns      ${about.dns} (root)
  hung     ${about.hung} (root)
  bulk     ${about.bulk}
with node:fs/promises and with node-eio in turn. What needs root is left out, with the reason, where it cannot be had.

  --only LIST          of these, and quiet (all by default)
  --runtime TIME       of a run: 3s by default        --rounds N      5 by default
  --connections N      requests at a time: 16 by default
  --json FILE          results, - is standard output      --quiet   no progress`;

const FILES = 64;
const FILE_BYTES = 4096;
const RAMP_MS = 1000;
const options = {
  only: { type: "string" },
  runtime: { type: "string", default: "3s" },
  rounds: { type: "string", default: "5" },
  connections: { type: "string", default: "16" },
  json: { type: "string" },
  quiet: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

function read(args: string[]) {
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ")[0]!);
  }
}

export async function interference(args: string[]): Promise<number> {
  const given = read(args);
  if (given.help) {
    console.log(HELP);
    return Status.ok;
  }
  const names = readList(
    "--only",
    given.only ?? scenarioNames.join(),
    (name, part) => readOneOf(name, part, scenarioNames),
  );
  const rounds = readCount("--rounds", given.rounds, 1, 100);
  const connections = readCount("--connections", given.connections, 1, 1000);
  const runtimeMs = readTime("--runtime", given.runtime);
  const report = await measure(
    names,
    { rounds, connections, runtimeMs },
    given.quiet,
  );
  if (given.json !== "-") console.log(textOf(report));
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (given.json === "-") process.stdout.write(text);
  else if (given.json !== undefined) fs.writeFileSync(given.json, text);
  return Status.ok;
}

interface How {
  rounds: number;
  connections: number;
  runtimeMs: number;
}

async function measure(
  names: ScenarioName[],
  how: How,
  quiet: boolean,
): Promise<InterferenceReport> {
  const folder = fs.mkdtempSync(
    path.join(os.tmpdir(), "node-eio-interference-"),
  );
  const undoes: (() => void)[] = [
    () => fs.rmSync(folder, { recursive: true, force: true }),
  ];
  const progress = startProgress(quiet);
  const undo = (): void => {
    progress.stop();
    killChildren();
    for (const one of undoes.splice(0).reverse()) one();
  };
  const signalsAsUsual = cleanUpOnSignals(undo);
  try {
    const places = makePlaces(folder);
    const leftOut: InterferenceReport["leftOut"] = [];
    const scenarios: InterferenceReport["scenarios"] = [];
    const runs = names.length * how.rounds * subjects.length;
    let done = 0;
    const machine = machineFacts(folder);
    for (const name of names) {
      let prefix: string[] = [];
      if (name === "hung") {
        const mount = hungMount(folder);
        if (typeof mount === "string") {
          leftOut.push({ name, reason: mount });
          continue;
        }
        undoes.push(() => mount.remove());
        places.hung = mount.path;
      }
      if (name === "dns") {
        const resolver = await deafResolver(folder);
        if (typeof resolver === "string") {
          leftOut.push({ name, reason: resolver });
          continue;
        }
        undoes.push(() => resolver.remove());
        prefix = resolver.prefix;
      }
      const figures: Record<SubjectName, Figure[]> = {
        "node:fs": [],
        "node-eio": [],
      };
      for (let round = 0; round < how.rounds; round++)
        for (const subject of inTurn(subjects, round)) {
          progress.watch(
            done++,
            runs,
            `${about[name]}: ${subject}, round ${round + 1}`,
          );
          figures[subject].push(
            await runOnce({ subject, scenario: name, places }, prefix, how),
          );
        }
      scenarios.push(summary(name, figures));
    }
    const { rounds, connections, runtimeMs } = how;
    return {
      tool: "node-eio bench interference",
      format: 1,
      machine,
      rounds,
      runtimeMs,
      connections,
      scenarios,
      leftOut,
    };
  } finally {
    signalsAsUsual();
    undo();
  }
}

function makePlaces(folder: string): Places {
  const files = Array.from({ length: FILES }, (_, i) =>
    path.join(folder, `file${i}`),
  );
  for (const file of files)
    fs.writeFileSync(file, Buffer.alloc(FILE_BYTES, "node-eio "));
  const bulk = path.join(folder, "bulk");
  fs.writeFileSync(bulk, Buffer.alloc(BULK_BYTES, 7));
  return { files, bulk, hung: null };
}

/** A server of its own and a load of its own; the server is killed, whatever hangs in it. */
async function runOnce(
  seat: Seat,
  prefix: string[],
  how: How,
): Promise<Figure> {
  const file = builtFile("server.js");
  const [program = "", ...args] = [
    ...prefix,
    process.execPath,
    file,
    JSON.stringify(seat),
  ];
  const { child, ended } = startProgram(program, args, true);
  const next = <T>(): Promise<T> =>
    Promise.race([
      new Promise<T>((resolve) =>
        child.once("message", (message) => resolve(message as T)),
      ),
      ended.then(({ stderr }) => {
        throw new Error(`the server ended: ${stderr.trim()}`);
      }),
    ]);
  try {
    const { port } = await next<{ port: number }>();
    const heard = next();
    child.send("disturb");
    await heard;
    const { connections, runtimeMs } = how;
    const order: LoadOrder = {
      port,
      connections,
      files: FILES,
      rampMs: RAMP_MS,
      runtimeMs,
    };
    const answer = await runProgram(
      process.execPath,
      [builtFile("load.js"), JSON.stringify(order)],
      () => {},
    );
    if (answer.message === undefined)
      throw new Error(`the load ended: ${answer.stderr.trim()}`);
    return figureOf(answer.message as Load);
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

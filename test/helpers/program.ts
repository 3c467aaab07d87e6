// A program of the examples that runs until it is stopped or killed, and whose first line is its address; and the built package that
// it uses. What it serves is not known here.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** As users import it: a test of whole programs needs no sources. */
const require = createRequire(import.meta.url);
export const { createEio, eio } =
  require("node-eio") as typeof import("node-eio");
export const { simulatedDisk } =
  require("node-eio/faults") as typeof import("node-eio/faults");

/** Programs start slowly on a busy machine, and these tests start several. */
export const PROGRAMS_MAX_MS = 600_000;

export interface Program {
  /** The first line it printed. */
  url: string;
  pid: number;
  /** Sends it a signal and waits for its end: the status, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | string>;
  /** Its end, by itself. */
  ended: Promise<number | string>;
  /** What it wrote to stderr so far. */
  errors(): string;
}

/** It runs in the checkout, and is killed with the test at the latest. */
export async function startProgram(
  script: string,
  args: readonly string[],
): Promise<Program> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const ended = once(child, "exit").then(
    ([status, signal]) => (status ?? signal) as number | string,
  );
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const lines = createInterface(child.stdout);
  const [url] = (await Promise.race([
    once(lines, "line"),
    ended.then((how) => {
      throw new Error(`${script} ended (${how}): ${errors}`);
    }),
  ])) as [string];
  return {
    url,
    pid: child.pid!,
    ended,
    errors: () => errors,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/**
 * Waits for what other processes do: they need the processor that a test would spend on turns of its own loop. A test that waits in
 * vain ends by its own time limit.
 */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  while (!(await holds()))
    await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Whether a process still does anything: one that nobody has waited for does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}

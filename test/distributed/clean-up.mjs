// What was started and has to go, in the opposite order: at the end, after a failure, and after a signal. It knows no hosts.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";

const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };
/** A status above this says which signal ended a process. */
const SIGNALLED = 128;

export class CleanUp {
  #steps = [];
  #failed = [];

  /** One within another one goes before what was added to that one earlier. */
  constructor(within = null) {
    if (within !== null) {
      within.add("what was within", () => this.run());
      return;
    }
    for (const [name, number] of Object.entries(SIGNALS))
      process.once(name, () => {
        this.run();
        process.exit(SIGNALLED + number);
      });
    process.once("exit", () => this.run());
  }

  /** `step` is synchronous: it also runs where nothing else does any more. */
  add(what, step) {
    this.#steps.push([what, step]);
  }

  /** What could not be undone. */
  run() {
    for (;;) {
      const next = this.#steps.pop();
      if (next === undefined) return this.#failed;
      const [what, step] = next;
      try {
        step();
      } catch (error) {
        this.#failed.push(`${what}: ${error.message}`);
        process.exitCode ||= 1;
        console.error(`left behind: ${what}: ${error.message}`);
      }
    }
  }
}

/** The output of a command, or an error with the command and what it said. */
export function run(...argv) {
  const [command, ...args] = argv;
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
  });
  if (status === 0) return stdout.trim();
  const said = error?.message ?? (stderr.trim() || stdout.trim() || signal);
  throw new Error(`${argv.join(" ")}: ${said}`);
}

/** A process of ours, whose output goes to a file. */
export class Daemon {
  child;
  #ended = false;

  constructor(logFile, ...argv) {
    const [command, ...args] = argv;
    const log = fs.openSync(logFile, "a");
    this.child = spawn(command, args, { stdio: ["ignore", log, log] });
    fs.closeSync(log);
    this.child.once("exit", () => (this.#ended = true));
    this.child.once("error", () => (this.#ended = true));
    this.child.unref();
  }

  get pid() {
    return this.child.pid;
  }
  get isRunning() {
    return !this.#ended && this.child.exitCode === null;
  }

  /** Those that it started, and those that they did. */
  get all() {
    const found = [this.pid];
    for (const pid of found) found.push(...childrenOf(pid));
    return found;
  }

  kill() {
    for (const pid of this.all.reverse()) send(pid, "SIGKILL");
  }

  async ended() {
    if (this.isRunning) await once(this.child, "exit");
  }
}

/** Each thread has children of its own. */
function childrenOf(pid) {
  try {
    const threads = fs.readdirSync(`/proc/${pid}/task`);
    return threads.flatMap((thread) => {
      const file = `/proc/${pid}/task/${thread}/children`;
      const text = fs.readFileSync(file, "latin1");
      return text.split(" ").filter(Boolean).map(Number);
    });
  } catch {
    return [];
  }
}

export function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

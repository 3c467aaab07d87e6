// Processes of the tests of writeFileAtomic: other users, writers that are stopped in the middle, readers.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

export const door = pathToFileURL(path.resolve("dist/index.js")).href;

/** A user and a group that own nothing. */
export const NOBODY = 65534;

export const asNobody = `
  process.setgroups([${NOBODY}]);
  process.setgid(${NOBODY});
  process.setuid(${NOBODY});`;

/** `eio`, `fs`, and lines to and from the test. */
const prelude = `
  import fs from "node:fs";
  import { Worker } from "node:worker_threads";
  import { createInterface } from "node:readline";
  import { createEio } from ${JSON.stringify(door)};
  const eio = createEio({ backend: "pool" });
  const say = (line) => fs.writeSync(1, line + "\\n");
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const heard = async () => (await lines.next()).value;`;

export class Child implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown[]>;

  constructor(script: string, cwd: string) {
    this.#child = spawn(
      process.execPath,
      ["--input-type=module", "--eval", prelude + script],
      { cwd, stdio: ["pipe", "pipe", "pipe"] },
    );
    this.#child.stderr!.resume();
    this.#ended = once(this.#child, "close");
    this.#lines = createInterface({ input: this.#child.stdout! })[
      Symbol.asyncIterator
    ]();
  }

  /** The next line that it says; undefined: it said its last. */
  async said(): Promise<string | undefined> {
    return ((await this.#lines.next()) as { value: string | undefined }).value;
  }

  send(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Its exit code, or the signal that ended it. */
  async ended(): Promise<number | string> {
    this.#child.stdin!.end();
    const [code, signal] = await this.#ended;
    return (code ?? signal) as number | string;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) await this.kill();
  }
}

/** A write that says "half" when half of it is in the temporary file, and goes on when it gets a line. */
export const stopped = (file: string, options = "{}"): string => `
  async function* halves() {
    yield "secret half";
    say("half");
    await heard();
    yield " and the other";
  }
  await eio.writeFileAtomic(${JSON.stringify(file)}, halves(), ${options});
  say("written");`;

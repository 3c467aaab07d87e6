// What the system says without this library (python3, coreutils), folders on two
// file systems, and what is expected of an error.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import fs, { constants } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect } from "vitest";
import { plainEnv } from "../../helpers/sanitizers.ts";

const { O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
const script = path.join(import.meta.dirname, "witness.py");

/** One process for all commands of a test file: to start python takes longer than most of them. */
class Witness {
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-witness-"));
  readonly #requests: number;
  readonly #replies: number;
  readonly #child: ChildProcess;

  constructor() {
    const [requests, replies] = ["requests", "replies"].map((name) =>
      path.join(this.#folder, name),
    ) as [string, string];
    execFileSync("mkfifo", [requests, replies]);
    // In this order nobody waits for the other end.
    this.#replies = fs.openSync(replies, O_RDONLY | O_NONBLOCK);
    this.#child = spawn("python3", [script, "serve", requests, replies], {
      stdio: ["ignore", "ignore", "inherit"],
      env: plainEnv,
    });
    this.#child.unref();
    this.#child.on("error", () => {}); // It is found dead.
    this.#requests = fs.openSync(requests, O_RDWR);
  }

  call(command: string, args: unknown[]): unknown {
    fs.writeSync(this.#requests, `${JSON.stringify([command, ...args])}\n`);
    let text = "";
    while (!text.endsWith("\n")) text += this.#read();
    const reply = JSON.parse(text) as { failed?: string } | null;
    if (reply?.failed !== undefined) throw new Error(`failed: ${text}`);
    return reply;
  }

  /** What has come; waits as the caller does, without the loop. */
  #read(): string {
    const bytes = Buffer.alloc(65536);
    try {
      const count = fs.readSync(this.#replies, bytes);
      if (count !== 0) return bytes.toString("utf8", 0, count);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
    if (!this.#lives()) throw new Error("python3 ended, or is not installed");
    Atomics.wait(never, 0, 0, 1);
    return "";
  }

  #lives(): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/\) [ZX] /.test(stat);
  }

  end(): void {
    this.#child.kill();
    fs.closeSync(this.#requests);
    fs.closeSync(this.#replies);
    fs.rmSync(this.#folder, { recursive: true });
  }
}

const never = new Int32Array(new SharedArrayBuffer(4));
let witnessing: Witness | undefined;
afterAll(() => witnessing?.end());

export const witness = <T>(command: string, ...args: unknown[]): T =>
  (witnessing ??= new Witness()).call(command, args) as T;

/** A process that holds locks on files: on each until it reads its number, and on all until its input ends or it is killed. */
export async function holding(...files: string[]): Promise<ChildProcess> {
  const child: ChildProcess = spawn(
    "python3",
    [script, "hold", ...files.map((file) => JSON.stringify(file))],
    { env: plainEnv },
  );
  await new Promise<void>((resolve, reject) => {
    child.stdout!.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`it ended with ${code}`)));
  });
  return child;
}

/** The same, let go by a function. */
export async function holder(file: string): Promise<() => Promise<void>> {
  const child = await holding(file);
  return async () => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.stdin!.end();
    await gone;
  };
}

/** What coreutils' stat says, by its own format. */
export const statOf = (file: string, format: string): string =>
  execFileSync("stat", ["-c", format, file], { encoding: "utf8" }).trim();

export interface Place {
  /** As `stat -f` names the file system. */
  type: string;
  folder: string;
  join(name: string): string;
  file(name: string, data?: string | Uint8Array): string;
}

/** A folder of its own on each file system, removed after the test file. */
export function places(): Place[] {
  return ["/tmp", "/dev/shm"].map((root) => {
    const folder = fs.mkdtempSync(path.join(root, "eio-sys-"));
    afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
    const type = execFileSync("stat", ["-f", "-c", "%T", root], {
      encoding: "utf8",
    });
    const join = (name: string): string => path.join(folder, name);
    return {
      type: type.trim(),
      folder,
      join,
      file(name, data = "") {
        fs.writeFileSync(join(name), data);
        return join(name);
      },
    };
  });
}

/** Bytes that are nowhere the same. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 7) ^ (i >> 8);
  return bytes;
}

/** 0, or the negative errno that a call was rejected with. */
export const errnoOf = (call: Promise<unknown>): Promise<number> =>
  call.then(
    () => 0,
    (error: NodeJS.ErrnoException) => {
      if (typeof error.errno !== "number") throw error;
      return error.errno;
    },
  );

/** Node's shape of an error, to the letter. */
export const rejects = (call: Promise<unknown>, like: object): Promise<void> =>
  expect(call).rejects.toMatchObject(like);

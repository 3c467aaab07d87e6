// What the system says without this library (python3, coreutils), folders on two
// file systems, and what is expected of an error.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, expect } from "vitest";

const script = path.join(import.meta.dirname, "witness.py");

export function witness<T>(command: string, ...args: unknown[]): T {
  const given = args.map((arg) => JSON.stringify(arg));
  const output = execFileSync("python3", [script, command, ...given], {
    encoding: "utf8",
  });
  return JSON.parse(output) as T;
}

/** A process that holds locks on a file, until its input ends or it is killed. */
export async function holding(file: string): Promise<ChildProcess> {
  const child: ChildProcess = spawn("python3", [
    script,
    "hold",
    JSON.stringify(file),
  ]);
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
export const pattern = (bytes: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => (i * 7) ^ (i >> 8)));

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

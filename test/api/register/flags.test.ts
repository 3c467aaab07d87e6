// Processes under the register door with the flags that NODE_OPTIONS may hold: a file is read as plain Node
// reads it under that flag. EIO_ALL_FLAGS=1 takes each flag there is (npm run test:flags), else some together.
import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { flags, slice } from "./flags.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const register = pathToFileURL(path.join(root, "dist/register.js")).href;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-flags-"));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const program = path.join(folder, "read.cjs");
fs.writeFileSync(
  program,
  `const fs = require("node:fs");
   fs.readFile(__filename, "utf8", (error, text) => console.log("called", error ?? text.length));
   fs.promises.readFile(__filename, "utf8").then(
     (text) => console.log("promised", text.length), (error) => console.log("promised", error));`,
);
fs.writeFileSync(path.join(folder, "a.env"), "A=1\n");

interface Ran {
  code: unknown;
  lines: string[];
}

/** Workers alone: what is read has to come from one that was started under the flag. */
const env = { ...process.env, NODE_EIO_BACKEND: "pool" };

function run(args: string[], NODE_OPTIONS = ""): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...args, program],
      { cwd: folder, env: { ...env, NODE_OPTIONS }, encoding: "utf8" },
      (error, stdout) =>
        resolve({
          code: error?.code ?? 0,
          lines: stdout.trim().split("\n").sort(),
        }),
    );
    // A flag that takes the program's name for its value would wait for one.
    child.stdin!.end();
  });
}

const preload = ["--import", register];
const cases = process.env["EIO_ALL_FLAGS"] ? flags : slice;

describe("a process under the register door", () => {
  it.each(cases.map((some) => [some.join(" "), some] as const))(
    "reads a file with %s as Node does",
    async (line, some) => {
      const plain = await run([...some]);
      expect(await run([...some, ...preload])).toEqual(plain);
      // What the command line takes and NODE_OPTIONS does not ends the process either way.
      expect(await run([], `${line} ${preload.join(" ")}`)).toEqual(
        await run([], line),
      );
    },
  );
});

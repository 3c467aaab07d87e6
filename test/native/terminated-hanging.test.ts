// A thread of the user's that is terminated while its requests hang in system calls: when these return, the memory that they were made
// with is still there.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { expect, it } from "vitest";
import { testFolder } from "../helpers/files.ts";
import { runNode } from "../helpers/run-node.ts";

const program = path.join(import.meta.dirname, "terminated-hanging.mjs");
const doors = path.resolve(import.meta.dirname, "../../dist");
const folder = testFolder();

it("requests of a terminated thread that return late do no harm, and write nothing", async () => {
  const fifos = ["open", "text", "bytes", "write"].map((name) =>
    folder.join(name),
  );
  execFileSync("mkfifo", fifos);
  const ended = await runNode([program, doors, ...fifos], { timeout: 100_000 });
  expect(ended).toMatchObject({ status: 0, signal: null, stderr: "" });
  expect(JSON.parse(ended.stdout)).toEqual({ hanging: 4, written: 0 });
});

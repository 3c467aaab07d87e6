// A thread of the user's that is terminated while the kernel works on its own Buffers: they are kept, and what hung goes on as if the
// thread were there. Memory that is gone fails the call (EFAULT), or is somebody else's.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { expect, it } from "vitest";
import { testFolder } from "../helpers/files.ts";
import { runNode } from "../helpers/run-node.ts";

const program = path.join(import.meta.dirname, "terminated-lending.mjs");
const doors = path.resolve(import.meta.dirname, "../../dist");
const folder = testFolder();
const MIB = 1 << 20;
/** The C library unmaps what is freed, and keeps nothing of this size for itself. */
const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: "131072" };

it("transfers that hang when their thread is terminated have its Buffers to their end", async () => {
  const fifos = ["read", "readv", "write", "writev"].map((name) =>
    folder.join(name),
  );
  execFileSync("mkfifo", fifos);
  const ended = await runNode([program, doors, ...fifos], {
    timeout: 100_000,
    env,
  });
  expect(ended).toMatchObject({ status: 0, signal: null, stderr: "" });
  // Nothing of what was to be read is left, and all that was to be written came.
  expect(JSON.parse(ended.stdout)).toEqual({
    read: 0,
    readv: 0,
    write: MIB,
    writev: 2 * MIB,
  });
});

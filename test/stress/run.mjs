// Runs a program of test/stress in a process of its own, with the collector at hand:
//   node test/stress/run.mjs leak 1000000
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { bundle } from "../helpers/bundle.mjs";
import { faultsBuild } from "../helpers/faults-build.mjs";

const [name, ...rest] = process.argv.slice(2);
const program = bundle(`test/stress/${name}.ts`);
const root = path.resolve(import.meta.dirname, "../..");
/** Reads wait on a pipe, or memory is counted, as a build for tests alone can do it. */
const special = ["endings", "crowd", "waiting", "mixed"].includes(name);
const built =
  special && !process.env.NODE_EIO_NATIVE
    ? faultsBuild()
    : path.join(root, "native-aio/build/Release/node-eio.node");
// The bundle lies elsewhere, so it needs to be given the path of the native code.
const native = fs.existsSync(built) ? { NODE_EIO_NATIVE: built } : {};
const { status } = spawnSync(
  process.execPath,
  ["--expose-gc", program, ...rest],
  { stdio: "inherit", env: { ...native, ...process.env } },
);
process.exitCode = status ?? 1;

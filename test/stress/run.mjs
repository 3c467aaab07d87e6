// Runs a program of test/stress in a process of its own, with the collector at hand:
//   node test/stress/run.mjs leak 1000000
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { bundle } from "../helpers/bundle.mjs";

const [name, ...rest] = process.argv.slice(2);
const program = bundle(`test/stress/${name}.ts`);
const built = path.resolve(
  import.meta.dirname,
  "../../native-aio/build/Release/node-eio.node",
);
// The bundle lies elsewhere, so it has to be told where the native code is.
const native = fs.existsSync(built) ? { NODE_EIO_NATIVE: built } : {};
const { status } = spawnSync(
  process.execPath,
  ["--expose-gc", program, ...rest],
  { stdio: "inherit", env: { ...native, ...process.env } },
);
process.exitCode = status ?? 1;

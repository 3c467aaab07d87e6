// Runs a program of test/stress in a process of its own, with the collector at hand:
//   node test/stress/run.mjs leak 1000000
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { bundle } from "../helpers/bundle.mjs";

const [name, ...rest] = process.argv.slice(2);
const program = bundle(`test/stress/${name}.ts`);
const root = path.resolve(import.meta.dirname, "../..");
/** Thousands of reads wait on a pipe here, which the ring takes in a build for tests only. */
const waits = ["endings", "crowd", "waiting"].includes(name);
const built = path.join(
  root,
  `native-aio/build/${waits ? "faults" : "Release"}/node-eio.node`,
);
if (waits && !process.env.NODE_EIO_NATIVE)
  execFileSync(
    process.execPath,
    [path.join(root, "scripts/build-native.mjs"), `--out=${built}`],
    { env: { ...process.env, EIO_CFLAGS: "-DEIO_DEBUG -DEIO_FAULTS" } },
  );
// The bundle lies elsewhere, so it has to be told where the native code is.
const native = fs.existsSync(built) ? { NODE_EIO_NATIVE: built } : {};
// One heap for all threads: with one for each eight of them, what is lost cannot be told from what lies idle.
const memory = name === "mixed" ? { MALLOC_ARENA_MAX: "1" } : {};
const { status } = spawnSync(
  process.execPath,
  ["--expose-gc", program, ...rest],
  { stdio: "inherit", env: { ...native, ...memory, ...process.env } },
);
process.exitCode = status ?? 1;

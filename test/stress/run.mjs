// Runs a program of test/stress in a process of its own, with the collector at hand:
//   node test/stress/run.mjs leak 1000000
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { isCurrent } from "../../scripts/support/native-current.mjs";
import { bundle } from "../helpers/bundle.mjs";

const [name, ...rest] = process.argv.slice(2);
const program = bundle(`test/stress/${name}.ts`);
const root = path.resolve(import.meta.dirname, "../..");
/** Reads wait on a pipe, or memory is counted, as a build for tests alone can do it. */
const special = ["endings", "crowd", "waiting", "mixed"].includes(name);
const built = path.join(
  root,
  `native-aio/build/${special ? "faults" : "Release"}/node-eio.node`,
);
if (special && !process.env.NODE_EIO_NATIVE && !isCurrent(built))
  execFileSync(
    process.execPath,
    [path.join(root, "scripts/build-native.mjs"), `--out=${built}`],
    { env: { ...process.env, EIO_CFLAGS: "-DEIO_DEBUG -DEIO_FAULTS" } },
  );
// The bundle lies elsewhere, so it needs to be given the path of the native code.
const native = fs.existsSync(built) ? { NODE_EIO_NATIVE: built } : {};
const { status } = spawnSync(
  process.execPath,
  ["--expose-gc", program, ...rest],
  { stdio: "inherit", env: { ...native, ...process.env } },
);
process.exitCode = status ?? 1;

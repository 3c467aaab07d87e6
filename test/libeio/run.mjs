// Runs a program of test/libeio in a process of its own:
//   node test/libeio/run.mjs record          records what the real libeio does
//   node test/libeio/run.mjs random --seed 7 compares scenarios made at random
import { spawnSync } from "node:child_process";
import { bundle } from "../helpers/bundle.mjs";

const [name, ...rest] = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [bundle(`test/libeio/${name}.ts`), ...rest],
  {
    stdio: "inherit",
    env: { ...process.env, EIO_PLAY: bundle("test/libeio/play.ts") },
  },
);
process.exitCode = status ?? 1;

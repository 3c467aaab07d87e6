// Runs a program of test/stress in a process of its own, with the collector at hand:
//   node test/stress/run.mjs leak 1000000
import { spawnSync } from "node:child_process";
import { bundle } from "../helpers/bundle.mjs";

const [name, ...rest] = process.argv.slice(2);
const program = bundle(`test/stress/${name}.ts`);
const { status } = spawnSync(
  process.execPath,
  ["--expose-gc", program, ...rest],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;

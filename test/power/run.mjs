// `npm run test:power -- SEEDS`: losses of power in the middle of programs that store something, on simulated disks of the built
// package. Ours may lose nothing; what others lose is printed.
import { createEio } from "node-eio";
import { simulatedDisk } from "node-eio/faults";
import { foreign } from "./package.mjs";
import { crashes, log, ours, profileNames, unsynced } from "./workloads.mjs";

const seeds = Number(process.argv[2] ?? 100_000);
const tools = { createEio, simulatedDisk };
const each = Math.ceil(seeds / profileNames.length);
let failed = 0;

for (const [workload, mayLose] of [
  [ours, false],
  [log, false],
  [foreign, true],
  [unsynced, true],
])
  for (const profile of profileNames) {
    const found = await crashes(workload, tools, { seeds: each, profile });
    const { lost, example } = found;
    const where = example === null ? "" : ` (seed ${example.seed})`;
    console.log(
      `${workload.name} on ${profile}: ${lost} of ${each} crashes lost something${where}`,
    );
    if (!mayLose) failed += lost;
  }
process.exitCode = failed === 0 ? 0 : 1;

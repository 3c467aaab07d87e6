// `npm run test:power -- SEEDS [NAMES]`: losses of power in the middle of programs that store something, on simulated disks of the built
// package. Ours may lose nothing; what others lose is printed. NAMES ("appendLog") are those of
// the programs that run; without, all of them.
import { createEio } from "node-eio";
import { simulatedDisk } from "node-eio/faults";
import { foreign } from "./package.mjs";
import { crashes, log, ours, profileNames, unsynced } from "./workloads.mjs";

const seeds = Number(process.argv[2] ?? 100_000);
const names = process.argv[3]?.split(",");
const tools = { createEio, simulatedDisk };
const each = Math.ceil(seeds / profileNames.length);
let failed = 0;

const programs = [
  [ours, false],
  [log, false],
  [foreign, true],
  [unsynced, true],
].filter(([{ name }]) => names?.includes(name) ?? true);
if (programs.length === 0) throw new Error(`no program is called ${names}`);

for (const [workload, mayLose] of programs)
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

// `npm run test:power:fuse -- [SEEDS] [--only NAME]`: the programs of test:power, unchanged, on a mounted file system that logs what reaches it;
// each prefix of the log is put into a folder with what a loss of power may leave out, and checked. What may be lost there has to
// be what may be lost on the simulated disk. Ends with 77 where there is no libfuse3 or no /dev/fuse.
import { parseArgs } from "node:util";
import { createEio } from "node-eio";
import { simulatedDisk } from "node-eio/faults";
import { LoggingDisk, whyNoDisk } from "./disk/logging-disk.mjs";
import { replayed } from "./disk/replayed.mjs";
import { foreign } from "./package.mjs";
import {
  crashes,
  log,
  onlyNames,
  ours,
  profileNames,
  unsynced,
} from "./workloads.mjs";

const NOT_HERE = 77;
/** Of the simulator: enough that each kind of loss has its turn. */
const SIMULATED = 4000;
const SIMULATED_LOGS = 400;

const why = whyNoDisk();
if (why !== null) {
  console.log(`left out: ${why}`);
  process.exit(NOT_HERE);
}

// The disk goes at the exit.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.once(signal, () => process.exit(1));

const { values, positionals } = parseArgs({
  options: { only: { type: "string", default: "" } },
  allowPositionals: true,
});
const seeds = Number(positionals[0] ?? 10);
const tools = { createEio, simulatedDisk };
const failures = [];
const disk = new LoggingDisk();

for (const [workload, backend, mayLose] of [
  [ours, "auto", false],
  [ours, "pool", false],
  [log, "auto", false],
  [log, "pool", false],
  [foreign, "auto", true],
  [onlyNames, "auto", true],
  [unsynced, "auto", true],
]) {
  if (!workload.name.includes(values.only)) continue;
  const options = { disk, seeds, profiles: profileNames, backend };
  const found = await replayed(workload, tools, options);
  const { name } = workload;
  const { calls, prefixes, states, different, byRules } = found;
  console.log(
    `${name} (${backend}): ${calls} calls, ${prefixes} prefixes, ${states} states, ${different} of them different`,
  );
  for (const [rules, { states, lost, kinds }] of Object.entries(byRules)) {
    console.log(`  ${rules}: ${lost} of ${states} lost ${lossesIn(kinds)}`);
    if (!mayLose && lost > 0) failures.push(`${name} lost something`);
  }
  if (mayLose && byRules["synced only"].lost === 0)
    failures.push(`${name}: its losses were not found`);
  for (const profile of profileNames) {
    const seeds = workload === log ? SIMULATED_LOGS : SIMULATED;
    const { kinds } = await crashes(workload, tools, { seeds, profile });
    if (String(kinds) !== String(byRules[profile].kinds))
      failures.push(
        `${name} on ${profile}: ${lossesIn(byRules[profile].kinds)} on FUSE, ${lossesIn(kinds)} on the simulated disk`,
      );
  }
}
await disk.close();
for (const failure of failures) console.log(`FAILED: ${failure}`);
if (failures.length === 0)
  console.log("the file system and the simulated disk agree");
process.exitCode = failures.length === 0 ? 0 : 1;

function lossesIn(kinds) {
  return kinds.length === 0 ? "nothing" : `(${kinds.join(", ")})`;
}

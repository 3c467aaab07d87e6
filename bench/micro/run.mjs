// Runs the cases of cases.ts with benny, and prints nanoseconds per step.
// Usage: npm run bench:micro [-- --save | --compare] [-- --only TEXT]
//   --save      writes bench/micro/baseline.json
//   --compare   beside that baseline; exits 1 where something is slower by more than SLOWER_MAX
// Beside nanoseconds each case is printed in units of a loop of plain arithmetic that runs first and last, and these
// are what is compared: so a baseline from another machine, or from a slower minute, still means something.
import fs from "node:fs";
import { parseArgs } from "node:util";
import benny from "benny";
import { loadSource } from "../support/load-source.mjs";
import { machineFacts, machineLine } from "../support/machine.mjs";
import { tablePrinter } from "../support/table.mjs";

const SLOWER_MAX = 1.5;
const baselineFile = new URL("./baseline.json", import.meta.url);

const { values: options } = parseArgs({
  options: {
    save: { type: "boolean", default: false },
    compare: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const { calibration, cases } = await loadSource("bench/micro/cases.ts");
const again = { ...calibration, name: `${calibration.name}, again` };
const chosen = [
  calibration,
  ...cases.filter(({ name }) => name.includes(options.only)),
  again,
];
if (options.compare && !fs.existsSync(baselineFile)) {
  console.error("bench:micro: no baseline yet; run it with --save first");
  process.exit(2);
}
const before = options.compare
  ? JSON.parse(fs.readFileSync(baselineFile, "utf8"))
  : undefined;

console.log(machineLine());
if (before) console.log(`beside ${machineLine(before.machine)}`);
const { results } = await benny.suite(
  "micro",
  ...chosen.map(({ name, run }) =>
    // benny takes a case for asynchronous when the function itself is.
    benny.add(name, isAsync(run) ? async () => void (await run()) : run, {
      minSamples: 30,
      maxTime: 1,
    }),
  ),
);

const ns = Object.fromEntries(
  results.map(({ name, details }, i) => [
    name,
    round((details.median * 1e9) / chosen[i].steps),
  ]),
);
/** The quicker of the two: what else ran meanwhile only makes it slower. */
const unitNs = Math.min(ns[calibration.name], ns[again.name]);
const units = Object.fromEntries(
  Object.entries(ns)
    .filter(([name]) => name !== calibration.name && name !== again.name)
    .map(([name, value]) => [name, round(value / unitNs)]),
);
const titles = ["step", "ns", "units", ...(before ? ["before", "ratio"] : [])];
const print = tablePrinter(titles, [58, 9, 9, 9, 7]);
let slower = 0;
for (const [name, now] of Object.entries(units)) {
  const then = before?.units[name];
  if (then !== undefined && now / then > SLOWER_MAX) slower++;
  const beside = then ? [then, (now / then).toFixed(2)] : [];
  print([name, ns[name], now, ...beside]);
}
console.log(`a unit: ${round(unitNs)} ns, a step of ${calibration.name}`);
if (options.save)
  fs.writeFileSync(
    baselineFile,
    `${JSON.stringify({ machine: machineFacts(), unitNs: round(unitNs), units, ns }, null, 2)}\n`,
  );
if (before) console.log(`${slower} slower by more than ${SLOWER_MAX}`);
process.exit(slower > 0 ? 1 : 0);

function isAsync(run) {
  return run() instanceof Promise;
}

function round(value) {
  return value < 100 ? Math.round(value * 100) / 100 : Math.round(value);
}

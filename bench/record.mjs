// Takes the figures that docs/benchmarks.md and README show, into bench/results/. For a quiet machine; about a
// quarter of an hour.
// Usage: npm run bench:record [-- --quick] [-- --only NAME]     then: npm run benchmarks
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

const root = path.resolve(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const how = values.quick
  ? ["--rounds", "3", "--runtime", "300ms"]
  : ["--rounds", "5", "--runtime", "1s"];
const beside = ["--peer", "fio"];

const sets = {
  "in-the-page-cache": [
    "--rw",
    "randread,stat,readfile",
    "--iodepth",
    "1,64",
    ...beside,
    ...how,
  ],
  "past-the-page-cache": [
    "--rw",
    "randread",
    "--iodepth",
    "1,64",
    "--direct",
    ...beside,
    ...how,
  ],
  interference: [
    "interference",
    "--rounds",
    values.quick ? "1" : "5",
    "--runtime",
    values.quick ? "1s" : "3s",
  ],
};

for (const [name, args] of Object.entries(sets)) {
  if (!name.includes(values.only)) continue;
  const file = path.join(root, "bench/results", `${name}.json`);
  const made = path.join(root, "node_modules/.cache", `${name}.json`);
  fs.mkdirSync(path.dirname(made), { recursive: true });
  const { status } = spawnSync(
    process.execPath,
    [path.join(root, "dist/cli.js"), "bench", ...args, "--json", made],
    { stdio: "inherit" },
  );
  if (status !== 0) {
    console.error(`bench:record: ${name} ended with status ${status}`);
    process.exit(1);
  }
  const report = JSON.parse(fs.readFileSync(made, "utf8"));
  // The tables need no curves, and the files are kept.
  for (const { rows } of report.outcomes ?? [])
    for (const row of rows) delete row.cdf;
  if (report.command !== undefined)
    report.command = `node-eio bench ${args.join(" ")}`;
  fs.writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`);
}

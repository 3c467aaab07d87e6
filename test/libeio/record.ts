// Records what the real libeio does in every scenario, for machines that have none (npm run libeio:record).
import fs from "node:fs";
import { scenarios } from "./scenarios.ts";
import { recordingPath, runPerl, whyNoPerl } from "./sides.ts";

const why = whyNoPerl();
if (why !== null) throw new Error(`There is no libeio to record: ${why}`);
const recording = await runPerl(scenarios);
const { outcomes, ...made } = recording;
const lines = Object.entries(outcomes)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(
    ([name, entries]) =>
      `    ${JSON.stringify(name)}: ${JSON.stringify(entries)}`,
  );
const head = JSON.stringify(made, null, 2).slice(0, -2);
fs.writeFileSync(
  recordingPath,
  `${head},\n  "outcomes": {\n${lines.join(",\n")}\n  }\n}\n`,
);
console.log(`recorded ${lines.length} scenarios of IO::AIO ${made.version}`);

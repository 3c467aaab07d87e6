// Runs the smoke programs on other releases of Node, which the registry carries as packages.
// Usage: node scripts/with-node.mjs [MAJOR...]   (default 22 24 26); skips, with a reason, what cannot be had.
import path from "node:path";
import { obtainRuntime } from "../bench/support/runtimes.mjs";
import { runSmoke } from "./run-smoke.mjs";

const smoke = path.resolve(import.meta.dirname, "../test/smoke");
const majors =
  process.argv.length > 2 ? process.argv.slice(2) : ["22", "24", "26"];
const counts = { passed: 0, failed: 0, skipped: 0 };

for (const major of majors) {
  const { file, reason } = obtainRuntime(`node${major}`);
  if (file === undefined) {
    console.log(`Node ${major}: skipped, ${reason}`);
    counts.skipped++;
    continue;
  }
  console.log(`Node ${major}`);
  counts[(await runSmoke(smoke, file)) ? "passed" : "failed"]++;
}
console.log(
  `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
);
process.exitCode = counts.failed > 0 ? 1 : 0;

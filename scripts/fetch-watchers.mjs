// Installs the watchers that bench/watch.mjs compares with, outside of this package. It does not know what is measured.
// Usage: node scripts/fetch-watchers.mjs; it prints the folder of their node_modules.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const home = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache");
const PACKAGES = {
  "chokidar-4": "npm:chokidar@4.0.3",
  "chokidar-5": "npm:chokidar@5.0.0",
  "@parcel/watcher": "@parcel/watcher@2.6.0",
};

export function fetchWatchers() {
  const cwd = path.join(home, "node-eio", "watchers-1");
  const installed = path.join(cwd, "node_modules");
  const isThere = Object.keys(PACKAGES).every((name) =>
    fs.existsSync(path.join(installed, name, "package.json")),
  );
  if (isThere) return installed;
  fs.mkdirSync(cwd, { recursive: true });
  fs.writeFileSync(path.join(cwd, "package.json"), '{"private":true}\n');
  const wanted = Object.entries(PACKAGES).map(([name, spec]) =>
    spec.startsWith("npm:") ? `${name}@${spec}` : spec,
  );
  // @parcel/watcher's binaries are packages of their own, so that no script is needed.
  execFileSync(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...wanted],
    { cwd, stdio: ["ignore", "ignore", "inherit"] },
  );
  return installed;
}

if (process.argv[1] === import.meta.filename) console.log(fetchWatchers());

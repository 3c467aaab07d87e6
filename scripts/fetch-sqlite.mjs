// Installs better-sqlite3 for the tests and the example of executors, outside of this package: npm runs no install
// scripts here, so it is compiled by node-gyp, with this machine's headers where npm knows them (nodedir).
// Usage: node scripts/fetch-sqlite.mjs; it prints the folder, in which examples/executor-sqlite.mjs looks.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const VERSION = "12.4.1";
const home = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache");
const folder = path.join(
  home,
  "node-eio",
  `sqlite-${VERSION}-${process.versions.modules}`,
);
const installed = path.join(folder, "node_modules/better-sqlite3");
const built = path.join(installed, "build/Release/better_sqlite3.node");

const npm = (...args) =>
  execFileSync("npm", args, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();

if (!fs.existsSync(built)) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "package.json"), '{"private":true}\n');
  npm("install", "--ignore-scripts", "--no-audit", `better-sqlite3@${VERSION}`);
  const gyp = path.join(
    npm("root", "--global"),
    "npm/node_modules/node-gyp/bin/node-gyp.js",
  );
  const nodedir = npm("config", "get", "nodedir");
  execFileSync(
    process.execPath,
    [
      gyp,
      "rebuild",
      "--release",
      ...(nodedir === "undefined" || nodedir === ""
        ? []
        : [`--nodedir=${nodedir}`]),
    ],
    { cwd: installed, stdio: ["ignore", "ignore", "inherit"] },
  );
}
console.log(installed);

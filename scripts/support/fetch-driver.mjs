// Installs a database driver with native code outside of this package: npm runs no install scripts here, so it is compiled by
// node-gyp, with this machine's headers where npm knows them (nodedir). It does not know what the driver is for.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const home = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache");

/**
 * @param {{ folder: string, name: string, version: string, compiled: string, binary: string }} driver what its folder's name begins with; the
 *   package; the package that is compiled, and its binary
 * @returns {string} where the driver is installed
 */
export function fetchDriver({ folder, name, version, compiled, binary }) {
  const cwd = path.join(
    home,
    "node-eio",
    `${folder}-${version}-${process.versions.modules}`,
  );
  const npm = (...args) =>
    execFileSync("npm", args, {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    }).trim();
  const installed = path.join(cwd, "node_modules");
  const built = path.join(installed, compiled, "build/Release", binary);
  if (!fs.existsSync(built)) {
    fs.mkdirSync(cwd, { recursive: true });
    fs.writeFileSync(path.join(cwd, "package.json"), '{"private":true}\n');
    npm("install", "--ignore-scripts", "--no-audit", `${name}@${version}`);
    const gyp = path.join(
      npm("root", "--global"),
      "npm/node_modules/node-gyp/bin/node-gyp.js",
    );
    const nodedir = npm("config", "get", "nodedir");
    const headers =
      nodedir === "undefined" || nodedir === "" ? [] : [`--nodedir=${nodedir}`];
    execFileSync(process.execPath, [gyp, "rebuild", "--release", ...headers], {
      cwd: path.join(installed, compiled),
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  return path.join(installed, name);
}

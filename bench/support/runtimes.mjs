// Other releases of Node, and Bun, as npm carries them: out of the folder that EIO_RUNTIMES names (a node_modules), else
// packed by npm, once, into the project's cache. What is run on them is not known here.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const cache = path.resolve(
  import.meta.dirname,
  "../../node_modules/.cache/runtimes",
);
const FETCH_MAX_MS = 180_000;

/**
 * @param {string} name "node22" (a major release) or "bun"
 * @returns {{file: string} | {reason: string}} the program, or why there is none
 */
export function obtainRuntime(name) {
  const [, major] = /^node(\d+)$/.exec(name) ?? [];
  if (major === undefined && name !== "bun")
    return { reason: `${name} is neither bun nor node and a number` };
  if (major === process.versions.node.split(".")[0])
    return { file: process.execPath };
  const { id, range, program } =
    major === undefined ? bunPackage() : nodePackage(major);
  const given = process.env.EIO_RUNTIMES;
  for (const folder of given === undefined ? [] : [name, id]) {
    const file = path.join(given, folder, program);
    if (fs.existsSync(file)) return { file };
  }
  return fetched(path.join(cache, name), `${id}@${range}`, program);
}

function nodePackage(major) {
  const id = `node-${process.platform}-${process.arch}`;
  return { id, range: major, program: "bin/node" };
}

function bunPackage() {
  const arch = process.arch === "arm64" ? "aarch64" : process.arch;
  const id = `@oven/bun-${process.platform}-${arch}`;
  return { id, range: "latest", program: "bin/bun" };
}

function fetched(folder, wanted, program) {
  const inside = `package/${program}`;
  const file = path.join(folder, inside);
  if (fs.existsSync(file)) return { file };
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const how = { cwd: folder, encoding: "utf8", timeout: FETCH_MAX_MS };
  const pack = spawnSync("npm", ["pack", "--silent", wanted], how);
  if (pack.status !== 0)
    return { reason: `npm pack could not fetch ${wanted}: ${lastLine(pack)}` };
  const tarball = path.join(folder, pack.stdout.trim().split("\n").at(-1));
  const tar = spawnSync("tar", ["-xzf", tarball, inside], how);
  fs.rmSync(tarball, { force: true });
  if (tar.status !== 0)
    return { reason: `its tarball has no ${inside}: ${lastLine(tar)}` };
  return { file };
}

function lastLine({ stderr, error, signal }) {
  return (
    error?.message ??
    (stderr?.trim().split("\n").at(-1) || `ended by ${signal}`)
  );
}

// Other releases of Node, Bun and Deno, as npm carries them: out of the folder that EIO_RUNTIMES names (a node_modules), else
// packed by npm, once, into the project's cache. It does not know what runs on them.
import fs from "node:fs";
import path from "node:path";
import { obtain } from "../../scripts/support/obtain.mjs";

/**
 * @param {string} name "node22" (a major release), "bun" or "deno"
 * @returns {{file: string} | {reason: string}} the program, or why there is none
 */
export function obtainRuntime(name) {
  const [, major] = /^node(\d+)$/.exec(name) ?? [];
  if (major === undefined && !(name in others))
    return { reason: `${name} is neither bun, deno nor node and a number` };
  if (major === process.versions.node.split(".")[0])
    return { file: process.execPath };
  const { id, range, program } =
    major === undefined ? others[name]() : nodePackage(major);
  const given = process.env.EIO_RUNTIMES;
  for (const folder of given === undefined ? [] : [name, id]) {
    const file = path.join(given, folder, program);
    if (fs.existsSync(file)) return { file };
  }
  const { binary, reason } = obtain(`${id}@${range}`, `package/${program}`);
  return binary === undefined ? { reason } : { file: binary };
}

function nodePackage(major) {
  const id = `node-${process.platform}-${process.arch}`;
  return { id, range: major, program: "bin/node" };
}

const others = {
  bun() {
    const arch = process.arch === "arm64" ? "aarch64" : process.arch;
    const id = `@oven/bun-${process.platform}-${arch}`;
    return { id, range: "latest", program: "bin/bun" };
  },
  deno() {
    const id = `@deno/${process.platform}-${process.arch}-glibc`;
    return { id, range: "latest", program: "deno" };
  },
};

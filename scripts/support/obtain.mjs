// One executable out of a package of the registry, kept for the next time; a reason where it cannot be had.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const cache = path.resolve(
  import.meta.dirname,
  "../../node_modules/.cache/binaries",
);

/**
 * @param {{ mayFetch?: boolean }} [options] false: only what was fetched before
 * @returns {{binary: string} | {reason: string}}
 */
export function obtain(spec, member, { mayFetch = true } = {}) {
  const folder = path.join(cache, spec.replace("/", "+"));
  const binary = path.join(folder, member);
  if (fs.existsSync(binary)) return { binary };
  if (!mayFetch) return { reason: "it was not fetched before" };
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  // What the npm was given that runs this is in the environment, and is not meant for this one.
  const own = ["--json=false", "--dry-run=false", "--pack-destination", folder];
  const pack = spawnSync("npm", ["pack", "--silent", ...own, spec], {
    cwd: folder,
    encoding: "utf8",
    timeout: 180_000,
  });
  if (pack.status !== 0)
    return { reason: `npm pack could not fetch it: ${lastLine(pack)}` };
  const tarball = path.join(folder, pack.stdout.trim().split("\n").at(-1));
  const tar = spawnSync("tar", ["-xzf", tarball, member], {
    cwd: folder,
    encoding: "utf8",
  });
  fs.rmSync(tarball, { force: true });
  if (tar.status !== 0)
    return { reason: `its tarball has no ${member}: ${lastLine(tar)}` };
  return { binary };
}

function lastLine({ stderr, error, signal }) {
  return (
    error?.message ??
    (stderr?.trim().split("\n").at(-1) || `ended by ${signal}`)
  );
}

// The tarballs that would be published, the core's first, and a project that has them installed. What is checked of
// them is not known here.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { packages } from "./packages.mjs";

const root = path.resolve(import.meta.dirname, "../..");

/**
 * With the binaries that can be made here.
 * @param {string} work the folder that they are put into
 * @returns {{ file: string, filename: string, size: number, entryCount: number, files: { path: string }[] }[]}
 */
export function packAll(work) {
  spawnSync(process.execPath, ["scripts/prebuild.mjs"], {
    cwd: root,
    stdio: "inherit",
  });
  const folders = Object.keys(packages).map((name) => `./packages/${name}`);
  const made = JSON.parse(
    execFileSync(
      "npm",
      [
        ...["pack", "--json", "--ignore-scripts", "--pack-destination", work],
        ...[".", ...folders],
      ],
      { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    ),
  );
  return made.map((one) => {
    console.log(
      `${one.filename}: ${one.entryCount} files, ${Math.round(one.size / 1000)} KB`,
    );
    return { ...one, file: path.join(work, one.filename) };
  });
}

/**
 * Installs them, and what they depend on, into an empty project.
 * @param {string} folder of the project, which is made
 * @param {readonly { file: string }[]} tarballs
 */
export function installAll(folder, tarballs) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
  execFileSync(
    "npm",
    [
      ...["install", "--ignore-scripts", "--no-audit", "--no-fund"],
      ...["--loglevel=error", "--prefer-offline"],
      ...tarballs.map(({ file }) => file),
    ],
    { cwd: folder, stdio: ["ignore", "ignore", "inherit"] },
  );
}

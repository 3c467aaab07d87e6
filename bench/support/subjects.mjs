// The subjects of a bench, and a child process to measure each in: every run has one of its own, so that no
// subject inherits another one's heap, threads or compiled code.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { fileURLToPath } from "node:url";

/** A thousand instances whose threads are slow to start take minutes. */
const RUN_MAX_MS = 600_000;

export const subjects = {
  node: () => import("node:fs/promises"),
  eio: () => import("node-eio/promises"),
};

/** Runs a bench file as a child; it prints one line of JSON. */
export function measureIn(file, ...args) {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ["--expose-gc", fileURLToPath(file), "child", ...args.map(String)],
    {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      encoding: "utf8",
      timeout: RUN_MAX_MS,
    },
  );
  if (status !== 0)
    throw new Error(
      `${args.join(" ")} failed (status ${status}, signal ${signal})\n${stderr}`,
    );
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

export function needBuild() {
  if (fs.existsSync(new URL("../../dist/promises.js", import.meta.url))) return;
  console.error("There is no dist/promises.js; run npm run build first.");
  process.exit(2);
}

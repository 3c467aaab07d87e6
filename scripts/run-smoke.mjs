// Runs the smoke programs of one folder under one Node, and says of each whether it passed.
// A program that is right but does not exit by itself has failed.
import { spawnSync } from "node:child_process";
import path from "node:path";

const exitMaxMs = 30_000;
const programs = [
  "smoke.mjs",
  "smoke.cjs",
  "vfs.mjs",
  "executor.mjs",
  "storage.mjs",
];

/** @returns {boolean} whether every program passed */
export function runSmoke(folder, node = process.execPath, env = process.env) {
  return programs.every((program) => {
    const { status, signal, error, stdout, stderr } = spawnSync(
      node,
      [path.join(folder, program)],
      {
        cwd: folder,
        env,
        encoding: "utf8",
        timeout: exitMaxMs,
        killSignal: "SIGKILL",
      },
    );
    if (status === 0 && stdout.includes("smoke ok")) {
      console.log(`  ${program}: ${stdout.trim()}`);
      return true;
    }
    const why =
      error?.code === "ETIMEDOUT"
        ? `still alive after ${exitMaxMs} ms; likely cause: an idle worker or the wake-up keeps the process alive`
        : `status ${status}, signal ${signal}`;
    console.error(`  ${program} failed: ${why}\n${stdout}${stderr}`);
    return false;
  });
}

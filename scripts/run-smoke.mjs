// Runs the smoke programs of one folder under one Node, all at a time, and says of each whether it passed.
// A program that is right but does not exit by itself has failed.
import { execFile } from "node:child_process";
import path from "node:path";

const exitMaxMs = 30_000;
const programs = [
  "smoke.mjs",
  "smoke.cjs",
  "vfs.mjs",
  "executor.mjs",
  "storage.mjs",
];

/** @returns {Promise<boolean>} whether every program passed */
export async function runSmoke(
  folder,
  node = process.execPath,
  env = process.env,
) {
  const all = programs.map((program) => passes(program, folder, node, env));
  return (await Promise.all(all)).every((passed) => passed);
}

function passes(program, folder, node, env) {
  const options = {
    ...{ cwd: folder, env, encoding: "utf8" },
    ...{ timeout: exitMaxMs, killSignal: "SIGKILL" },
  };
  return new Promise((resolve) =>
    execFile(
      node,
      [path.join(folder, program)],
      options,
      (error, stdout, stderr) => {
        const passed = error === null && stdout.includes("smoke ok");
        if (passed) console.log(`  ${program}: ${stdout.trim()}`);
        else
          console.error(
            `  ${program} failed: ${reasonOf(error)}\n${stdout}${stderr}`,
          );
        resolve(passed);
      },
    ),
  );
}

function reasonOf(error) {
  if (error === null) return "it does not say that it is well";
  const { killed, code, signal } = error;
  return killed
    ? `still alive after ${exitMaxMs} ms; likely cause: an idle worker or the wake-up keeps the process alive`
    : `status ${code}, signal ${signal}`;
}

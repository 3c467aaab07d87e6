// Runs smoke programs on Bun and on Deno, which do without the addon. Skips, with a reason, what cannot be had.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { obtain } from "./support/obtain.mjs";

const smoke = path.resolve(import.meta.dirname, "../test/smoke");
const programs = ["other-runtimes.mjs", "storage.mjs", "executor.mjs"];
const runtimes = [
  ["Bun", "@oven/bun-linux-x64@1.4.5", "package/bin/bun", []],
  [
    "Deno",
    "@deno/linux-x64-glibc@2.9.6",
    "package/deno",
    ["run", "-A", "--node-modules-dir=manual"],
  ],
];
// Deno keeps by their paths which modules a file requires, and a build of before had others there.
const cache = fs.mkdtempSync(path.join(os.tmpdir(), "eio-deno-"));
process.on("exit", () => fs.rmSync(cache, { recursive: true, force: true }));
let failed = 0;

for (const [name, spec, member, before] of runtimes) {
  const { binary, reason } = obtain(spec, member);
  if (!binary) {
    console.log(`${name}: skipped, ${reason}`);
    continue;
  }
  for (const program of programs)
    if (!run(name, binary, [...before, path.join(smoke, program)])) failed++;
}
process.exitCode = failed > 0 ? 1 : 0;

function run(name, binary, args) {
  const { status, signal, stdout, stderr } = spawnSync(binary, args, {
    encoding: "utf8",
    timeout: 60_000,
    killSignal: "SIGKILL",
    env: { ...process.env, DENO_DIR: cache },
  });
  const passed = status === 0 && stdout.includes("smoke ok");
  const program = path.basename(args.at(-1));
  console.log(
    passed
      ? `${name}, ${program}: ${stdout.trim()}`
      : `${name}, ${program}: failed, status ${status}, signal ${signal}\n${stdout}${stderr}`,
  );
  return passed;
}

// Compiles the C files of this folder; null where that cannot be.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

export function compile(name, flags = []) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-host-"));
  process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  const out = path.join(folder, path.parse(name).name);
  const source = path.join(import.meta.dirname, name);
  const { status, error, stderr } = spawnSync(
    process.env.CC ?? "cc",
    [...flags, "-Wall", "-Wextra", "-O1", source, "-o", out],
    { encoding: "utf8" },
  );
  if (error?.code === "ENOENT") return null;
  if (status !== 0) throw new Error(stderr);
  return out;
}

/** A native module, loaded. */
export function load(name) {
  const require = createRequire(import.meta.url);
  const include = require("node-api-headers").include_dir;
  const file = compile(name, ["-shared", "-fPIC", "-I", include]);
  if (file === null) return null;
  fs.renameSync(file, `${file}.node`);
  return require(`${file}.node`);
}

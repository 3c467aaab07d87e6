// Small native modules and programs for tests, compiled when they are needed.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

const require = createRequire(import.meta.url);
const compiler = process.env["CC"] ?? "cc";

/** Why nothing can be compiled here; null when it can. */
export function compilerMissing(): string | null {
  if (process.platform !== "linux") return "it is for Linux";
  const { error } = spawnSync(compiler, ["--version"]);
  return error === undefined ? null : `no compiler: ${error.message}`;
}

/** Compiles a file of this folder as a native module, and loads it. */
export function compiled<Exports>(name: string): Exports {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-compile-"));
  process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  const out = path.join(folder, `${path.parse(name).name}.node`);
  const { include_dir: include } = require("node-api-headers") as {
    include_dir: string;
  };
  const source = path.join(import.meta.dirname, name);
  const flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"];
  const { status, stderr } = spawnSync(
    compiler,
    [...flags, "-I", include, source, "-o", out],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  return require(out) as Exports;
}

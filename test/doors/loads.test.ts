// What each door loads before its first call: which files of ours, and which modules of Node's and packages they
// require. A number of milliseconds depends on the machine; this set is what they are spent on.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

interface Loaded {
  files: string[];
  modules: string[];
  threads: number;
}

/** By a program that requires the door; chunks count by their number, since their names change. */
function loadedBy(door: string): Loaded {
  const program = `
    const Module = require("node:module");
    const fs = require("node:fs");
    const threads = () => process.platform === "linux" ? fs.readdirSync("/proc/self/task").length : 0;
    const modules = new Set(), before = threads();
    const load = Module._load;
    Module._load = function (name, parent, ...rest) {
      if (!/^[.\\/]/.test(name) && parent?.filename?.includes("dist")) modules.add(name);
      return load.call(this, name, parent, ...rest);
    };
    const { getBuiltinModule } = process;
    process.getBuiltinModule = (name) => (modules.add(name), getBuiltinModule(name));
    require(${JSON.stringify(door)});
    const files = Object.keys(require.cache).map((file) => file.replace(/.*dist.|-[A-Z0-9]{8}(?=\\.)/g, ""));
    console.log(JSON.stringify({
      files: files.filter((file) => file !== "chunk.cjs").sort(), modules: [...modules].sort(),
      threads: threads() - before,
    }));`;
  const printed = execFileSync(process.execPath, ["--eval", program], {
    cwd: root,
    encoding: "utf8",
  });
  return JSON.parse(printed) as Loaded;
}

const ofCore = [
  "node:async_hooks",
  "node:buffer",
  "node:diagnostics_channel",
  "node:events",
  "node:fs",
  "node:fs/promises",
  "node:module",
  "node:os",
  "node:path",
  "node:url",
  "node:util",
];

it.each([
  ["node-eio", ["index.cjs"], []],
  ["node-eio/promises", ["core.cjs", "promises.cjs"], []],
  ["node-eio/fs", ["callbacks.cjs", "core.cjs", "fs.cjs"], []],
  [
    "node-eio/register",
    ["callbacks.cjs", "register.cjs"],
    ["node:worker_threads"],
  ],
  ["node-eio/eio", ["core.cjs", "eio-form.cjs", "eio.cjs"], []],
])("require(%j) loads no more than it has to", (door, files, modules) => {
  expect(loadedBy(door)).toEqual({
    files,
    modules: [...ofCore, ...modules].sort(),
    threads: 0,
  });
});

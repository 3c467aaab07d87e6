// What each door loads before its first call: which files of ours, which modules of Node's and packages they require, and
// that it looks at no other file. A number of milliseconds depends on the machine; this set is what they are spent on.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { core } from "../../scripts/support/doors.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const addon = path.join(root, "native-aio/build/Release/node-eio.node");

interface Loaded {
  files: string[];
  modules: string[];
  /** Of Node's modules that cost milliseconds those that were loaded, by whoever. */
  costly: string[];
  /** Calls of node:fs on what is no file of the package. */
  touched: string[];
  threads: number;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-loads-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const COSTLY = ["http", "net", "perf_hooks", "stream", "v8", "worker_threads"];

/** By a program that requires the door; chunks count by their number, since their names change. */
function loadedBy(door: string): Loaded {
  const program = `
    const Module = require("node:module");
    const fs = require("node:fs");
    const threads = () => process.platform === "linux" ? fs.readdirSync("/proc/self/task").length : 0;
    const requireHere = Module.createRequire(${JSON.stringify(path.join(root, "package.json"))});
    const costly = () => ${JSON.stringify(COSTLY)}.filter((name) => process.moduleLoadList.includes("NativeModule " + name));
    const costlyBefore = costly();
    const modules = new Set(), before = threads();
    const touched = new Set();
    for (const name of Object.keys(fs).filter((name) => name.endsWith("Sync"))) {
      const call = fs[name];
      fs[name] = Object.assign((...args) => {
        const isOurs = String(args[0]).startsWith(${JSON.stringify(root)}) || new Error().stack.includes("node:internal/modules");
        if (!isOurs) touched.add(name + " " + args[0]);
        return call(...args);
      }, call);
    }
    const load = Module._load;
    Module._load = function (name, parent, ...rest) {
      if (!/^[.\\/]/.test(name) && parent?.filename?.includes("dist")) modules.add(name);
      return load.call(this, name, parent, ...rest);
    };
    const { getBuiltinModule } = process;
    process.getBuiltinModule = (name) => (modules.add(name), getBuiltinModule(name));
    requireHere(${JSON.stringify(door)});
    const files = Object.keys(require.cache).slice(1).map((file) => file.replace(/.*dist.|-[A-Z0-9]{8}(?=\\.)/g, ""));
    console.log(JSON.stringify({
      files: files.filter((file) => file !== "chunk.cjs").sort(), modules: [...modules].sort(),
      costly: costly().filter((name) => !costlyBefore.includes(name)),
      touched: [...touched],
      threads: threads() - before,
    }));`;
  const main = path.join(folder, "main.cjs");
  fs.writeFileSync(main, program);
  const printed = execFileSync(process.execPath, [main], { encoding: "utf8" });
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
  "node:path",
  "node:process",
  "node:url",
  "node:util",
];

it.each([
  ["node-eio", ["index.cjs"], []],
  ["node-eio/promises", ["promises.cjs"], []],
  ["node-eio/fs", ["callbacks.cjs", "fs.cjs"], []],
  [
    "node-eio/register",
    ["callbacks.cjs", "register.cjs", "streams.cjs"],
    [],
    ["stream"],
  ],
  ["node-eio/eio", ["eio-form.cjs", "eio.cjs"], []],
])(
  "require(%j) loads no more than it has to",
  (door, files, modules, costly: string[] = []) => {
    expect(loadedBy(door)).toEqual({
      files,
      modules: [...ofCore, ...modules].sort(),
      costly,
      touched: [],
      threads: 0,
    });
  },
);

it("a worker of the pool loads node:crypto only for a digest", () => {
  const { modules } = loadedBy("./dist/worker.cjs");
  expect(modules).toContain("node:fs");
  expect(modules).not.toContain("node:crypto");
});

it("require(node-eio/faults) loads what all doors share and its own file, which no other door loads", () => {
  expect(loadedBy("node-eio/faults")).toEqual({
    files: ["faults.cjs"],
    modules: ofCore,
    ...{ costly: [], touched: [], threads: 0 },
  });
});

it("what all doors share has no more than 249,500 bytes: V8 compiles them at each import", () => {
  const dist = path.join(root, "dist");
  const sizes = fs
    .readdirSync(dist)
    .filter((name) => /^chunk-.*\.cjs$/.test(name))
    .map((name) => fs.statSync(path.join(dist, name)).size);
  expect(Math.max(...sizes)).toBeLessThan(249_500);
});

it("a program that reads, writes, lists and removes files loads nothing after the import, and none of Node's modules to open one", () => {
  const main = path.join(folder, "calls.cjs");
  fs.writeFileSync(
    main,
    `const path = require("node:path");
    const requireHere = require("node:module").createRequire(${JSON.stringify(path.join(root, "package.json"))});
    const fs = requireHere("node-eio/promises");
    const before = new Set(Object.keys(require.cache)), builtins = new Set(process.moduleLoadList);
    (async () => {
      const folder = path.join(__dirname, "tree"), file = path.join(folder, "file");
      await fs.mkdir(folder);
      await fs.writeFile(file, "text");
      await fs.stat(file);
      await fs.readFile(file);
      await fs.readdir(folder, { withFileTypes: true });
      await fs.readdir(__dirname, { recursive: true });
      await fs.rename(file, file + "2");
      await fs.rm(folder, { recursive: true });
      const files = Object.keys(require.cache).filter((file) => !before.has(file) && file.endsWith(".cjs"));
      await (await fs.open(__filename)).close();
      console.log(JSON.stringify({
        files,
        modules: process.moduleLoadList.filter((name) => !builtins.has(name) && name.startsWith("NativeModule")),
      }));
    })();`,
  );
  const env = { ...process.env, NODE_EIO_BACKEND: "auto" };
  const printed = execFileSync(process.execPath, [main], {
    encoding: "utf8",
    env,
  });
  // Without native code the number of processors comes from node:os.
  const modules = fs.existsSync(addon) ? [] : (expect.any(Array) as unknown);
  expect(JSON.parse(printed)).toEqual({ files: [], modules });
});

it.each(core.small)("%s is in the file that all doors share", (name) => {
  const dist = path.join(root, "dist");
  const maps = fs
    .readdirSync(dist)
    .filter((name) => name.endsWith(".cjs.map"))
    .map((name) => fs.readFileSync(path.join(dist, name), "utf8"))
    .map((map) => (JSON.parse(map) as { sources: string[] }).sources)
    .filter((sources) => sources.includes(`../${name}`));
  expect(maps).toEqual([expect.arrayContaining([`../${core.file}`])]);
});

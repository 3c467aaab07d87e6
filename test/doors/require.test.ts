// Every door from CommonJS, where Node requires no ES modules, and that it shares the one instance and its classes
// with the ES module of that name. It does not know how the package is built.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const { exports: entries } = JSON.parse(
  fs.readFileSync(path.join(root, "package.json"), "utf8"),
) as { exports: Record<string, unknown> };
const doors = Object.keys(entries)
  .filter((entry) => entry !== "./package.json")
  .map((entry) => path.posix.join("node-eio", entry));

/** Known to every Node that has the feature; others know neither. */
const WITHOUT = "--no-experimental-require-module";
const flags = process.allowedNodeEnvironmentFlags.has(WITHOUT) ? [WITHOUT] : [];

/** What a program prints, as JSON. */
function run(
  program: string,
  { args = flags, env = {} }: { args?: string[]; env?: object } = {},
): unknown {
  const printed = execFileSync(process.execPath, [...args, "--eval", program], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return JSON.parse(printed);
}

it.each(doors)("require(%j) has what import() of it has", (door) => {
  const differing = run(`
    const required = require(${JSON.stringify(door)});
    import(${JSON.stringify(door)}).then((imported) => {
      const named = Object.keys(imported).filter((name) => name !== "default" && name in required);
      const whole = imported.default === undefined || [required, required.default].includes(imported.default);
      console.log(JSON.stringify({
        names: named.length > 0, whole,
        differing: named.filter((name) => imported[name] !== required[name]),
        // The running Node may lack what a name stands for.
        missing: Object.keys(imported).filter((name) => imported[name] !== undefined &&
          !["default", "module.exports"].includes(name) && !(name in required)),
      }));
    });`);
  expect(differing).toEqual({
    ...{ names: true, whole: true },
    ...{ differing: [], missing: [] },
  });
});

describe("one process that requires and imports", () => {
  it("has one instance, and one class of each kind", () => {
    expect(
      run(`
        const { eio, Group } = require("node-eio");
        const required = require("node-eio/promises");
        (async () => {
          const imported = await import("node-eio");
          const { default: promises } = await import("node-eio/promises");
          const { default: fs } = await import("node-eio/fs");
          const handle = await promises.open("package.json");
          const text = await required.readFile(handle, "utf8");
          await handle.close();
          console.log(JSON.stringify([
            imported.eio === eio, promises === required, fs.promises === required,
            require("node-eio/fs") === fs, require("node-eio/eio") === eio.eio,
            imported.eio.group() instanceof Group, text.length > 0, eio.stats().ops.open.settled,
          ]));
        })();`),
    ).toEqual([...Array(7).fill(true), 1]);
  });

  it("sees from either that its functions are replaced", () => {
    expect(
      run(`
        require("node-eio/register");
        import("node-eio/register").then(({ isRegistered, unregister }) => {
          const ours = require("node-eio/fs").readFile;
          const during = [isRegistered(), require("fs").readFile === ours];
          unregister();
          console.log(JSON.stringify([
            ...during, require("node-eio/register").isRegistered(), require("fs").readFile === ours,
          ]));
        });`),
    ).toEqual([true, true, false, false]);
  });
});

describe("the register door", () => {
  const file = (name: string): string => path.join(root, "dist", name);
  const program = `
    const { Worker } = require("node:worker_threads");
    const { isReplaced } = require("./test/doors/replaced.cjs");
    new Worker("./test/doors/replaced.cjs").on("message", (inWorker) =>
      console.log(JSON.stringify([isReplaced(), inWorker])));`;

  it.each([
    ["--require", "node-eio/register"],
    ["--require", file("register.cjs")],
    ["--import", "node-eio/register"],
    ["--import", pathToFileURL(file("register.js")).href],
  ])("%s %s replaces, also in threads", (...preload) => {
    expect(run(program, { args: [...flags, ...preload] })).toEqual([
      true,
      true,
    ]);
  });

  it.each(["--require", "--import"])("works as %s in NODE_OPTIONS", (flag) => {
    const NODE_OPTIONS = `${flags.join(" ")} ${flag}=node-eio/register`;
    expect(run(program, { args: [], env: { NODE_OPTIONS } })).toEqual([
      true,
      true,
    ]);
  });
});

// An application's bundle, in one file: beside the installed package it finds the worker and the addon there; alone it
// works all the same, and says why it has neither.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build } from "esbuild";
import { rollup, type Plugin } from "rollup";
import { afterAll, describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-bundled-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const application = `
  import { readFile, readdir } from "node-eio/promises";
  import { eio } from "node-eio";
  Promise.all([readFile(process.argv[2], "utf8"), readdir(process.argv[3])]).then(([text, names]) => {
    const { pool, node } = eio.backends;
    console.log(JSON.stringify({ text, names, pool, node }));
  });`;

/** Its types are not those of an ES module. */
const commonjs = createRequire(import.meta.url)(
  "@rollup/plugin-commonjs",
) as () => Plugin;

type Format = "esm" | "cjs";
type Bundler = (
  input: string,
  format: Format,
  file: string,
) => Promise<unknown>;

/** The same for either format. */
let rolled: ReturnType<typeof rollup> | undefined;

/** Each as its users set it up for a program of Node's. */
const bundlers: Record<string, Bundler> = {
  esbuild: (input, format, outfile) =>
    build({
      entryPoints: [input],
      ...{ bundle: true, platform: "node", format, outfile, logLevel: "error" },
    }),
  rollup: async (input, format, file) => {
    rolled ??= rollup({
      input,
      external: /^node:/,
      plugins: [nodeResolve({ preferBuiltins: true }), commonjs()],
      logLevel: "silent",
    });
    await (await rolled).write({ file, format, inlineDynamicImports: true });
  },
};

const source = path.join(folder, "source");
fs.mkdirSync(source);
install(source);
fs.writeFileSync(path.join(source, "app.mjs"), application);

function install(place: string): void {
  fs.mkdirSync(path.join(place, "node_modules"));
  fs.symlinkSync(root, path.join(place, "node_modules/node-eio"));
}

const made = new Map<string, Promise<string>>();

/** The bundle's file, made once. */
function bundled(bundler: string, format: Format): Promise<string> {
  const file = path.join(folder, `${bundler}.${format}`);
  const making = made.get(file) ?? make(bundler, format, file);
  made.set(file, making);
  return making;
}

async function make(
  bundler: string,
  format: Format,
  file: string,
): Promise<string> {
  await bundlers[bundler]!(path.join(source, "app.mjs"), format, file);
  return file;
}

/** What the bundle prints, run from a folder with these modules. */
async function run(
  bundler: string,
  format: Format,
  installed: boolean,
): Promise<unknown> {
  const home = [bundler, format, installed ? "installed" : "alone"].join("-");
  const place = path.join(folder, home);
  const data = path.join(place, "data");
  fs.mkdirSync(data, { recursive: true });
  fs.writeFileSync(path.join(data, "file"), "content");
  if (installed) install(place);
  const file = path.join(place, format === "esm" ? "app.mjs" : "app.cjs");
  fs.copyFileSync(await bundled(bundler, format), file);
  const printed = execFileSync(
    process.execPath,
    [file, path.join(data, "file"), data],
    { cwd: place, encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } },
  );
  return JSON.parse(printed);
}

const kinds = Object.keys(bundlers).flatMap((bundler) =>
  (["esm", "cjs"] as const).map((format) => [bundler, format] as const),
);

describe.each(kinds)("a bundle (%s, %s)", (bundler, format) => {
  it("finds the package that is installed beside it", async () => {
    expect(await run(bundler, format, true)).toEqual({
      text: "content",
      names: ["file"],
      pool: { available: true },
      node: { available: true },
    });
  });

  it("works alone, and says what it lacks", async () => {
    expect(await run(bundler, format, false)).toEqual({
      text: "content",
      names: ["file"],
      pool: {
        available: false,
        reason: "the package piscina is not found",
      },
      node: { available: true },
    });
  });
});

describe("what is built", () => {
  const read = (name: string): string =>
    fs.readFileSync(path.join(root, "dist", name), "utf8");

  it("has the running Node import the modules of custom(), in a bundle of webpack too", () => {
    expect(read("worker.cjs")).toMatch(
      /import\(\s*\/\* webpackIgnore: true \*\/\s*\/\* @vite-ignore \*\//,
    );
  });

  it("carries of other packages what the bench runs, and no histograms in WebAssembly", () => {
    const notices = read("bench/THIRD-PARTY.md").match(/^## \S+/gm);
    expect(notices).toEqual(["## hdr-histogram-js"]);
  });

  it("names what is found by a path at run time, for tools that trace files", () => {
    const [, shared] = /require\("\.\/(chunk-\w+\.cjs)"/.exec(read("fs.cjs"))!;
    const [traced = ""] = /^function traced\([^]*?^\}/m.exec(read(shared!))!;
    expect(traced).toContain("module.createRequire(__filename)");
    expect(traced).toContain('load("piscina")');
    for (const [, name = ""] of traced.matchAll(
      /__dirname \+ "\/([\w-]+\.cjs)"/g,
    ))
      expect(fs.existsSync(path.join(root, "dist", name)), name).toBe(true);
    expect(traced).toContain('"/executor-worker.cjs"');
    expect(traced).toContain('"/../prebuilds/" + platform + "/node-eio.node"');
  });
});

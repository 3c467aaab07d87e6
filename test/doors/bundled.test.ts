// An application's bundle, in one file: beside the installed package it finds the worker and the addon there; alone it
// works all the same, and says why it has neither.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildSync, type Format } from "esbuild";
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

/** What the bundle prints, run from a folder with these modules. */
function run(format: Format, home: string, installed: boolean): unknown {
  const place = path.join(folder, home);
  const data = path.join(place, "data");
  fs.mkdirSync(data, { recursive: true });
  fs.writeFileSync(path.join(data, "file"), "content");
  if (installed) {
    fs.mkdirSync(path.join(place, "node_modules"));
    fs.symlinkSync(root, path.join(place, "node_modules/node-eio"));
  }
  const outfile = path.join(place, format === "esm" ? "app.mjs" : "app.cjs");
  buildSync({
    stdin: { contents: application, resolveDir: root },
    ...{ bundle: true, platform: "node", format, outfile, logLevel: "error" },
  });
  const printed = execFileSync(
    process.execPath,
    [outfile, path.join(data, "file"), data],
    { cwd: place, encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } },
  );
  return JSON.parse(printed);
}

describe.each<Format>(["esm", "cjs"])("a bundle (%s)", (format) => {
  it("finds the package that is installed beside it", () => {
    expect(run(format, `${format}-installed`, true)).toEqual({
      text: "content",
      names: ["file"],
      pool: { available: true },
      node: { available: true },
    });
  });

  it("works alone, and says what it lacks", () => {
    expect(run(format, `${format}-alone`, false)).toEqual({
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

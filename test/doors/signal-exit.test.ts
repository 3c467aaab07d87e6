// A process that exits keeps what it had submitted though signal-exit, in either of the versions that are around, puts the
// process's own emit and reallyExit back: it keeps those that it found when it was loaded, before us or after.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { testFolder } from "../helpers/files.ts";

const root = path.resolve(import.meta.dirname, "../..");
const folder = testFolder();
const WRITES = 1000;

/** When the program loads signal-exit, and when it uses it; each function is run if it is the one that is named. */
const program = `
  const [version, order, file] = process.argv.slice(1);
  const load = () => {
    const loaded = require(version);
    return loaded.onExit ?? loaded;
  };
  const early = order.includes("loaded early") ? load() : null;
  if (order.includes("used early")) early(() => {});
  const fs = require("node-eio/fs");
  fs.stat(".", () => {
    const remove = (early ?? load())(() => {});
    if (order.includes("removed")) remove();
    const fd = fs.openSync(file, "w");
    for (let i = 0; i < ${WRITES}; i++) fs.write(fd, "x", i, () => {});
    process.exit(0);
  });`;

const orders = [
  "loaded early",
  "loaded early, used early",
  "loaded early, removed",
  "loaded late",
  "loaded late, removed",
];

describe.each(["signal-exit", "signal-exit-3"])("with %s", (version) => {
  it.each(orders)("a write before the exit is kept: %s", (order) => {
    const file = folder.file(`${version}, ${order}`);
    execFileSync(process.execPath, ["-e", program, version, order, file], {
      cwd: root,
    });
    expect(fs.readFileSync(file, "utf8")).toBe("x".repeat(WRITES));
  });
});

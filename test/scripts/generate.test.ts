// What is generated from the tables: by whom, and when. It does not know what is in it.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { eioDoorFiles } from "../../scripts/eio-door.ts";
import { nativeHeaders } from "../../scripts/native-headers.ts";

const root = path.resolve(import.meta.dirname, "../..");
const files = Object.entries({ ...nativeHeaders(), ...eioDoorFiles(root) });

it.each(files)("%s is generated before the tests run", (name, text) => {
  expect(fs.readFileSync(path.join(root, name), "utf8")).toBe(text);
});

it("a file that is up to date keeps its time, so that nothing is compiled for it", () => {
  const times = (): number[] =>
    files.map(([name]) => fs.statSync(path.join(root, name)).mtimeMs);
  const before = times();
  const script = path.join(root, "scripts/generate.mjs");
  const printed = execFileSync(process.execPath, [script], {
    encoding: "utf8",
  });
  expect(printed).toBe("");
  expect(times()).toEqual(before);
});

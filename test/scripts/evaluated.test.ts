// Modules that are in the package as what they export: it has to be data, and the same.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, it } from "vitest";
import {
  evaluate,
  evaluatedModules,
} from "../../scripts/support/evaluated.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-evaluated-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

it.each(evaluatedModules)(
  "the package has of %s exactly what it exports",
  async (name) => {
    const file = path.join(root, name);
    const made = path.join(folder, `${path.basename(name, ".ts")}.mjs`);
    fs.writeFileSync(made, await evaluate(file));
    const [built, source] = (await Promise.all(
      [made, file].map((file) => import(pathToFileURL(file).href)),
    )) as object[];
    expect({ ...built }).toStrictEqual({ ...source });
  },
);

it("the package has no code that makes the table of ops", () => {
  const texts = fs
    .readdirSync(path.join(root, "dist"))
    .filter((name) => name.endsWith(".cjs"))
    .map((name) => fs.readFileSync(path.join(root, "dist", name), "utf8"));
  const tables = texts.filter((text) => text.includes("scandir"));
  expect(tables.length).toBeGreaterThan(0);
  expect(texts.filter((text) => /\bjobOps\b/.test(text))).toEqual([]);
});

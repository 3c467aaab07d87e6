// docs/tools.md says of each tool what `npm run test:tools` tries, and nothing of any other. That it works is for that script to say.
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { tools } from "../../scripts/support/tools/all.mjs";
import { readRows, rowsOf } from "../../scripts/support/tools/table.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const rows = readRows(
  fs.readFileSync(path.join(root, "docs/tools.md"), "utf8"),
);

it("docs/tools.md has a row for each tool that is tried, with what was seen", () => {
  const versions = Object.fromEntries(
    rows.map(([name, tried]) => [name, tried]),
  );
  expect(rows).toEqual(rowsOf(versions));
});

it("every tool in docs/tools.md was tried, in a version that is named", () => {
  for (const [name, versions] of rows)
    expect(versions, name).toMatch(/\d+\.\d+/);
});

it("tools have names of their own, by which they can be chosen", () => {
  const names = tools.map(({ name }) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
});

// What a report has of declarations, and what it leaves out: on small files of declarations, not on the project's own.
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { apiReports } from "../../scripts/support/api-report.mjs";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();

function report(
  files: Record<string, string>,
  doors: string[] = ["index"],
): Record<string, string> {
  const place = fs.mkdtempSync(folder.join("types-"));
  for (const [name, text] of Object.entries(files))
    fs.writeFileSync(path.join(place, `${name}.d.ts`), text);
  const entries = doors.map((door) => [door, path.join(place, `${door}.d.ts`)]);
  return apiReports(Object.fromEntries(entries) as Record<string, string>, {
    types: [],
    lib: ["lib.es2022.d.ts"],
  });
}
const ofOne = (text: string, more: Record<string, string> = {}): string =>
  report({ index: text, ...more })["index"]!;

it("has exports with their signatures, sorted, and without comments", () => {
  const text = ofOne(
    `/** About b. */\ndeclare function b(x: number): string;\ninterface A { /** About x. */ x: 1; }\nexport { b, type A };`,
  );
  expect(text).not.toContain("About");
  expect(text.indexOf("export function b(x: number): string;")).toBeLessThan(
    text.indexOf("export interface A {\n    x: 1;\n}"),
  );
});

it("is the same when the bundler names its chunks and its locals otherwise", () => {
  const chunk = (local: string): string =>
    `interface ${local} { x: 1; }\nexport type { ${local} as a };`;
  const index = (file: string): string =>
    `import { a as Shape } from "./${file}.js";\ndeclare const s: Shape;\nexport { s };`;
  const first = ofOne(index("c-1"), { "c-1": chunk("Shape") });
  const second = ofOne(index("c-2"), { "c-2": chunk("Shape$1") });
  expect(second).toBe(first);
  expect(first).toContain("interface Shape {\n    x: 1;\n}");
});

it("has the types that exports reach, and no others", () => {
  const text = ofOne(
    `interface Inner { y: 1; }\ninterface Reached { x: Inner; }\ninterface Other { z: 1; }\nexport declare function f(): Reached;\nexport {};`,
  );
  const [, beside] = text.split("// Not exported, but part of what is:");
  expect(beside).toContain("interface Reached");
  expect(beside).toContain("interface Inner");
  expect(text).not.toContain("Other");
});

it("leaves out members that are marked internal, and what only they reach", () => {
  const text = ofOne(
    `declare class Hidden { h: 1; }\nexport declare class A {\n/** @internal */\nconstructor(h: Hidden);\n/** @internal About it. */\nhidden: Hidden;\nshown: 1;\n}\nexport {};`,
  );
  expect(text).toContain("shown: 1;");
  expect(text).not.toMatch(/hidden/i);
});

it("works out what is taken of a function that nobody can import", () => {
  const text = ofOne(
    `interface Engine { e: 1; }\ndeclare function f(engine: Engine, name: "b" | "a"): Promise<number>;\ntype Rest<F> = F extends (engine: never, ...rest: infer R) => infer T ? (...rest: R) => T : never;\nexport declare class A { readonly f: Rest<typeof f>; }\nexport {};`,
  );
  expect(text).toContain('readonly f: (name: "a" | "b") => Promise<number>;');
  expect(text).not.toContain("Engine");
});

it("works out the keys of a table", () => {
  const text = ofOne(
    `declare const table: { readonly b: 1; readonly a: 2; };\nexport type Name = keyof typeof table;\nexport {};`,
  );
  expect(text).toContain('export type Name = "a" | "b";');
  expect(text).not.toContain("table");
});

it("names, but does not repeat, what a door before has, and what has several names", () => {
  const reports = report(
    {
      index: `import { A } from "./shared.js";\nexport { A, A as B };`,
      shared: `export declare class A { x: 1; }`,
      second: `export { A } from "./shared.js";\nexport type * from "node:fs";`,
    },
    ["index", "second"],
  );
  expect(reports["index"]).toContain("export A as B;");
  expect(reports["index"]!.split("x: 1;")).toHaveLength(2);
  expect(reports["second"]).toContain("export A; // as index");
  expect(reports["second"]).toContain('export type * from "node:fs";');
  expect(reports["second"]).not.toContain("x: 1;");
});

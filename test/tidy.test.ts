// The style guide as a test: each rule over the whole project, and each rule on a text that breaks it.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { rules } from "./support/tidy-rules.ts";
import type { SourceFile } from "./support/tidy-source.ts";

const root = path.resolve(import.meta.dirname, "..");
const folders = [
  "src",
  "workers",
  "packages",
  "test",
  "bench",
  "scripts",
  "examples",
];
const files = folders.flatMap(readFolder);

describe("the project", () => {
  it.each(Object.entries(rules))("keeps the rule %s", (_name, rule) => {
    const lines = rule(files).map(
      ({ path, line, what, cause }) =>
        `${path}:${line}  ${what} (likely cause: ${cause})`,
    );
    expect(lines.join("\n")).toBe("");
  });

  it("has files to check", () => {
    expect(files.some(({ path }) => path.startsWith("src/engine/"))).toBe(true);
    expect(files.some(({ path }) => path.startsWith("workers/"))).toBe(true);
  });
});

describe("a rule notices", () => {
  const table = file(
    "src/ops/declarations.ts",
    "// ...\nexport const ops = { read: 1, stat: 2 } as const;",
  );
  const cases: [
    rule: string,
    about: string,
    files: SourceFile[],
    where: string,
  ][] = [
    [
      "importOrder",
      "an import upwards",
      [file("src/util/a.ts", 'import "../api/b.ts";')],
      "src/util/a.ts:1",
    ],
    [
      "importOrder",
      "an import upwards of a type only",
      [file("src/ops/a.ts", 'import type { B } from "../engine/b.ts";')],
      "src/ops/a.ts:1",
    ],
    [
      "importOrder",
      "an import upwards inside a type",
      [file("src/ops/a.ts", '\ntype B = import("../engine/b.ts").B;')],
      "src/ops/a.ts:2",
    ],
    [
      "importOrder",
      "an export from above",
      [file("src/engine/a.ts", 'export * from "../fs.ts";')],
      "src/engine/a.ts:1",
    ],
    [
      "importOrder",
      "a worker that reaches for a backend",
      [file("workers/a.ts", 'import "../src/backends/pool.ts";')],
      "workers/a.ts:1",
    ],
    [
      "importOrder",
      "an unknown folder",
      [file("src/misc/a.ts", "")],
      "src/misc/a.ts:1",
    ],
    [
      "importOrder",
      "shipped code that imports a test",
      [file("src/api/a.ts", 'import "../../test/b.ts";')],
      "src/api/a.ts:1",
    ],
    [
      "importOrder",
      "a package that the core imports",
      [file("src/api/a.ts", 'import "@node-eio/bench";')],
      "src/api/a.ts:1",
    ],
    [
      "importOrder",
      "a package that a lower one imports",
      [file("packages/page/src/a.ts", 'import "@node-eio/bench";')],
      "packages/page/src/a.ts:1",
    ],
    [
      "packagesByName",
      "a package that reaches into the core",
      [file("packages/bench/src/a.ts", 'import "../../../src/index.ts";')],
      "packages/bench/src/a.ts:1",
    ],
    [
      "packagesByName",
      "a package that reaches into another one",
      [file("packages/bench/src/a.ts", '\nimport "../../page/src/b.ts";')],
      "packages/bench/src/a.ts:2",
    ],
    [
      "packagesByName",
      "a test of a package that looks into the core",
      [file("packages/bench/test/a.ts", 'import "../../../src/api/b.ts";')],
      "packages/bench/test/a.ts:1",
    ],
    [
      "packagesByName",
      "a core that reaches into a package",
      [file("src/cli.ts", 'import "../packages/bench/src/index.ts";')],
      "src/cli.ts:1",
    ],
    [
      "importCircles",
      "a circle between packages",
      [
        file("packages/bench/src/index.ts", 'import "@node-eio/page/a.ts";'),
        file("packages/page/src/a.ts", 'import "@node-eio/bench";'),
      ],
      "packages/page/src/a.ts:1",
    ],
    [
      "importCircles",
      "a circle inside a layer",
      [
        file("src/util/a.ts", 'import type { B } from "./b.ts";'),
        file("src/util/b.ts", '\nimport type { A } from "./a.ts";'),
      ],
      "src/util/b.ts:2",
    ],
    [
      "onePiscina",
      "piscina elsewhere",
      [file("src/engine/a.ts", 'import "piscina";')],
      "src/engine/a.ts:1",
    ],
    [
      "engineKnowsNoOp",
      "an op in a string",
      [table, file("src/engine/a.ts", 'const a = "stat";')],
      "src/engine/a.ts:1",
    ],
    [
      "engineKnowsNoOp",
      "an op of the table",
      [table, file("src/engine/a.ts", "\nops.read.code;")],
      "src/engine/a.ts:2",
    ],
    [
      "fileLength",
      "a long file",
      [file("src/util/a.ts", "\n".repeat(601))],
      "src/util/a.ts:600",
    ],
    [
      "openingComment",
      "a file without an introduction",
      [file("src/util/a.ts", "export {};")],
      "src/util/a.ts:1",
    ],
    [
      "openingComment",
      "an introduction that does not say what the file does not know",
      [
        file(
          "src/util/a.ts",
          "// Lists of things: first come, first served.\n",
        ),
      ],
      "src/util/a.ts:1",
    ],
    [
      "leftForLater",
      "work left for later",
      [file("src/util/a.ts", "\n// TO" + "DO: more")],
      "src/util/a.ts:2",
    ],
    [
      "sleepsInTests",
      "a sleep",
      [file("test/a.test.ts", "setTimeout(go, 10);")],
      "test/a.test.ts:1",
    ],
    [
      "sleepsInTests",
      "a sleep as a promise",
      [file("test/a.test.ts", "await timers.setTimeout(1_000);")],
      "test/a.test.ts:1",
    ],
    [
      "submitWithTerms",
      "a request that was not given the terms of its call",
      [file("src/api/a.ts", "\nengine.submit(request);")],
      "src/api/a.ts:2",
    ],
    [
      "fileNames",
      "a name in camel case",
      [file("src/util/aB.ts", "")],
      "src/util/aB.ts:1",
    ],
  ];

  it.each(cases)("%s: %s", (rule, _about, files, where) => {
    const found = rules[rule]?.(files).map(
      ({ path, line }) => `${path}:${line}`,
    );
    expect(found).toEqual([where]);
  });
});

function file(path: string, text: string): SourceFile {
  return { path, text };
}

function readFolder(folder: string): SourceFile[] {
  if (!fs.existsSync(path.join(root, folder))) return [];
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(
      (name) => /\.[cm]?[jt]s$/.test(name) && !/(^|[\\/])dist[\\/.]/.test(name),
    )
    .map((name) => `${folder}/${name.replaceAll(path.sep, "/")}`)
    .map((name) => file(name, fs.readFileSync(path.join(root, name), "utf8")));
}

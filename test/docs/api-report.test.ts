// What is declared is what docs/api-report/ says, so that a change of the public API is seen before users see it; and editors show
// what each function does. What a door exports is not known here.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { docOf, withDocs } from "../../scripts/support/door-docs.mjs";
import { lineDiff } from "../../scripts/support/line-diff.mjs";
import {
  apiChange,
  builtReports,
  committedReports,
  declarations,
} from "../../scripts/support/public-api.mjs";
import { undocumented } from "../../scripts/support/undocumented.mjs";
import { testFolder } from "../helpers/folder.ts";

const root = path.resolve(import.meta.dirname, "../..");
const folder = testFolder();

describe("the public API", () => {
  const built = builtReports();

  it("is the one that is committed", () => {
    const change = apiChange(committedReports(), built);
    expect(change, change ?? "").toBe(null);
  });

  it("has every entry point of the packages but the internal one", () => {
    const { exports } = JSON.parse(
      fs.readFileSync(path.join(root, "package.json"), "utf8"),
    ) as { exports: Record<string, unknown> };
    const listed = built["entry-points.txt"]!;
    for (const name of Object.keys(exports)) {
      const whole = name === "." ? "node-eio" : `node-eio/${name.slice(2)}`;
      const line = new RegExp(`^${whole}(:|$)`, "m");
      if (name === "./internal") expect(listed).not.toMatch(line);
      else expect(listed, whole).toMatch(line);
    }
    expect(Object.keys(built)).toEqual(
      expect.arrayContaining([
        "node-eio.txt",
        "node-eio-promises.txt",
        "node-eio-serve-fastify.txt",
        "node-eio-live-prometheus.txt",
        "node-eio-live-opentelemetry.txt",
      ]),
    );
  });

  it("reaches no part of the engine, the memory or the backends", () => {
    for (const [name, text] of Object.entries(built))
      expect(
        text.match(
          /^(export )?(abstract )?(class|interface) (Engine|Instance|Memory|Request|Submitter|Scheduler|Backend|Job|Descriptor)\b/gm,
        ),
        name,
      ).toBe(null);
  });

  it("is declared for require() with the same names, but for default exports of objects", () => {
    const names = (file: string): string[] =>
      [...fs.readFileSync(file, "utf8").matchAll(/^export \{(.*)\};$/gm)]
        .flatMap(([, list = ""]) => list.split(", "))
        .map((name) => name.replace(/^ ?(type )?(.* as )?| $/g, ""))
        .filter((name) => name !== "default")
        .sort();
    const fileOf = (door: string): string => path.join(root, "dist", door);
    for (const door of ["promises", "fs", "eio"]) {
      const file = fileOf(door);
      expect(names(`${file}.d.cts`), door).toEqual(names(`${file}.d.ts`));
      expect(names(`${file}.d.ts`).length).toBeGreaterThan(5);
    }
    for (const door of ["index", "faults"]) {
      const imported = fs.readFileSync(`${fileOf(door)}.d.ts`, "utf8");
      expect(imported).toBe(`export * from "./${door}.cjs";\n`);
      expect(names(`${fileOf(door)}.d.cts`).length).toBeGreaterThan(5);
    }
  });
});

describe("a hover", () => {
  it("shows what it does, for every function and class of every door", () => {
    expect(undocumented(declarations())).toEqual([]);
  });

  it("that would show nothing is found", () => {
    const file = folder.file(
      "door.d.ts",
      `/** Does. */
       export declare function given(): void;
       export declare function silent(): void;
       export declare const called: () => void;
       export declare const data: number;
       export interface Shape { method(): void }
       export declare class Thing { method(): void }
       /** Is one. */
       export declare class Other {
         /** Does. */ given(): void;
         /** @internal Nobody's business. */ inner(): void;
         silent(): void;
         sys: { call(): void };
       }
       export { silent as alias };\n`,
    );
    expect(undocumented({ door: file })).toEqual([
      "door: silent",
      "door: called",
      "door: Thing",
      "door: Thing.method",
      "door: Other.silent",
      "door: Other.sys.call",
      "door: alias",
    ]);
  });

  it("of a function that Node has, too, says what it takes beyond Node's options", () => {
    const line = "declare const readFile: Reads;\n";
    expect(withDocs(line)).toBe(`/** ${docOf("readFile")} */\n${line}`);
    expect(docOf("readFile")).toMatch(/^Reads a whole file\. .*`timeout`/);
    expect(docOf("readFileSync")).toBe(
      "Reads a whole file. Node's own, which blocks.",
    );
    expect(docOf("constants")).toBeUndefined();
    const said = `/** Here. */\n${line}`;
    expect(withDocs(said)).toBe(said);
  });
});

describe("a change", () => {
  const before = { "a.txt": "export class A {\n    x: number;\n}\n" };

  it("of nothing is none", () => {
    expect(apiChange(before, { ...before })).toBe(null);
  });

  it("that takes something away is said to break programs, and below what it stood", () => {
    const change = apiChange(before, { "a.txt": "export class A {\n}\n" });
    expect(change).toContain("  export class A {\n-     x: number;");
    expect(change).toContain("can break programs");
  });

  it("that gives another type is one that takes away", () => {
    const text = "export class A {\n    x: string;\n}\n";
    const change = apiChange(before, { "a.txt": text });
    expect(change).toContain("-     x: number;\n+     x: string;");
    expect(change).toContain("can break programs");
  });

  it("that only adds, also a whole entry point, is said to break nothing", () => {
    const more = {
      "a.txt": before["a.txt"].replace("}", "    y: number;\n}"),
      "b.txt": "export const b: number;\n",
    };
    const change = apiChange(before, more);
    expect(change).toContain("+     y: number;");
    expect(change).toContain("docs/api-report/b.txt\n");
    expect(change).toContain("go on as they are");
    expect(change).not.toContain("can break");
  });

  it("that takes a whole entry point away breaks programs", () => {
    expect(apiChange(before, {})).toContain("can break programs");
  });
});

describe("the lines in which two texts differ", () => {
  it("are few, where many are the same", () => {
    const lines = Array.from({ length: 400 }, (_, i) => `  line ${i}`);
    const other = [...lines];
    other.splice(200, 1, "  other");
    other.splice(10, 1);
    const { removed, added, text } = lineDiff(
      lines.join("\n"),
      other.join("\n"),
    );
    expect([removed, added]).toEqual([2, 1]);
    expect(text).toBe("-   line 10\n-   line 200\n+   other");
  });
});

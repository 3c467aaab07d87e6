// What editors and older compilers make of the declarations as they are built: each function shows what it does, every entry point
// is found by compilers that read no "exports", and nothing in them is younger than TypeScript 5.4. `npm run test:tools` runs the compilers.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { docOf, withDocs } from "../../scripts/support/door-docs.mjs";
import { packages } from "../../scripts/support/packages.mjs";
import { declarations } from "../../scripts/support/public-api.mjs";
import { undocumented } from "../../scripts/support/undocumented.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const folders = [".", ...Object.keys(packages).map((n) => `packages/${n}`)];

interface Entry {
  default: { types: string; default: string };
}
interface Manifest {
  main?: string;
  types?: string;
  typesVersions?: Record<string, Record<string, string[]>>;
  exports: Record<string, Entry>;
}
const manifestOf = (folder: string): Manifest =>
  JSON.parse(
    fs.readFileSync(path.join(root, folder, "package.json"), "utf8"),
  ) as Manifest;

describe("a hover", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-hover-"));
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  it("shows what it does, for every function and class of every door", () => {
    expect(undocumented(declarations())).toEqual([]);
  });

  it("that would show nothing is found", () => {
    const file = path.join(folder, "door.d.ts");
    fs.writeFileSync(
      file,
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

describe.each(folders)("the package in %s", (folder) => {
  const { main, types, typesVersions, exports } = manifestOf(folder);

  it("is found by what reads no exports, as CommonJS", () => {
    expect(main).toBe(exports["."]!.default.default);
    expect(types).toBe(exports["."]!.default.types);
    const further = Object.entries(exports)
      .filter(([entry]) => ![".", "./package.json"].includes(entry))
      .map(([entry, found]) => [entry.slice(2), [found.default.types]]);
    expect(typesVersions?.["*"] ?? {}).toEqual(Object.fromEntries(further));
  });

  it("declares nothing that TypeScript 5.4 does not know", () => {
    const dist = path.join(root, folder, "dist");
    const younger = fs
      .readdirSync(dist)
      .filter((name) => /\.d\.c?ts$/.test(name))
      .flatMap((name) => {
        const text = fs.readFileSync(path.join(dist, name), "utf8");
        return [
          ...text.matchAll(
            /\b(?:\w*Array|Buffer|DataView)<ArrayBuffer\w*>|\bAsyncItera(?:ble|tor)<[^>]*, void/g,
          ),
        ].map(([found]) => `${name}: ${found}`);
      });
    expect(younger).toEqual([]);
  });
});

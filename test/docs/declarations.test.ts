// What older compilers make of the declarations as they are built: every entry point is found by those that read no "exports", and
// nothing in them is younger than TypeScript 5.4. `npm run test:tools` runs the compilers.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { packages } from "../../scripts/support/packages.mjs";

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

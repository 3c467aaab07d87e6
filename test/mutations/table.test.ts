// The table of mistakes fits the sources: each is made at one place, in a file that is there, and its test is there, too.
import fs from "node:fs";
import path from "node:path";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { mutations } from "./table.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string =>
  fs.readFileSync(path.join(root, file), "utf8");

describe("the table of mutations", () => {
  it("has at least sixty, over all folders", () => {
    const folders = mutations.map(({ file }) =>
      file.split("/").slice(0, 2).join("/"),
    );
    expect(mutations.length).toBeGreaterThanOrEqual(60);
    expect([...new Set(folders)]).toEqual(
      expect.arrayContaining([
        "src/engine",
        "src/backends",
        "src/api",
        "src/request",
        "native-aio/src",
      ]),
    );
  });

  it.each(mutations.map((mutation) => [mutation.from, mutation]))(
    "finds %s once",
    (_from, { file, from, test }) => {
      expect(read(file).split(from)).toHaveLength(2);
      expect(fs.existsSync(path.join(root, test))).toBe(true);
    },
  );

  // Else any test that loads the file notices, whatever it is about. C that does not compile is seen when it is built.
  const scripts = mutations.filter(({ file }) => /\.[mc]?[jt]s$/.test(file));
  it.each(scripts.map((mutation) => [mutation.to, mutation]))(
    "still has a program with %s",
    (_to, { file, from, to }) => {
      const text = read(file).replace(from, () => to);
      const loader = file.endsWith("ts") ? "ts" : "js";
      expect(() => transformSync(text, { loader })).not.toThrow();
    },
  );
});

// The table of mistakes fits the sources: each is made at one place, in a file that is there, and its test is there, too.
import fs from "node:fs";
import path from "node:path";
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
});

// What an application's processes write for the bench: each has a file, which it replaces.
import fs from "node:fs";
import { expect, it } from "vitest";
import { readObserved, writtenSince } from "../src/app/observed.ts";
import { testFolder } from "../../../test/helpers/files.ts";

const folder = testFolder();

it("is what is whole: what a process is writing, or has just renamed, is left out", () => {
  fs.writeFileSync(folder.join("1.json"), '{"pid":1}');
  fs.symlinkSync("renamed meanwhile", folder.join("2.json.new"));
  expect(readObserved(folder.path)).toEqual([{ pid: 1 }]);
  expect(writtenSince(folder.path, Date.now() - 60_000)).toBe(true);
  expect(writtenSince(folder.path, Date.now() + 60_000)).toBe(false);
});

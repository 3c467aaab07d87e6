// copyFile in native code where source and target are one file: it is left as it is.
import fs from "node:fs";
import { afterAll, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const eio = createEio();
afterAll(() => eio.close());

it("a file that is copied onto itself keeps its content", async () => {
  const file = folder.file("file", "content");
  const other = folder.join("other");
  fs.linkSync(file, other);
  fs.symlinkSync(file, folder.join("link"));
  for (const target of [file, other, folder.join("link")]) {
    await eio.promises.copyFile(file, target);
    expect(fs.readFileSync(file, "utf8")).toBe("content");
  }
});

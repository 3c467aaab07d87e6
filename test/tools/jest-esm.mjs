// Under Jest with ES modules: the doors are imported, read and reject as they do outside of it. scripts/support/tools/runners.mjs puts it into
// a project that has Jest.
/* global expect, test */
import nodeFs from "node:fs";
import { fileURLToPath } from "node:url";
import { eio } from "node-eio";
import fs from "node-eio/fs";
import promises, { readFile, stat } from "node-eio/promises";

const file = fileURLToPath(import.meta.url);

test("imports have one instance", () => {
  expect(eio.promises).toBe(promises);
  expect(fs.promises).toBe(promises);
});

test("reads a file and its attributes", async () => {
  expect(await readFile(file)).toEqual(nodeFs.readFileSync(file));
  expect(await stat(file)).toBeInstanceOf(nodeFs.Stats);
});

test("rejects with Node's errors", async () => {
  await expect(readFile(`${file}.missing`)).rejects.toMatchObject({
    code: "ENOENT",
    syscall: "open",
  });
});

test("runs functions in threads", async () => {
  const name = await eio.custom("node:path", ["/a/b"], { name: "basename" });
  expect(name).toBe("b");
});

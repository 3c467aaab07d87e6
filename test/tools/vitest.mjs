// Under Vitest, in a project that mocks node:fs: what is tested gets the mock, and node-eio reads files all the same. It runs in a
// project that has Vitest; see scripts/support/tools/runners.mjs.
import nodeFs from "node:fs";
import { expect, test, vi } from "vitest";
import { eio } from "node-eio";
import fs from "node-eio/fs";
import { readdir, readFile, writeFile } from "node-eio/promises";

vi.mock("node:fs", async (importOriginal) => {
  const original = await importOriginal();
  const readFileSync = vi.fn(() => "mocked");
  return {
    ...original,
    readFileSync,
    default: { ...original.default, readFileSync },
  };
});

test("node:fs is the mock", () => {
  expect(nodeFs.readFileSync("data/file", "utf8")).toBe("mocked");
});

test("node-eio reads what is on the disk", async () => {
  expect(await readFile("data/file", "utf8")).toBe("content");
  expect(await readdir("data")).toEqual(["file"]);
  await writeFile("written", "text");
  expect(await readFile("written", "utf8")).toBe("text");
});

test("so do its callbacks, while timers are fake", async () => {
  vi.useFakeTimers();
  const text = await new Promise((resolve) =>
    fs.readFile("data/file", "utf8", (_error, text) => resolve(text)),
  );
  vi.useRealTimers();
  expect(text).toBe("content");
});

test("functions run in threads", async () => {
  const name = await eio.custom("node:path", ["/a/b"], { name: "basename" });
  expect(name).toBe("b");
});

test("a function of ours can be spied on", async () => {
  const spy = vi.spyOn(eio.promises, "readFile").mockResolvedValue("spied");
  expect(await eio.promises.readFile("data/file")).toBe("spied");
  spy.mockRestore();
  expect(await eio.promises.readFile("data/file", "utf8")).toBe("content");
});

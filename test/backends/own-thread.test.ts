// Requests on the thread that calls: in a process whose current folder is gone, so that no worker starts,
// and what may wait for somebody else does not hold the loop.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { Gate, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const file = folder.file("file", "content");
const door = pathToFileURL(
  path.resolve(import.meta.dirname, "../../dist/index.js"),
).href;

it("no request is lost where the current folder was removed before a worker had started", () => {
  const gone = folder.join("gone");
  const program = `
    import fs from "node:fs";
    const { eio } = await import(${JSON.stringify(door)});
    fs.mkdirSync(process.argv[2]);
    process.chdir(process.argv[2]);
    fs.rmdirSync(process.argv[2]);
    const reads = Array.from({ length: 400 }, () => eio.promises.readFile(process.argv[3], "utf8"));
    const texts = await Promise.allSettled(reads);
    console.log(texts.filter(({ value }) => value === "content").length, eio.backend);`;
  const read = execFileSync(
    process.execPath,
    [folder.file("gone.mjs", program), gone, file],
    { encoding: "utf8", env: { ...process.env, NODE_EIO_BACKEND: "pool" } },
  );
  expect(read).toBe("400 pool\n");
});

describe("the backend node", () => {
  it("runs functions of modules, and returns clones of their values", async () => {
    const module = folder.file(
      "module.mjs",
      "export default (a) => ({ sum: a.one + 1, self: a });",
    );
    const eio = createEio({ backend: "node" });
    onTestFinished(() => eio.close());
    const given = { one: 1 };
    const value = (await eio.custom(module, [given])) as { self: object };
    expect(value).toEqual({ sum: 2, self: given });
    expect(value.self).not.toBe(given);
    const uncloneable = folder.file("f.mjs", "export default () => () => 1;");
    await expect(eio.custom(uncloneable)).rejects.toThrow(
      /could not be cloned/,
    );
  });

  it("reads a pipe whose other end is not open yet, and others meanwhile", async () => {
    const gate = new Gate(folder, "gate");
    const eio = createEio({ backend: "node" });
    onTestFinished(() => eio.close());
    const held = eio.promises.readFile(gate.path);
    expect(await eio.promises.readFile(file, "utf8")).toBe("content");
    expect(await eio.promises.stat(file)).toBeInstanceOf(fs.Stats);
    await gate.release();
    await held;
  });

  it("reads large files, and fails with Node's errors", async () => {
    const eio = createEio({ backend: "node" });
    onTestFinished(() => eio.close());
    const large = Buffer.alloc(3 << 20, 7);
    await eio.promises.writeFile(folder.join("large"), large);
    const read = await eio.promises.readFile(folder.join("large"));
    expect(read.equals(large)).toBe(true);
    for (const name of ["missing", "."]) {
      const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
        promise.then(
          () => null,
          (error: Error) => ({ ...error, message: error.message }),
        );
      expect(await errorOf(eio.promises.readFile(name))).toEqual(
        await errorOf(fs.promises.readFile(name)),
      );
    }
  });
});

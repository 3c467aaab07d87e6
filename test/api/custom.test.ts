// custom(): functions of modules, run in the pool.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { makeFolder } from "./differential.ts";

const eio = createEio({ maxParallel: 2 });
afterAll(() => eio.close());

const MODULE = `
import { threadId } from "node:worker_threads";
export default (a, b) => a + b;
export const thread = () => threadId;
export const later = async (value) => { await null; return { value, at: new Map([[1, value]]) }; };
export const fails = (code) => { throw Object.assign(new TypeError("as requested"), { code }); };
export const odd = () => () => {};
export const large = (bytes) => new Uint8Array(bytes).fill(3);
export const notAFunction = 5;
`;

describe("custom", () => {
  let module: string;
  beforeAll(() => {
    module = path.join(import.meta.dirname, `.custom-${process.pid}.mjs`);
    fs.writeFileSync(module, MODULE);
  });
  afterAll(() => fs.rmSync(module, { force: true }));

  it("calls the default export, or a named one, on another thread", async () => {
    expect(await eio.custom(module, [2, 3])).toBe(5);
    expect(await eio.custom(pathToFileURL(module), ["a", "b"])).toBe("ab");
    const thread = await eio.custom(module, [], { name: "thread" });
    expect(thread).toBeGreaterThan(0);
    expect(await eio.custom(module, [7], { name: "later" })).toEqual({
      value: 7,
      at: new Map([[1, 7]]),
    });
    const large = await eio.custom(module, [5 << 20], { name: "large" });
    expect((large as Uint8Array).byteLength).toBe(5 << 20);
  });

  it("takes modules of Node and CommonJS ones", async () => {
    expect(await eio.custom("node:path", ["a", "b"], { name: "join" })).toBe(
      "a/b",
    );
    const common = path.join(makeFolder(), "common.cjs");
    fs.writeFileSync(
      common,
      "module.exports = (x) => x * 2; module.exports.named = () => 'named'",
    );
    expect(await eio.custom(common, [21])).toBe(42);
    expect(await eio.custom(common, [], { name: "named" })).toBe("named");
  });

  it("rejects with what the function throws", async () => {
    const failed = eio.custom(module, ["E_OURS"], { name: "fails" });
    await expect(failed).rejects.toThrow(TypeError);
    await expect(failed).rejects.toMatchObject({
      message: "as requested",
      code: "E_OURS",
    });
  });

  it("rejects with a driver's own error, which only inherits from Error", async () => {
    const functions = path.join(import.meta.dirname, "executor/functions.mjs");
    const failed = eio.custom(functions, [], { name: "throwsOld" });
    await expect(failed).rejects.toBeInstanceOf(Error);
    await expect(failed).rejects.toMatchObject({
      name: "OldError",
      message: "no such table",
      code: "SQLITE_ERROR",
    });
  });

  it("rejects what cannot be called, sent or sent back", async () => {
    await expect(
      eio.custom(module, [], { name: "nothing" }),
    ).rejects.toMatchObject({ code: "ERR_EIO_CUSTOM" });
    await expect(
      eio.custom(module, [], { name: "notAFunction" }),
    ).rejects.toMatchObject({ code: "ERR_EIO_CUSTOM" });
    await expect(eio.custom("/none/such.mjs")).rejects.toMatchObject({
      code: "ERR_MODULE_NOT_FOUND",
    });
    await expect(eio.custom(module, [() => {}])).rejects.toMatchObject({
      code: "ERR_EIO_UNCLONEABLE",
    });
    await expect(
      eio.custom(module, [Buffer.alloc(2 << 20)]),
    ).rejects.toMatchObject({ code: "ERR_EIO_TOO_LARGE" });
    await expect(eio.custom(module, [], { name: "odd" })).rejects.toThrow(
      /could not be cloned/,
    );
  });

  it("ends early by a signal and by a deadline", async () => {
    const controller = new AbortController();
    const call = eio.custom(module, [1, 2], { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    await expect(
      eio.custom(module, [1, 2], { priority: 9 }),
    ).rejects.toMatchObject({ code: "ERR_OUT_OF_RANGE" });
  });
});

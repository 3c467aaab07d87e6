// Calls of an executor: which functions can be called, what goes there and comes back, and how errors arrive.
import fs from "node:fs";
import path from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { testFolder } from "../../helpers/files.ts";
import { executorOf, makeExecutor } from "./helpers.ts";

const folder = testFolder();

/** What a call is rejected with. */
const failure = (
  call: Promise<unknown>,
): Promise<Error & Record<string, unknown>> =>
  call.then(
    (value) => Promise.reject(new Error(`it returned ${inspect(value)}`)),
    (error: unknown) => error as never,
  );

describe("call()", () => {
  it("runs exports, and functions that they hold, on another thread", async () => {
    const executor = makeExecutor();
    expect(await executor.call("default", [2, 3])).toBe(5);
    expect(await executor.call("id")).toBeGreaterThan(0);
    expect(await executor.call("later", [7])).toEqual({
      value: 7,
      at: new Map([[1, 7]]),
    });
    expect(await executor.call("users.find", [1])).toBe("b");
    expect(await executor.call("openedTimes")).toBe(1);
  });

  it("runs functions of CommonJS modules", async () => {
    const file = folder.file(
      "common.cjs",
      "module.exports = { twice: (x) => x * 2, inner: { name: () => 'inner' } }",
    );
    const executor = executorOf(file);
    expect(await executor.call("twice", [21])).toBe(42);
    expect(await executor.call("inner.name")).toBe("inner");
  });

  it.each([
    "nothing",
    "notAFunction",
    "toString",
    "users.toString",
    "users.hasOwnProperty",
    "users.__proto__.toString",
    "default.call",
    "default.constructor",
    "users.find.constructor",
    "constructor",
    "__proto__",
    "",
    "open",
    "close",
    "reset",
  ])("refuses %j with ERR_EIO_CUSTOM", async (name) => {
    const executor = makeExecutor();
    const error = await failure(executor.call(name));
    expect(error).toMatchObject({ code: "ERR_EIO_CUSTOM" });
    expect(error.message).toContain(`"${name}" of file:`);
    expect(error.stack).toContain("calls.test.ts");
    expect(await executor.call("default", [1, 1])).toBe(2);
  });

  it("takes arguments and gives results of any size", async () => {
    const executor = makeExecutor();
    const bytes = new Uint8Array(20 << 20).fill(3);
    const back = (await executor.call("same", [bytes])) as Uint8Array;
    expect(back.byteLength).toBe(20 << 20);
    expect(back[back.length - 1]).toBe(3);
    expect(bytes.byteLength).toBe(20 << 20);
  });

  it("moves arguments and results whose memory is transferred", async () => {
    const executor = makeExecutor();
    const bytes = new Uint8Array(1 << 20);
    const filled = await executor.call<Uint8Array>("fill", [bytes, 9], {
      transfer: [bytes.buffer],
    });
    expect(bytes.byteLength).toBe(0);
    expect(filled[(1 << 20) - 1]).toBe(9);
    expect(await executor.call("part")).toEqual(new Uint8Array([7, 7, 7]));
    const { buffers } = await executor.call<{ buffers: ArrayBuffer[] }>("list");
    expect(buffers.map(({ byteLength }) => byteLength)).toEqual([3, 4]);
  });

  it("keeps the arguments of a call that waits as they were", async () => {
    const executor = makeExecutor();
    const given = { list: [1] };
    const bytes = new Uint8Array(8).fill(1);
    // No thread is there yet: both wait.
    const kept = executor.call("same", [given]);
    const moved = executor.call("same", [bytes], { transfer: [bytes.buffer] });
    given.list.push(2);
    expect(bytes.byteLength).toBe(0);
    expect(await kept).toEqual({ list: [1] });
    expect(await moved).toEqual(new Uint8Array(8).fill(1));
  });

  it("refuses arguments and results that cannot be sent, and goes on", async () => {
    const executor = makeExecutor();
    const refused = { name: "TypeError", code: "ERR_EIO_UNCLONEABLE" };
    const waiting = await failure(executor.call("same", [() => {}]));
    expect(waiting).toMatchObject(refused);
    expect(await executor.call("same", [1])).toBe(1);
    const begun = await failure(executor.call("same", [() => {}]));
    expect(begun).toMatchObject(refused);
    expect(begun.message).toContain("An argument of same()");
    const result = await failure(executor.call("odd"));
    expect(result).toMatchObject(refused);
    expect(result.message).toContain("The result of odd()");
    expect(await executor.call("same", [2])).toBe(2);
  });

  it("rejects options and arguments that make no sense", async () => {
    const executor = makeExecutor();
    const rejected = (call: Promise<unknown>, code: string): Promise<void> =>
      expect(call).rejects.toMatchObject({ code });
    await rejected(executor.call(5 as never), "ERR_INVALID_ARG_TYPE");
    await rejected(executor.call("same", 5 as never), "ERR_INVALID_ARG_TYPE");
    await rejected(
      executor.call("same", [], { priority: 9 }),
      "ERR_OUT_OF_RANGE",
    );
    await rejected(executor.session({ timeout: -1 }), "ERR_OUT_OF_RANGE");
  });
});

describe("an error of a function", () => {
  it("keeps class, message, code, cause, own properties and stack", async () => {
    const executor = makeExecutor();
    const error = await failure(executor.call("throwsDriver"));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.constructor.name).toBe("DriverError");
    expect(error).toMatchObject({
      message: "as requested",
      name: "TypeError",
      code: "E_OURS",
      position: { line: 3 },
    });
    expect(Object.keys(error)).toEqual(["code", "position", "cause"]);
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({ message: "inner", cause: "innermost" });
    expect(Object.keys(error.cause as object)).toEqual([]);
    const lines = error.stack!.split("\n");
    expect(lines[0]).toBe("TypeError: as requested");
    expect(lines[1]).toContain("functions.mjs");
    const first = lines.findIndex((line) => line.includes("calls.test.ts"));
    expect(first).toBeGreaterThan(1);
    expect(error.stack).not.toMatch(/executor-worker|node:internal.*\n.*calls/);
  });

  it("keeps the class of one that only inherits from Error", async () => {
    const executor = makeExecutor();
    const error = await failure(executor.call("throwsOld"));
    expect(error).toBeInstanceOf(Error);
    expect(error.constructor.name).toBe("OldError");
    expect(error).toMatchObject({
      name: "OldError",
      message: "no such table",
      code: "SQLITE_ERROR",
    });
    expect(String(error)).toBe("OldError: no such table");
    const again = await failure(executor.call("throwsOld"));
    expect(again.constructor).toBe(error.constructor);
  });

  it("may have many errors in it, or itself, or be none", async () => {
    const executor = makeExecutor();
    const many = (await failure(
      executor.call("throwsMany"),
    )) as unknown as AggregateError;
    expect(many).toBeInstanceOf(AggregateError);
    expect(many.message).toBe("several");
    expect(many.errors[0]).toBeInstanceOf(TypeError);
    expect(many.errors[1]).toBe(2);
    const round = await failure(executor.call("throwsItself"));
    expect(round.message).toBe("round");
    expect(Object.hasOwn(round, "cause")).toBe(false);
    expect(await failure(executor.call("throwsText"))).toBe("a text");
    const abort = await failure(executor.call("throwsAbort"));
    expect(abort).toBeInstanceOf(DOMException);
    expect(abort).toMatchObject({ name: "AbortError", code: 20 });
  });
});

describe("an executor", () => {
  it("refuses options that make no sense, and names that it does not know", () => {
    for (const options of [
      { threads: 0 },
      { threads: 1.5 },
      { threads: 2, minThreads: 3 },
      { idle: "10 parsecs" },
      { idle: -1 },
      { maxQueue: -1 },
      { thread: 4 },
      { piscina: { filename: "x" } },
    ])
      expect(() => makeExecutor(options as never)).toThrow(
        expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }),
      );
  });

  it("passes data to open, and options of threads to the threads", async () => {
    const data = { log: folder.join("data.log") };
    const executor = makeExecutor({
      data,
      piscina: {
        argv: ["one", "two"],
        env: { ...process.env, EXECUTOR_TEST: "given" },
      },
    });
    expect(await executor.call("environment")).toEqual({
      argv: ["one", "two"],
      env: "given",
    });
    expect(fs.readFileSync(data.log, "utf8")).toMatch(/^open \d+\n$/);
  });

  it("is found by a relative name from the current folder, as custom() finds it", async () => {
    const name = `./${path.relative(process.cwd(), path.join(import.meta.dirname, "functions.mjs"))}`;
    expect(await executorOf(name).call("same", [1])).toBe(1);
  });
});

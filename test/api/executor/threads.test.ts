// The threads of an executor: when they start and leave, what of the module they call then, and what happens when one dies.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { testFolder } from "../../helpers/files.ts";
import {
  functions,
  Gate,
  hooksIn,
  linesOf,
  makeExecutor,
  until,
} from "./helpers.ts";

const folder = testFolder();
const root = path.resolve(import.meta.dirname, "../../..");

describe("threads", () => {
  it("start when somebody waits, up to their number, and open the module once each", async () => {
    const log = folder.join("start.log");
    const executor = makeExecutor({ threads: 3, data: { log } });
    expect(executor.stats().threads).toBe(0);
    const gates = Array.from({ length: 5 }, () => new Gate());
    const calls = gates.map(({ words }) => executor.call("block", [words]));
    await Promise.all(gates.slice(0, 3).map((gate) => gate.begun()));
    expect(executor.stats()).toMatchObject({
      threads: 3,
      running: 3,
      waiting: 2,
    });
    for (const gate of gates) gate.release();
    expect(new Set(await Promise.all(calls)).size).toBeLessThanOrEqual(3);
    expect(hooksIn(log)).toEqual({ open: 3, close: 0, reset: 0 });
  });

  it("leave when they were idle for long, and close the module", async () => {
    const log = folder.join("idle.log");
    const executor = makeExecutor({ idle: "5ms", data: { log } });
    await executor.call("id");
    await until(() => executor.stats().threads === 0);
    expect(hooksIn(log)).toEqual({ open: 1, close: 1, reset: 0 });
    expect(await executor.call("same", [1])).toBe(1);
  });

  it("stay, and start at once, as far as minThreads says", async () => {
    const executor = makeExecutor({ threads: 2, minThreads: 1, idle: 0 });
    await until(() => executor.stats().idle === 1);
    const id = await executor.call("id");
    const gate = new Gate();
    const blocked = executor.call("block", [gate.words]);
    await executor.call("id");
    gate.release();
    await blocked;
    await until(() => executor.stats().threads === 1);
    expect(id).toBeGreaterThan(0);
  });

  it("close the module when the executor is closed, after what was submitted", async () => {
    const log = folder.join("close.log");
    const executor = makeExecutor({ threads: 2, data: { log } });
    const session = await executor.session();
    const gate = new Gate();
    const blocked = executor.call("block", [gate.words]);
    const waiting = executor.call("same", [1]);
    await gate.begun();
    const closed = executor.close();
    const refused = { code: "ERR_EIO_EXECUTOR_CLOSED" };
    await expect(executor.call("same", [1])).rejects.toMatchObject(refused);
    await expect(executor.session()).rejects.toMatchObject(refused);
    expect(await session.call("same", ["a session goes on"])).toBe(
      "a session goes on",
    );
    await session.end();
    gate.release();
    await blocked;
    expect(await waiting).toBe(1);
    await closed;
    expect(hooksIn(log)).toEqual({ open: 2, close: 2, reset: 1 });
    expect(executor.stats().threads).toBe(0);
    await executor.close();
  });

  it("end without close where the executor's close has a timeout, and it passes", async () => {
    const executor = makeExecutor();
    const gate = new Gate();
    const blocked = executor.call("block", [gate.words]);
    const waiting = executor.call("same", [1]);
    await gate.begun();
    const closed = executor.close({ timeout: 1 });
    const refused = { code: "ERR_EIO_EXECUTOR_CLOSED" };
    await expect(blocked).rejects.toMatchObject(refused);
    await expect(waiting).rejects.toMatchObject(refused);
    await closed;
  });

  it("whose close fails reject the executor's close", async () => {
    const executor = makeExecutor({ data: { closeFails: true } });
    await executor.call("id");
    await expect(executor.close()).rejects.toThrow("cannot close");
  });
});

describe("a thread that dies", () => {
  it("fails the call that it ran, and no other, and is replaced", async () => {
    const executor = makeExecutor({ threads: 2 });
    const gate = new Gate();
    const blocked = executor.call("block", [gate.words]);
    await gate.begun();
    const died = executor.call("exit", [4]);
    const waiting = executor.call("same", ["on another"]);
    const error = (await died.catch((e: unknown) => e)) as Error;
    expect(error).toMatchObject({ code: "ERR_EIO_WORKER_LOST" });
    expect((error.cause as Error).message).toContain("code: 4");
    expect(error.stack).toContain("threads.test.ts");
    expect(await waiting).toBe("on another");
    gate.release();
    await blocked;
    expect(executor.stats().lost).toBe(1);
  });

  it("fails no call that waits for another thread, which is starting", async () => {
    const executor = makeExecutor({ threads: 2 });
    await executor.call("id");
    const died = executor.call("exit", [4]);
    const waiting = executor.call("same", ["on another"]);
    await expect(died).rejects.toMatchObject({ code: "ERR_EIO_WORKER_LOST" });
    expect(await waiting).toBe("on another");
    expect(executor.stats().lost).toBe(1);
  });

  it.each([["exit", 3], ["throwLater"]])(
    "by %s() closes the module before",
    async (name, ...args) => {
      const log = folder.join(`${name}.log`);
      const executor = makeExecutor({ data: { log } });
      await executor.call(name, args).catch(() => {});
      expect(hooksIn(log)).toEqual({ open: 1, close: 1, reset: 0 });
    },
  );

  it("of an error that nobody catches fails its call with that error as the cause", async () => {
    const executor = makeExecutor();
    await expect(executor.call("throwLater")).rejects.toMatchObject({
      code: "ERR_EIO_WORKER_LOST",
      cause: { message: "nobody catches it" },
    });
    expect(await executor.call("same", [1])).toBe(1);
  });

  it("of its limit on memory fails its call", async () => {
    const executor = makeExecutor({
      piscina: { resourceLimits: { maxOldGenerationSizeMb: 16 } },
    });
    const file = folder.file(
      "memory.mjs",
      "export const fill = () => { const all = []; for (;;) all.push(new Array(1000).fill({})); }",
    );
    expect(await executor.call("same", [1])).toBe(1);
    const { eio } = await import("../../../src/index.ts");
    const hungry = eio.executor(file, {
      threads: 1,
      piscina: { resourceLimits: { maxOldGenerationSizeMb: 16 } },
    });
    await expect(hungry.call("fill")).rejects.toMatchObject({
      code: "ERR_EIO_WORKER_LOST",
      cause: { code: "ERR_WORKER_OUT_OF_MEMORY" },
    });
    await hungry.close();
  });
});

describe("a module that cannot be opened", () => {
  it("fails what waits, with the error of its open, and is tried again", async () => {
    const failing = folder.file("failing");
    const executor = makeExecutor({ threads: 2, data: { failing } });
    const calls = await Promise.allSettled([
      executor.call("same", [1]),
      executor.call("same", [2]),
      executor.session(),
    ]);
    for (const one of calls)
      expect(one).toMatchObject({
        status: "rejected",
        reason: { name: "RangeError", code: "E_OPEN" },
      });
    fs.rmSync(failing);
    expect(await executor.call("same", [3])).toBe(3);
  });

  it("or found, fails what waits with Node's error", async () => {
    const { eio } = await import("../../../src/index.ts");
    const executor = eio.executor("/none/such.mjs");
    await expect(executor.call("same")).rejects.toMatchObject({
      code: "ERR_MODULE_NOT_FOUND",
    });
    await executor.close();
  });

  it("because its thread dies fails what waits", async () => {
    const file = folder.file("dies.mjs", "process.exit(9)");
    const { eio } = await import("../../../src/index.ts");
    const executor = eio.executor(file, { threads: 2 });
    await expect(executor.call("same")).rejects.toMatchObject({
      code: "ERR_EIO_WORKER_LOST",
    });
    await executor.close();
  });

  it("because no thread can start fails what waits", async () => {
    const { eio } = await import("../../../src/index.ts");
    const preload = folder.file("preload.mjs", "throw new Error('preloaded')");
    const executor = eio.executor(functions, {
      piscina: { execArgv: ["--import", preload] },
    });
    await expect(executor.call("same", [1])).rejects.toMatchObject({
      message: expect.stringContaining("preloaded") as string,
    });
    await executor.close();
  });
});

describe("the process", () => {
  /** Runs a program with an executor of the built package. */
  function live(
    name: string,
    program: string,
  ): { log: string; status: number | null } {
    const log = folder.join(`${name}.log`);
    const file = folder.file(
      `${name}.mjs`,
      `import { eio } from ${JSON.stringify(path.join(root, "dist/index.js"))};
      const executor = eio.executor(${JSON.stringify(functions.href)}, { threads: 2, data: { log: ${JSON.stringify(log)} } });
      ${program}`,
    );
    const { status, stderr } = spawnSync(process.execPath, [file], {
      encoding: "utf8",
      timeout: 100_000,
    });
    expect(stderr).toBe("");
    return { log, status };
  }

  it("ends by itself while threads are idle, and they close the module", () => {
    const { log, status } = live("ends", "await executor.call('id');");
    expect(status).toBe(0);
    expect(hooksIn(log)).toEqual({ open: 1, close: 1, reset: 0 });
  });

  it("ends by process.exit(), and its threads close the module", () => {
    const { log, status } = live(
      "exits",
      "await executor.call('id'); await executor.session(); process.exit(6);",
    );
    expect(status).toBe(6);
    expect(hooksIn(log)).toMatchObject({ close: 1 });
  });

  it("stays until a call whose thread dies has failed, and the executor is closed", () => {
    const { status } = live(
      "dies",
      `let code;
      await executor.call("exit", [3]).catch((error) => (code = error.code));
      await executor.call("id");
      await executor.close();
      process.exit(code === "ERR_EIO_WORKER_LOST" ? 7 : 8);`,
    );
    expect(status).toBe(7);
  });

  it("stays while a call runs or waits", () => {
    const { log } = live(
      "stays",
      `const words = new Int32Array(new SharedArrayBuffer(16));
      setTimeout(() => { Atomics.store(words, 0, 1); Atomics.notify(words, 0); }, 5);
      executor.call('block', [words]).then(() => executor.close());`,
    );
    expect(linesOf(log)).toHaveLength(2);
  });
});

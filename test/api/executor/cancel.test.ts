// Calls of an executor that end early: by a signal, by their deadline, or because too many wait.
import { describe, expect, it } from "vitest";
import { testFolder } from "../../helpers/files.ts";
import { Gate, hooksIn, makeExecutor, until } from "./helpers.ts";

const folder = testFolder();

describe("a call that waits", () => {
  it.each([
    ["its signal fires", "AbortError"],
    ["its deadline passes", "Error"],
  ])("never runs if %s", async (_what, name) => {
    const executor = makeExecutor();
    const gate = new Gate();
    const blocked = executor.call("block", [gate.words]);
    await gate.begun();
    const controller = new AbortController();
    const options =
      name === "AbortError" ? { signal: controller.signal } : { timeout: 1 };
    const waiting = executor.call("set", ["it ran"], options);
    const session = executor.session(options);
    if (name === "AbortError") controller.abort();
    await expect(waiting).rejects.toMatchObject({ name });
    await expect(session).rejects.toMatchObject({ name });
    expect(executor.stats()).toMatchObject({ waiting: 0, running: 1 });
    gate.release();
    await blocked;
    expect(await executor.call("get")).toBe(null);
  });

  it("is refused at once if its signal has fired", async () => {
    const executor = makeExecutor();
    const signal = AbortSignal.abort();
    const call = executor.call("set", ["it ran"], { signal });
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    await expect(executor.session({ timeout: 0 })).rejects.toMatchObject({
      code: "ETIMEDOUT",
    });
    expect(await executor.call("get")).toBe(null);
  });
});

describe("a call that runs", () => {
  it("is over for its caller at once; its function sees it, and its thread is reset", async () => {
    const log = folder.join("running.log");
    const executor = makeExecutor({ data: { log } });
    const gate = new Gate();
    const controller = new AbortController();
    const { signal } = controller;
    const call = executor.call("block", [gate.words], { signal });
    await gate.begun();
    controller.abort();
    await expect(call).rejects.toMatchObject({
      name: "AbortError",
      code: "ABORT_ERR",
    });
    expect(await gate.ended()).toBe(2);
    // The next one sees nothing of it.
    const next = new Gate();
    const after = executor.call("block", [next.words]);
    await next.begun();
    next.release();
    await after;
    expect(await next.ended()).toBe(1);
    expect(hooksIn(log).reset).toBe(1);
  });

  it("fails with ETIMEDOUT when its deadline passes", async () => {
    const executor = makeExecutor();
    await executor.call("id");
    const gate = new Gate();
    // Long enough for it to begin.
    const call = executor.call("block", [gate.words], { timeout: 200 });
    const error = (await call.catch((e: unknown) => e)) as Error;
    expect(error).toMatchObject({ code: "ETIMEDOUT", syscall: "block" });
    expect(error.stack).toContain("cancel.test.ts");
    await gate.begun();
    expect(await gate.ended()).toBe(2);
  });

  it("has the signal as its last argument where its function says that it takes one", async () => {
    const executor = makeExecutor();
    expect(await executor.call("withSignal", [1])).toEqual([1, false]);
  });

  it("is one of many with the same signal, without a warning", async () => {
    const executor = makeExecutor();
    const controller = new AbortController();
    const { signal } = controller;
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on("warning", note);
    const calls = Array.from({ length: 50 }, (_, i) =>
      executor.call("same", [i], { signal }),
    );
    expect(await Promise.all(calls)).toHaveLength(50);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });
});

describe("maxQueue", () => {
  it("refuses calls and sessions for which there is no room, and no others", async () => {
    const executor = makeExecutor({ maxQueue: 2 });
    const gate = new Gate();
    const blocked = executor.call("block", [gate.words]);
    await gate.begun();
    const waiting = [executor.call("same", [1]), executor.call("same", [2])];
    const full = { code: "ERR_EIO_EXECUTOR_FULL" };
    await expect(executor.call("same", [3])).rejects.toMatchObject(full);
    await expect(executor.session()).rejects.toMatchObject(full);
    await expect(executor.stream("count", [1]).next()).rejects.toMatchObject(
      full,
    );
    gate.release();
    await blocked;
    expect(await Promise.all(waiting)).toEqual([1, 2]);
    expect(await executor.call("same", [4])).toBe(4);
  });

  it("of 0 lets as many run as there are threads", async () => {
    const executor = makeExecutor({ threads: 2, maxQueue: 0 });
    const gates = [new Gate(), new Gate()];
    const calls = gates.map(({ words }) => executor.call("block", [words]));
    await expect(executor.call("same", [1])).rejects.toMatchObject({
      code: "ERR_EIO_EXECUTOR_FULL",
    });
    for (const gate of gates) {
      await gate.begun();
      gate.release();
    }
    await Promise.all(calls);
    await until(() => executor.stats().idle === 2);
    expect(await executor.call("same", [2])).toBe(2);
  });
});

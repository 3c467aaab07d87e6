// Sessions of an executor: one thread each, in turn, never half on another, and never used again before it was reset.
import v8 from "node:v8";
import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { testFolder } from "../../helpers/files.ts";
import { Gate, hooksIn, linesOf, makeExecutor, until } from "./helpers.ts";

const folder = testFolder();

describe("a session", () => {
  it("has one thread to itself, which is reset at its end", async () => {
    const log = folder.join("reset.log");
    const executor = makeExecutor({ threads: 2, data: { log } });
    const session = await executor.session();
    const ids = new Set<unknown>();
    for (let i = 0; i < 5; i++) ids.add(await session.call("id"));
    expect(ids.size).toBe(1);
    await session.call("set", ["mine"]);
    expect(ids).not.toContain(await executor.call("id"));
    expect(executor.stats()).toMatchObject({ sessions: 1, threads: 2 });
    await session.end();
    expect(hooksIn(log)).toEqual({ open: 2, close: 0, reset: 1 });
    expect(linesOf(log).at(-1)).toBe(`reset ${[...ids][0] as number}`);
    expect(executor.stats()).toMatchObject({ sessions: 0, idle: 2 });
  });

  it("is ended by `await using`, and takes no calls from then on", async () => {
    const executor = makeExecutor();
    let kept;
    {
      await using session = await executor.session();
      await session.call("set", ["dirty"]);
      kept = session;
    }
    expect(await executor.call("get")).toBe(null);
    await expect(kept.call("get")).rejects.toMatchObject({
      code: "ERR_EIO_SESSION_ENDED",
    });
    await kept.end();
  });

  it("is not reset if it made no call", async () => {
    const log = folder.join("unused.log");
    const executor = makeExecutor({ data: { log } });
    await (await executor.session()).end();
    expect(hooksIn(log).reset).toBe(0);
  });

  it("runs calls that are not awaited in their order, and ends behind them", async () => {
    const executor = makeExecutor();
    const session = await executor.session();
    const gate = new Gate();
    const blocked = session.call("block", [gate.words]);
    const set = session.call("set", ["second"]);
    const got = session.call("get");
    const ended = session.end();
    await gate.begun();
    gate.release();
    await Promise.all([blocked, set]);
    expect(await got).toBe("second");
    await ended;
  });

  it("does not run what waits behind a call that fails", async () => {
    const executor = makeExecutor();
    const session = await executor.session();
    const [failed, ...skipped] = await Promise.allSettled([
      session.call("throwsDriver"),
      session.call("set", ["half"]),
      session.call("same", [1]),
    ]);
    expect(failed).toMatchObject({ reason: { code: "E_OURS" } });
    for (const one of skipped)
      expect(one).toMatchObject({ reason: { code: "ERR_EIO_CALL_SKIPPED" } });
    // Whoever knows of the failure may go on.
    expect(await session.call("get")).toBe(null);
    await session.end();
  });

  it("is over, and reset, once a call of it was cancelled while it ran", async () => {
    const log = folder.join("cancelled.log");
    const executor = makeExecutor({ data: { log } });
    const session = await executor.session();
    await session.call("set", ["half"]);
    const gate = new Gate();
    const controller = new AbortController();
    const { signal } = controller;
    const blocked = session.call("block", [gate.words], { signal });
    const behind = session.call("set", ["whole"]);
    await gate.begun();
    controller.abort(new Error("changed my mind"));
    await expect(blocked).rejects.toMatchObject({
      name: "AbortError",
      cause: { message: "changed my mind" },
    });
    const reset = { code: "ERR_EIO_SESSION_RESET" };
    await expect(behind).rejects.toMatchObject(reset);
    await expect(session.call("get")).rejects.toMatchObject(reset);
    expect(await gate.ended()).toBe(2);
    expect(await executor.call("get")).toBe(null);
    expect(hooksIn(log).reset).toBe(1);
    await session.end();
  });

  it("is over, and reset, once a call of it was cancelled before it ran", async () => {
    const executor = makeExecutor();
    const session = await executor.session();
    const gate = new Gate();
    const controller = new AbortController();
    const { signal } = controller;
    const blocked = session.call("block", [gate.words]);
    const waiting = session.call("set", ["never"], { signal });
    const behind = session.call("same", [1]);
    await gate.begun();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    await expect(behind).rejects.toMatchObject({
      code: "ERR_EIO_SESSION_RESET",
    });
    gate.release();
    expect(await blocked).toBeGreaterThan(0);
    await session.end();
    const other = await executor.session();
    await expect(other.call("same", [1], { signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    await expect(other.call("same", [1])).rejects.toMatchObject({
      code: "ERR_EIO_SESSION_RESET",
    });
    await other.end();
    expect(await executor.call("get")).toBe(null);
  });

  it("whose reset fails rejects its end, and its thread is replaced", async () => {
    const log = folder.join("unresettable.log");
    const executor = makeExecutor({ data: { log } });
    const session = await executor.session();
    const id = await session.call("id");
    await session.call("set", ["unresettable"]);
    await expect(session.end()).rejects.toThrow("cannot reset");
    expect(await executor.call("id")).not.toBe(id);
    expect(hooksIn(log)).toMatchObject({ open: 2, close: 1 });
  });

  it("fails as a whole when its thread dies", async () => {
    const executor = makeExecutor({ threads: 2 });
    const session = await executor.session();
    const id = await session.call("id");
    const [died, behind] = await Promise.allSettled([
      session.call("exit", [5]),
      session.call("set", ["half"]),
    ]);
    expect(died).toMatchObject({ reason: { code: "ERR_EIO_WORKER_LOST" } });
    const lost = { code: "ERR_EIO_SESSION_LOST" };
    expect(behind).toMatchObject({ reason: lost });
    const error = (await session.call("get").catch((e: unknown) => e)) as Error;
    expect(error).toMatchObject(lost);
    expect((error.cause as Error).message).toContain("code: 5");
    await session.end();
    const next = await executor.session();
    expect(await next.call("id")).not.toBe(id);
    await next.end();
  });

  it("fails as a whole when its thread dies between two calls", async () => {
    const executor = makeExecutor();
    const session = await executor.session();
    const gate = new Gate();
    await session.call("exitLater", [gate.words]);
    await until(() => executor.stats().lost === 1);
    await expect(session.call("get")).rejects.toMatchObject({
      code: "ERR_EIO_SESSION_LOST",
    });
    await session.end();
    expect(await executor.call("get")).toBe(null);
  });

  it("takes no other call while a stream of it is open", async () => {
    const executor = makeExecutor();
    const session = await executor.session();
    for await (const i of session.stream("count", [1000])) {
      if (i === 0)
        await expect(session.call("id")).rejects.toMatchObject({
          code: "ERR_EIO_SESSION_BUSY",
        });
      if (i === 300) break;
    }
    expect(await session.call("same", [1])).toBe(1);
    await session.end();
  });

  it("that its holder forgot is reported, reset and returned", async () => {
    v8.setFlagsFromString("--expose-gc");
    const collect = vm.runInNewContext("gc") as () => void;
    const log = folder.join("forgotten.log");
    const executor = makeExecutor({ data: { log } });
    const warned = new Promise<Error & { code?: string; detail?: string }>(
      (resolve) => process.once("warning", resolve),
    );
    async function takeAndForget(): Promise<void> {
      const session = await executor.session();
      await session.call("set", ["forgotten"]);
    }
    await takeAndForget();
    const next = executor.session();
    let taken = false;
    void next.then(() => (taken = true));
    await until(() => {
      collect();
      return taken;
    });
    const warning = await warned;
    expect(warning.code).toBe("EIO_SESSION_FORGOTTEN");
    expect(warning.message).toContain("functions.mjs");
    expect(warning.detail).toMatch(/takeAndForget.*sessions\.test\.ts/);
    expect(hooksIn(log).reset).toBe(1);
    const session = await next;
    expect(await session.call("get")).toBe(null);
    await session.end();
  });
});

describe("those who wait for a thread", () => {
  it("get it by priority, and in their order within one", async () => {
    const executor = makeExecutor();
    const gate = new Gate();
    const blocked = executor.call("block", [gate.words]);
    await gate.begun();
    const order: string[] = [];
    const take = async (name: string, priority: number): Promise<void> => {
      const session = await executor.session({ priority });
      order.push(name);
      await session.end();
    };
    const call = async (name: string, priority: number): Promise<void> => {
      await executor.call("same", [name], { priority });
      order.push(name);
    };
    const all = [
      take("low", -1),
      call("first", 0),
      take("second", 0),
      call("third", 0),
      take("high", 3),
      call("higher", 4),
    ];
    gate.release();
    await Promise.all([blocked, ...all]);
    expect(order).toEqual([
      "higher",
      "high",
      "first",
      "second",
      "third",
      "low",
    ]);
  });

  it("get it in the end, however many of a higher priority keep coming", async () => {
    const executor = makeExecutor();
    let done = false;
    const low = executor.session({ priority: -4 }).then(async (session) => {
      done = true;
      await session.end();
    });
    let others = 0;
    const flood = async (): Promise<void> => {
      while (!done) {
        await executor.call("same", [1], { priority: 4 });
        others++;
      }
    };
    await Promise.all([low, flood(), flood(), flood()]);
    expect(others).toBeGreaterThan(10);
  });
});

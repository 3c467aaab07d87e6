// What an instance reports about itself: counts and times, events on channels, slow operations with the
// place of the call, and handles with the place that opened them.
import { spawnSync } from "node:child_process";
import { AsyncLocalStorage } from "node:async_hooks";
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { until } from "../../helpers/engine.ts";
import { createEio, type Eio } from "../../../src/api/create.ts";
import type { EioOptions } from "../../../src/api/instance/options.ts";
import { loadNative } from "../../../src/backends/native.ts";
import type { RequestEvent } from "../../../src/api/observe/describe.ts";
import type { TimedRequest } from "../../../src/api/observe/timed.ts";
import type { SlowOperation } from "../../../src/api/observe/slow.ts";

const entry = path.resolve(import.meta.dirname, "../../../dist/index.js");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-observe-"));
const file = path.join(folder, "file");
fs.writeFileSync(file, "content");
afterAll(() => fs.rmSync(folder, { recursive: true }));

const made: Eio[] = [];
const make = (options: EioOptions = {}): Eio => {
  const eio = createEio({ backend: "pool", ...options });
  made.push(eio);
  return eio;
};
afterEach(async () => {
  await Promise.all(made.splice(0).map((eio) => eio.close()));
});

/** Everything that is published meanwhile. */
async function heard<T>(name: string, work: () => Promise<unknown>) {
  const messages: T[] = [];
  const listen = (message: unknown): void => void messages.push(message as T);
  subscribe(name, listen);
  try {
    await work();
  } finally {
    unsubscribe(name, listen);
  }
  return messages;
}

describe("stats()", () => {
  it("counts by op what was submitted, failed and was cancelled", async () => {
    const eio = make({ maxParallel: 0 });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [
      eio.promises.stat(file),
      eio.promises.stat(path.join(folder, "missing")),
      eio.promises.stat(file, { signal }),
    ];
    expect(eio.stats()).toMatchObject({
      requests: 3,
      ready: 3,
      ops: { stat: { submitted: 3, settled: 0 } },
    });
    controller.abort();
    eio.setLimits({ maxParallel: 2 });
    await Promise.allSettled(calls);
    // The one that was given up may still be on its way.
    await until(() => eio.stats().slots.used === 0);
    const { ops, requests } = eio.stats();
    expect(requests).toBe(0);
    expect(ops.stat).toMatchObject({
      submitted: 3,
      settled: 3,
      failed: 1,
      cancelled: 1,
    });
    expect(ops).not.toHaveProperty("readFile");
  });

  it("reports how long requests waited and ran, by op, lane and backend", async () => {
    const eio = make({ lanes: { bulk: { maxParallel: 1 } } });
    for (let i = 0; i < 160; i++) await eio.promises.readFile(file);
    for (let i = 0; i < 160; i++)
      await eio.promises.readFile(file, { lane: "bulk" });
    const { ops, lanes, backends, sampledEvery } = eio.stats();
    expect(sampledEvery).toBe(64);
    const { wait, run } = ops.slurp!;
    expect(run!.count).toBe(5);
    expect(run!.p50).toBeGreaterThan(0);
    expect(run!.max).toBeGreaterThanOrEqual(run!.p50);
    expect(wait!.count).toBe(5);
    expect(Object.keys(lanes).sort()).toEqual(["bulk", "default"]);
    expect(lanes["bulk"]!.run.count + lanes["default"]!.run.count).toBe(5);
    expect(backends.pool!.run.count).toBe(5);
  });

  it("distinguishes what waits from what runs", async () => {
    const eio = make({ maxParallel: 1 });
    await heard("node-eio:request:settled", async () => {
      const busy = eio.custom("node:child_process", ["sleep 0.05"], {
        name: "execSync",
      });
      await Promise.all([busy, eio.nop()]);
    });
    const { ops } = eio.stats();
    expect(ops.custom!.run!.max).toBeGreaterThan(40);
    expect(ops.nop!.wait!.max).toBeGreaterThan(ops.nop!.run!.max);
  });
});

describe("diagnostics channels", () => {
  it("report each request, with one object from its call to its end", async () => {
    const eio = make();
    const seen: [string, RequestEvent][] = [];
    const listeners = ["submitted", "started", "settled"].map((what) => {
      const listen = (event: unknown): void =>
        void seen.push([what, event as RequestEvent]);
      subscribe(`node-eio:request:${what}`, listen);
      return () => unsubscribe(`node-eio:request:${what}`, listen);
    });
    await eio.promises.readFile(file, { priority: 2 });
    await eio.promises.unlink(path.join(folder, "missing")).catch(() => {});
    listeners.forEach((off) => off());
    await eio.promises.readFile(file);
    expect(seen.map(([what, { op }]) => `${op} ${what}`)).toEqual([
      "slurp submitted",
      "slurp started",
      "slurp settled",
      "unlink submitted",
      "unlink started",
      "unlink settled",
    ]);
    expect(new Set(seen.map(([, event]) => event)).size).toBe(2);
    expect(seen[0]![1]).toMatchObject({
      op: "slurp",
      path: file,
      priority: 2,
      lane: "default",
      backend: "pool",
      result: 0,
    });
    expect(seen[0]![1].runMs).toBeGreaterThan(0);
    expect(seen[5]![1]).toMatchObject({ result: -2, code: "ENOENT" });
  });

  it("say of which instance a message is, of slow operations as well", async () => {
    const eio = make({ slow: { afterMs: 0 } });
    const other = make();
    const owners: string[] = [];
    const names = ["request:submitted", "request:settled", "slow"];
    const listeners = names.map((name) => {
      const listen = (message: unknown): void => {
        const event = message as RequestEvent;
        owners.push(`${name} ${eio.owns(event)} ${other.owns(event)}`);
      };
      subscribe(`node-eio:${name}`, listen);
      return () => unsubscribe(`node-eio:${name}`, listen);
    });
    await eio.nop();
    await other.nop();
    listeners.forEach((off) => off());
    expect(owners).toEqual([
      "request:submitted true false",
      "request:settled true false",
      "slow true false",
      "request:submitted false true",
      "request:settled false true",
    ]);
  });

  it("report a request that is cancelled before it began", async () => {
    const eio = make({ maxParallel: 0 });
    const [event] = await heard<RequestEvent>(
      "node-eio:request:settled",
      async () => {
        const controller = new AbortController();
        const { signal } = controller;
        const call = eio.promises.stat(file, { signal });
        controller.abort();
        await call.catch(() => {});
      },
    );
    expect(event).toMatchObject({ op: "stat", code: "ECANCELED", runMs: 0 });
  });
});

const busy = (eio: Eio): Promise<unknown> =>
  eio.custom("node:child_process", ["sleep 0.03"], { name: "execSync" });

describe("slow operations", () => {
  it("are reported with the place of the call", async () => {
    const eio = make({ slow: { afterMs: 20 } });
    const reported = await heard<SlowOperation>("node-eio:slow", async () => {
      await eio.nop();
      await busy(eio);
    });
    const slow = reported.filter(({ op }) => op === "custom");
    expect(slow).toHaveLength(1);
    expect(slow[0]!.tookMs).toBeGreaterThanOrEqual(20);
    expect(slow[0]!.stack).toContain("observe.test.ts");
    expect(slow[0]!.stack!.split("\n")[0]).toContain("busy");
  });

  it("are a warning where no listener is attached", async () => {
    const eio = make({ slow: { afterMs: 20, stack: false } });
    const warned = new Promise<Error>((resolve) =>
      process.once("warning", resolve),
    );
    await busy(eio);
    const warning = await warned;
    expect(warning.name).toBe("EioSlowOperation");
    expect(warning.message).toMatch(/^custom .*took \d+\.\d ms \(waited .*ran/);
  });

  it("cost nothing by default", async () => {
    const eio = make();
    expect(channel("node-eio:request:settled").hasSubscribers).toBe(false);
    for (let i = 0; i < 129; i++) await eio.nop();
    expect(eio.stats().ops.nop!.run!.count).toBe(3);
  });

  it.each([
    [{ slow: { afterMs: "soon" } }, "slow.afterMs"],
    [{ slow: {} }, "slow.afterMs"],
    [{ trackHandles: "yes" }, "trackHandles"],
  ])("refuse %j", (options, name) => {
    expect(() => make(options as never)).toThrow(
      expect.objectContaining({
        code: "ERR_EIO_INVALID_OPTION",
        message: expect.stringContaining(name) as string,
      }) as Error,
    );
  });
});

describe("onSlow()", () => {
  it("delivers those that took so long, with what was kept in the caller's context", async () => {
    const eio = make();
    const context = new AsyncLocalStorage<string>();
    const reported: [SlowOperation, string | undefined][] = [];
    let kept = 0;
    const stop = eio.onSlow((...args) => void reported.push(args), {
      afterMs: 20,
      keep: () => {
        kept++;
        return context.getStore();
      },
    });
    await context.run("quick", () => eio.nop());
    await context.run("of the request", function callsIt() {
      return busy(eio);
    });
    expect(kept).toBe(2);
    // A quick one may take long on a busy machine.
    const slow = reported.filter(([{ op }]) => op === "custom");
    expect(slow.map(([, of]) => of)).toEqual(["of the request"]);
    const [operation] = slow[0]!;
    expect(operation.tookMs).toBeGreaterThanOrEqual(20);
    expect(operation.stack).toContain("callsIt");
    expect(eio.owns(operation)).toBe(true);
    stop();
    stop();
    reported.length = 0;
    await busy(eio);
    expect(kept).toBe(2);
    expect(reported).toEqual([]);
  });

  it("reports those that were submitted before it was stopped", async () => {
    const eio = make();
    const reported: string[] = [];
    const stop = eio.onSlow(({ op }) => void reported.push(op), {
      afterMs: 0,
    });
    const call = eio.nop();
    stop();
    await call;
    expect(reported).toEqual(["nop"]);
  });

  it("has each listener's own limit, and leaves the log of slow operations alone", async () => {
    const eio = make({ slow: { afterMs: 0, stack: false } });
    const reported: string[] = [];
    const listen =
      (name: string) =>
      ({ stack }: SlowOperation): void =>
        void reported.push(`${name} ${stack === undefined}`);
    const stop = eio.onSlow(listen("stopped"), { afterMs: 0 });
    eio.onSlow(listen("at once"), { afterMs: 0, stack: false });
    eio.onSlow(listen("never"), { afterMs: 1e6 });
    eio.onSlow(listen("with a stack"), { afterMs: 0 });
    stop();
    stop();
    const logged = await heard("node-eio:slow", () => eio.nop());
    expect(reported).toEqual(["at once true", "with a stack false"]);
    expect(logged).toHaveLength(1);
  });

  it("has no times counted but those of one request in many", async () => {
    const eio = make();
    eio.onSlow(() => {}, { afterMs: 1000 });
    expect(eio.stats().sampledEvery).toBe(64);
    for (let i = 0; i < 129; i++) await eio.nop();
    expect(eio.stats().ops.nop!.run!.count).toBe(3);
  });

  it.each([
    [{}, "afterMs"],
    [undefined, "options"],
    [{ afterMs: -1 }, "afterMs"],
    [{ afterMs: 1, stack: "yes" }, "stack"],
    [{ afterMs: 1, keep: 7 }, "keep"],
    [{ afterMS: 1 }, "afterMs"],
  ])("refuses %j", (options, name) => {
    expect(() => make().onSlow(() => {}, options as never)).toThrow(
      expect.objectContaining({
        code: "ERR_EIO_INVALID_OPTION",
        message: expect.stringContaining(name) as string,
      }) as Error,
    );
  });

  it("takes functions only", () => {
    expect(() => make().onSlow(null as never, { afterMs: 1 })).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }),
    );
  });
});

describe("openHandles()", () => {
  it("names those that are open and the place that opened each", async () => {
    const eio = make({ trackHandles: true });
    async function leaks() {
      return eio.promises.open(file);
    }
    const handle = await leaks();
    const closed = await eio.promises.open(file);
    await closed.close();
    const open = eio.openHandles();
    expect(open).toHaveLength(1);
    expect(open[0]).toMatchObject({ fd: handle.fd, path: file });
    expect(open[0]!.stack).toContain("leaks");
    expect(open[0]!.openedAt.getTime()).toBeLessThanOrEqual(Date.now());
    await handle.close();
    expect(eio.openHandles()).toEqual([]);
  });

  it("names those of groups, working directories and direct I/O as well", async () => {
    const eio = make({ trackHandles: true });
    const group = eio.group();
    const inner = group.group({ priority: 1 });
    await using wd = await eio.wd(folder);
    const openers = {
      leakInGroup: () => group.promises.open(file),
      leakInInner: () => inner.promises.open(file),
      leakInFolder: () => wd.promises.open("file"),
      leakDirect: () => eio.openDirect(file, "r", null, { fallback: true }),
    };
    for (const [name, leak] of Object.entries(openers)) {
      const handle = await leak();
      const open = eio.openHandles();
      expect(open, name).toMatchObject([{ fd: handle.fd, path: file }]);
      expect(open[0]!.stack).toContain(name);
      await handle.close();
      expect(eio.openHandles(), name).toEqual([]);
    }
    await group.close();
  });

  it.skipIf(loadNative().addon === null)("names those of eio.sys", async () => {
    const eio = make({ trackHandles: true });
    const leakByCall = () => eio.sys.openat(null, file);
    const handle = await leakByCall();
    const open = eio.openHandles();
    expect(open).toMatchObject([{ fd: handle.fd, path: file }]);
    expect(open[0]!.stack).toContain("leakByCall");
    await handle.close();
    expect(eio.openHandles()).toEqual([]);
  });

  it("is empty without trackHandles", async () => {
    const eio = make();
    const handle = await eio.promises.open(file);
    expect(eio.openHandles()).toEqual([]);
    await handle.close();
  });
});

describe("onTimed()", () => {
  it("delivers the times of all requests, until it is stopped", async () => {
    const eio = make();
    const timed: TimedRequest[] = [];
    const stop = eio.onTimed((times) => void timed.push({ ...times }));
    expect(eio.stats().sampledEvery).toBe(1);
    for (let i = 0; i < 20; i++) await eio.promises.stat(file);
    expect(timed).toHaveLength(20);
    for (const one of timed) {
      expect(one).toMatchObject({
        op: "stat",
        lane: "default",
        backend: "pool",
      });
      expect(one.waitMs).toBeGreaterThanOrEqual(0);
      expect(one.runMs).toBeGreaterThanOrEqual(0);
    }
    stop();
    stop();
    expect(eio.stats().sampledEvery).toBe(64);
    for (let i = 0; i < 32; i++) await eio.promises.stat(file);
    expect(timed).toHaveLength(20);
  });

  it("with all: false delivers only those that are timed anyhow", async () => {
    const eio = make();
    let timed = 0;
    eio.onTimed(() => timed++, { all: false });
    for (let i = 0; i < 256; i++) await eio.nop();
    expect(timed).toBe(4);
  });

  it("takes functions only", () => {
    expect(() => make().onTimed(null as never)).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }),
    );
  });

  it.each([
    "eio.onTimed(() => { throw new Error('of the listener'); })",
    "eio.onSlow(() => { throw new Error('of the listener'); }, { afterMs: 0 })",
    "eio.onSlow(() => {}, { afterMs: 0, keep: () => { throw new Error('of the listener'); } })",
  ])("keeps from the caller what is thrown by %s", (listen) => {
    const program = `
      const { createEio } = await import(${JSON.stringify(entry)});
      const eio = createEio({ backend: "pool" });
      ${listen};
      process.on("uncaughtException", ({ message }) => console.log("caught", message));
      console.log(await eio.nop(), (await eio.promises.stat(".")).isDirectory());
      await eio.close();`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "--eval", program],
      { encoding: "utf8" },
    );
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n").sort()).toEqual([
      "caught of the listener",
      "caught of the listener",
      "undefined true",
    ]);
  });
});

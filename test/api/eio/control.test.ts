// Who polls, how much at once, in which order results are delivered, and doors beside each other.
import fs from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { makeDoor, makeInstance } from "../../helpers/eio-door.ts";
import { loadNative } from "../../../src/backends/native.ts";
import type { EioDoor } from "../../helpers/eio-door.ts";

/** All requests done, none delivered. */
async function done(door: EioDoor, count: number): Promise<void> {
  while (door.npending() < count)
    await new Promise((resolve) => setImmediate(resolve));
}

/** The messages of what was not caught meanwhile, or right behind. */
async function uncaughtDuring(run: () => Promise<void>): Promise<string[]> {
  const caught: string[] = [];
  const note = (error: Error): void => void caught.push(error.message);
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", note);
  try {
    await run();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("uncaughtException", note);
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
  return caught;
}

describe("without init", () => {
  it("the loop delivers what is done", async () => {
    const door = makeDoor();
    const request = await new Promise((resolve) => door.nop(0, resolve));
    expect(request).toMatchObject({ type: "nop", result: 0 });
  });

  it("poll delivers at once what is done", async () => {
    const door = makeDoor();
    const said: string[] = [];
    door.grp(() => void said.push("grp"));
    expect(door.poll()).toBe(0);
    expect(said).toEqual(["grp"]);
    await door.flush();
  });

  it("what a callback throws is an uncaught exception, and the others are delivered", async () => {
    const door = makeDoor();
    let delivered = 0;
    const caught = await uncaughtDuring(async () => {
      door.nop(0, () => {
        throw new Error("thrown by a callback");
      });
      door.nop(0, () => void delivered++);
      await door.flush();
    });
    expect([caught, delivered]).toEqual([["thrown by a callback"], 1]);
  });
});

describe("flush and poll_wait", () => {
  it("resolve when everything is delivered, also where callbacks throw: that is an uncaught exception", async () => {
    const door = makeDoor();
    door.init();
    door.max_outstanding(2);
    let delivered = 0;
    const submit = (message: string): void =>
      void door.nop(0, () => {
        delivered++;
        throw new Error(message);
      });
    const caught = await uncaughtDuring(async () => {
      for (const name of ["one", "two", "three"]) submit(name);
      await door.poll_wait();
      expect(delivered).toBeGreaterThan(0);
      for (const name of ["four", "five"]) submit(name);
      await door.flush();
    });
    expect(delivered).toBe(5);
    expect(caught.sort()).toEqual(["five", "four", "one", "three", "two"]);
    // Of a poll of the caller's own it is thrown, as before.
    submit("six");
    await door.poll_wait();
    expect(() => door.poll()).toThrow("six");
  });
});

describe("poll", () => {
  it("delivers nothing by itself, and reports each edge once", async () => {
    const door = makeDoor();
    const said: string[] = [];
    door.init(
      () => void said.push("want"),
      () => void said.push("done"),
    );
    for (let i = 0; i < 3; i++) door.nop(0, () => void said.push("nop"));
    await done(door, 3);
    await new Promise((resolve) => setImmediate(resolve));
    expect(said).toEqual(["want"]);
    expect([door.nreqs(), door.npending(), door.nready()]).toEqual([3, 3, 0]);
    expect(door.poll()).toBe(0);
    expect(said).toEqual(["want", "nop", "nop", "done", "nop"]);
    expect([door.nreqs(), door.npending()]).toEqual([0, 0]);
    expect(door.poll()).toBe(0);
  });

  it("returns -1 each time the limit of requests is reached", async () => {
    const door = makeDoor();
    door.init();
    door.set_max_poll_reqs(2);
    let delivered = 0;
    for (let i = 0; i < 5; i++) door.nop(0, () => void delivered++);
    await done(door, 5);
    const results = [door.poll(), door.poll(), door.poll()];
    expect([results, delivered]).toEqual([[-1, -1, 0], 5]);
    door.set_max_poll_reqs(0);
    for (let i = 0; i < 5; i++) door.nop();
    await done(door, 5);
    expect(door.poll()).toBe(0);
  });

  it("a group that waits for its members is not counted", async () => {
    const door = makeDoor();
    door.init();
    door.set_max_poll_reqs(1);
    const said: string[] = [];
    const grp = door.grp(() => void said.push("grp"));
    door.grp_add(
      grp,
      door.nop(0, () => void said.push("nop")),
    );
    await done(door, 2);
    expect(door.poll()).toBe(-1);
    expect(said).toEqual(["nop", "grp"]);
    expect(door.poll()).toBe(0);
  });

  it("returns -1 at the limit of time, after one callback at least", async () => {
    const door = makeDoor();
    door.init();
    door.set_max_poll_time(1e-6);
    let delivered = 0;
    for (let i = 0; i < 3; i++) door.nop(0, () => void delivered++);
    await done(door, 3);
    expect([door.poll(), delivered]).toEqual([-1, 1]);
    door.set_max_poll_time(0);
    expect([door.poll(), delivered]).toEqual([0, 3]);
  });

  it("stops at the first callback that returns a number other than 0", async () => {
    const door = makeDoor();
    door.init();
    const said: string[] = [];
    const say = (name: string, result?: unknown) => (): unknown => {
      said.push(name);
      return result;
    };
    door.nop(4, say("zero", 0));
    door.nop(3, say("text", "7"));
    door.nop(2, say("promise", Promise.resolve(7)));
    door.nop(1, say("five", 5));
    door.nop(0, say("below", -3));
    door.nop(-1, say("last"));
    await done(door, 6);
    expect([door.poll(), said.length]).toEqual([5, 4]);
    expect([door.poll(), said.length]).toEqual([-3, 5]);
    expect([door.poll(), said.length]).toEqual([0, 6]);
  });

  it("a group's callback may return one, too: its member's counts first", async () => {
    const door = makeDoor();
    door.init();
    const grp = door.grp(() => 4);
    door.grp_add(
      grp,
      door.nop(0, () => 3),
    );
    await done(door, 2);
    expect(door.poll()).toBe(3);
    const other = door.grp(() => 4);
    door.grp_add(other, door.nop());
    await done(door, 2);
    expect(door.poll()).toBe(4);
  });

  it("throws what a callback throws; the rest waits for the next", async () => {
    const door = makeDoor();
    door.init();
    const said: string[] = [];
    const grp = door.grp(() => void said.push("grp"));
    const req = door.nop(1, () => {
      throw new Error("from the callback");
    });
    door.grp_add(grp, req);
    door.nop(0, () => void said.push("rest"));
    await done(door, 3);
    expect(() => door.poll()).toThrow("from the callback");
    expect(said).toEqual(["grp"]);
    expect(door.poll()).toBe(0);
    expect(said).toEqual(["grp", "rest"]);
  });

  it("delivers by priority, first in first out within one", async () => {
    const door = makeDoor({ ageing: false, maxParallel: 1 });
    door.init();
    door.set_max_parallel(0);
    const said: string[] = [];
    for (const name of ["a", "b"])
      for (const pri of [-4, 0, 4, -9, 9])
        door.nop(pri, (r) => void said.push(`${r.pri}${name}`));
    door.set_min_parallel(1);
    await done(door, 10);
    door.poll();
    expect(said).toEqual([
      "4a",
      "4a",
      "4b",
      "4b",
      "0a",
      "0b",
      "-4a",
      "-4a",
      "-4b",
      "-4b",
    ]);
  });

  it("refuses calls from either edge", async () => {
    const door = makeDoor();
    const codes: unknown[] = [];
    const tryIt = (): void => {
      try {
        door.nop();
      } catch (error) {
        codes.push((error as { code: string }).code);
      }
    };
    door.init(tryIt, tryIt);
    door.grp();
    door.poll();
    expect(codes).toEqual(["ERR_EIO_REENTRANT", "ERR_EIO_REENTRANT"]);
    await door.flush();
  });
});

describe("the priority of the next request", () => {
  it("is for one request, and an explicit one comes before it", async () => {
    const door = makeDoor();
    expect(door.aioreq_pri(3)).toBe(0);
    expect(door.aioreq_pri()).toBe(3);
    const pris = [door.nop().pri, door.nop().pri];
    door.pri(2);
    pris.push(door.nop(-1).pri, door.nop().pri);
    expect(pris).toEqual([3, 0, -1, 0]);
    await door.flush();
  });
  it("is lowered by nice, from its current value", async () => {
    const door = makeDoor();
    door.aioreq_pri(3);
    expect(door.aioreq_nice(1)).toBe(3);
    expect(door.nop().pri).toBe(2);
    door.nice(-2);
    door.nice(-3);
    expect(door.nop().pri).toBe(4);
    expect(() => door.pri("3" as never)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }),
    );
    await door.flush();
  });
});

describe("workers", () => {
  it("min raises the ceiling, max lowers it, 0 pauses", async () => {
    const instance = makeInstance({ maxParallel: 2 });
    const door = instance.eio;
    door.set_min_parallel(1);
    expect(instance.limits.maxParallel).toBe(2);
    door.set_min_parallel(3);
    expect(instance.limits.maxParallel).toBe(3);
    door.set_max_parallel(5);
    expect(instance.limits.maxParallel).toBe(3);
    door.set_max_parallel(0);
    let delivered = 0;
    door.nop(0, () => void delivered++);
    await new Promise((resolve) => setImmediate(resolve));
    expect([delivered, door.nready(), door.nreqs()]).toEqual([0, 1, 1]);
    door.set_min_parallel(2);
    await door.flush();
    expect([delivered, door.nthreads() > 0]).toEqual([1, true]);
    door.set_max_idle(1);
    door.set_idle_timeout(0.5);
    expect(instance.limits).toMatchObject({ maxIdle: 1, idleTimeoutMs: 500 });
  });
  it.each([
    ["set_max_parallel", -1],
    ["set_min_parallel", 1.5],
    ["set_max_idle", "1"],
    ["set_idle_timeout", -1],
    ["set_max_poll_time", NaN],
    ["set_max_poll_reqs", -1],
    ["max_outstanding", -1],
    ["min_fdlimit", "many"],
    ["init", 1],
  ])("%s(%s) is misuse", (name, value) => {
    const door = makeDoor() as unknown as Record<string, (v: unknown) => void>;
    expect(() => door[name]!(value)).toThrow(
      /ERR_(OUT_OF_RANGE|INVALID_ARG_TYPE)|must be/,
    );
  });
  it("min_fdlimit leaves a limit that is high enough", () => {
    const door = makeDoor();
    let result: unknown;
    try {
      result = door.min_fdlimit(64);
    } catch (error) {
      result = (error as { code: string }).code;
    }
    // Without native code it says so.
    expect([true, "ENOSYS"]).toContain(result);
  });
});

describe("waiting", () => {
  afterEach(() => vi.restoreAllMocks());
  it("poll_wait ends when something is there to poll", async () => {
    const door = makeDoor();
    door.init();
    await door.poll_wait();
    door.nop();
    await door.poll_wait();
    expect(door.npending()).toBe(1);
    await door.poll_wait();
    expect(door.poll_cb()).toBe(0);
  });
  it("more than max_outstanding make it poll and go on", async () => {
    const door = makeDoor();
    door.init();
    door.max_outstanding(2);
    let delivered = 0;
    for (let i = 0; i < 10; i++) door.nop(0, () => void delivered++);
    await door.poll_wait();
    expect(delivered).toBeGreaterThanOrEqual(8);
    await door.flush();
    expect(delivered).toBe(10);
  });
  it("poll_fileno is a descriptor where only poll delivers", async () => {
    const door = makeDoor();
    const code = "ERR_EIO_POLL_FD";
    expect(() => door.poll_fileno()).toThrow(expect.objectContaining({ code }));
    door.init();
    if (loadNative().addon === null)
      return expect(() => door.poll_fileno()).toThrow(
        expect.objectContaining({ code }),
      );
    const fd = door.poll_fileno();
    expect(fs.readlinkSync(`/proc/self/fd/${fd}`)).toMatch(/^anon_inode/);
    await door.flush();
  });
});

describe("several doors", () => {
  it("do not affect each other", async () => {
    const [one, two] = [makeDoor(), makeDoor()];
    one.init();
    let delivered = 0;
    one.nop(0, () => void delivered++);
    await new Promise((resolve) => two.nop(0, resolve));
    await done(one, 1);
    expect([delivered, two.nreqs(), one.nreqs()]).toEqual([0, 0, 1]);
    two.pri(4);
    expect(one.nop().pri).toBe(0);
    await one.flush();
    await two.flush();
    expect(delivered).toBe(1);
  });

  it("init leaves the instance's other doors as they were", async () => {
    const instance = makeInstance();
    instance.eio.init();
    instance.eio.nop();
    await done(instance.eio, 1);
    expect(typeof (await instance.promises.stat("."))).toBe("object");
    expect(instance.nreqs).toBe(0);
    expect(instance.eio.nreqs()).toBe(1);
    await instance.eio.flush();
  });

  it("reinit forgets what was submitted", async () => {
    const door = makeDoor();
    door.init();
    let delivered = 0;
    door.nop(0, () => void delivered++);
    door.reinit();
    expect(door.nreqs()).toBe(0);
    door.nop(0, () => void (delivered += 10));
    await door.flush();
    expect(delivered).toBe(10);
  });

  it("closing one delivers what it still has", async () => {
    const instance = makeInstance();
    instance.eio.init();
    let delivered = 0;
    instance.eio.nop(0, () => void delivered++);
    await instance.close();
    expect(delivered).toBe(1);
  });
});

it("submit takes a request in fields", async () => {
  const door = makeDoor();
  const request = await new Promise((resolve) =>
    door.submit({ type: "stat", args: ["."], pri: 2, cb: resolve, data: 5 }),
  );
  expect(request).toMatchObject({ type: "stat", result: 0, pri: 2, data: 5 });
  expect(() => door.submit({ type: "no such" })).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_ARG_VALUE" }),
  );
});

it("the macros of eio.h read a request", async () => {
  const door = makeDoor();
  const req = door.stat(".");
  await door.flush();
  expect(door.RESULT(req)).toBe(0);
  expect(door.STAT_BUF(req).isDirectory()).toBe(true);
  expect(door.BUF(req)).toBe(req.ptr2);
  expect(door.PATH(req)).toBe(".");
});

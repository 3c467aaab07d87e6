// Manual mode: results are delivered by poll() alone, which returns what libeio's returns; the order of results.
import { readdirSync, readlinkSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { ECANCELED } from "../../src/request/request.ts";
import {
  callRogue,
  leftovers,
  nothing,
  prepare,
  send,
  turn,
  until,
} from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";
import { Watched, closeWatched, endable, ready } from "../helpers/watched.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const file = folder.file("file", "content");
afterEach(closeWatched);

/** Empty for the descriptor by which the folder was listed: it is closed by now. */
function leadsTo(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}

describe("in manual mode", () => {
  it("nothing is delivered before poll()", async () => {
    const { engine } = new Watched();
    const sent = [send(engine, "nop"), send(engine, "slurp", { path: file })];
    await until(() => engine.npending === 2);
    for (let i = 0; i < 10; i++) await turn();
    expect(sent.map(({ settled }) => settled)).toEqual([0, 0]);
    expect(engine.nreqs).toBe(2);
    expect(engine.poll()).toBe(0);
    expect(sent.map(({ settled }) => settled)).toEqual([1, 1]);
    expect(String(sent[1]!.request.value)).toBe("content");
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("a value that arrives as a message waits for poll(), too", async () => {
    const { engine } = new Watched();
    const large = folder.file("large", Buffer.alloc(3 << 20, 5));
    const sent = send(engine, "slurp", { path: large });
    await until(() => engine.npending === 1);
    expect(sent.settled).toBe(0);
    expect(engine.poll()).toBe(0);
    expect((sent.request.value as Buffer).length).toBe(3 << 20);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("a signal and a deadline end a request at the next poll, running or not", async () => {
    const { engine } = new Watched();
    const controller = new AbortController();
    const running = gate.block(engine, { ends: controller });
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    const aborted = send(engine, "nop", { ends: controller });
    const late = send(engine, "nop", { ends: { timeout: 1 } });
    await until(() => engine.npending === 1);
    controller.abort();
    const sent = [running, aborted, late];
    expect(engine.npending).toBe(3);
    expect(sent.map(({ settled }) => settled)).toEqual([0, 0, 0]);
    expect(engine.poll()).toBe(0);
    expect(sent.map(({ settled }) => settled)).toEqual([1, 1, 1]);
    for (const { request } of sent) expect(request.result).toBe(ECANCELED);
    await gate.release();
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("a signal ends a request that is done but not polled, and its descriptor is closed", async () => {
    const { engine } = new Watched();
    const controller = new AbortController();
    const ends = { signal: controller.signal };
    const opened = send(engine, "open", { path: file, ends });
    await until(() => engine.npending === 1);
    // Off the ring, as one of the results.
    engine.collect();
    controller.abort();
    expect(engine.poll()).toBe(0);
    expect(opened.request.result).toBe(ECANCELED);
    await until(() => engine.orphans === 0 && engine.freeSlots === 1024);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("more requests than slots take several polls", async () => {
    const { engine } = new Watched({ slots: 16 });
    const sent = Array.from({ length: 40 }, () => send(engine, "nop"));
    await until(() => {
      engine.poll();
      return engine.nreqs === 0;
    });
    expect(sent.every(({ settled }) => settled === 1)).toBe(true);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("all requests run before the first poll, even when the last results and the last slots meet", async () => {
    const { engine } = new Watched();
    const { slots } = engine.memory.sizes;
    for (let round = 0; round < 120; round++) {
      const count = slots + 1 + ((round * 37) % 600);
      for (let i = 0; i < count; i++) send(engine, "nop");
      await until(() => engine.npending === count);
      while (engine.poll() !== 0);
    }
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("all requests run before the first poll, however many there are", async () => {
    const { engine } = new Watched();
    const sent = Array.from({ length: 5000 }, () => send(engine, "nop"));
    await until(() => engine.npending === 5000);
    expect(engine.nready).toBe(0);
    expect(engine.nreqs).toBe(5000);
    expect(sent.every(({ settled }) => settled === 0)).toBe(true);
    expect(engine.poll()).toBe(0);
    expect(sent.every(({ settled }) => settled === 1)).toBe(true);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("requests that wait for a worker run when the first is done, polled or not", async () => {
    const watched = new Watched({ slots: 2 });
    const { engine } = watched;
    const blocked = gate.block(engine);
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    const file1 = folder.file("first", "first");
    const sent = Array.from({ length: 20 }, () =>
      send(engine, "slurp", { path: file1 }),
    );
    await gate.release();
    await until(() => engine.npending === 21);
    expect(watched.edges).toBe("W");
    expect(blocked.settled).toBe(0);
    expect(engine.poll()).toBe(0);
    for (const { request } of sent) expect(String(request.value)).toBe("first");
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("values stay right and in order when results give their slots to others", async () => {
    const { engine } = new Watched({ slots: 16 });
    const delivered: number[] = [];
    const names = Array.from({ length: 60 }, (_, i) => `content ${i}`);
    const sent = names.map((text, i) => {
      const one = prepare("slurp", { path: folder.file(`of-${i}`, text) });
      const { settle } = one.request;
      one.request.settle = (request) => {
        delivered.push(i);
        return settle(request);
      };
      engine.submit(one.request);
      return one;
    });
    await until(() => engine.npending === 60);
    expect(engine.poll()).toBe(0);
    expect(sent.map(({ request }) => String(request.value))).toEqual(names);
    expect(delivered).toEqual(names.map((_, i) => i));
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("a descriptor that gave its slot away is closed when its request is ended", async () => {
    const { engine } = new Watched({ slots: 16 });
    const controller = new AbortController();
    const ends = { signal: controller.signal };
    const opened = Array.from({ length: 40 }, () =>
      send(engine, "open", { path: file, ends }),
    );
    await until(() => engine.npending === 40);
    const held = (): number =>
      readdirSync("/proc/self/fd").filter((fd) => leadsTo(fd) === file).length;
    expect(held()).toBe(40);
    controller.abort();
    expect(engine.poll()).toBe(0);
    for (const { request } of opened) expect(request.result).toBe(ECANCELED);
    await until(() => engine.orphans === 0 && engine.freeSlots === 16);
    expect(held()).toBe(0);
  });

  it("close() waits until all is polled", async () => {
    const { engine } = new Watched();
    const sent = send(engine, "nop");
    let closed = false;
    const closing = engine.close().then(() => (closed = true));
    await until(() => engine.npending === 1);
    for (let i = 0; i < 5; i++) await turn();
    expect(closed).toBe(false);
    expect(engine.poll()).toBe(0);
    await closing;
    expect(sent.settled).toBe(1);
  });
});

describe("poll()", () => {
  it("returns 0 when there is nothing", () => {
    expect(new Watched().engine.poll()).toBe(0);
  });

  it("returns -1 whenever maxPollReqs results were delivered, as libeio does", async () => {
    const watch = new Watched({ maxPollReqs: 2 });
    const delivered: string[] = [];
    for (const name of ["a", "b", "c", "d", "e"]) watch.send(delivered, name);
    await watch.done(5);
    const returned = [1, 2, 3, 4].map(() => watch.engine.poll());
    expect(returned).toEqual([-1, -1, 0, 0]);
    expect(delivered.join("")).toBe("abcde");
    watch.send(delivered, "f");
    watch.send(delivered, "g");
    await watch.done(2);
    expect([watch.engine.poll(), watch.engine.poll()]).toEqual([-1, 0]);
  });

  it("returns -1 when the time is up, which it checks after each result", async () => {
    const watch = new Watched({ maxPollTimeMs: 1 });
    const delivered: string[] = [];
    const slow = (): void => {
      const endMs = performance.now() + 2;
      while (performance.now() < endMs);
    };
    for (const name of ["a", "b", "c"]) watch.send(delivered, name, 4, slow);
    await watch.done(3);
    expect(watch.engine.poll()).toBe(-1);
    expect(delivered).toEqual(["a"]);
    expect([watch.engine.poll(), watch.engine.poll()]).toEqual([-1, -1]);
    expect(watch.engine.poll()).toBe(0);
  });

  it("stops at the first number other than 0 that a callback returns, and returns it", async () => {
    const watch = new Watched();
    const delivered: string[] = [];
    const values = [0, undefined, Promise.resolve(3), "4", NaN, 7, -5];
    values.forEach((value, i) => watch.send(delivered, `${i}`, 4, value));
    watch.send(delivered, "last");
    await watch.done(8);
    const { engine } = watch;
    expect([engine.poll(), engine.poll(), engine.poll()]).toEqual([7, -5, 0]);
    expect(delivered.join("")).toBe("0123456last");
  });

  it("throws what a callback throws, and keeps the rest for the next poll", async () => {
    const watch = new Watched();
    const delivered: string[] = [];
    watch.send(delivered, "a");
    watch.send(delivered, "b", 4, () => {
      throw new Error("of b");
    });
    watch.send(delivered, "c");
    await watch.done(3);
    expect(() => watch.engine.poll()).toThrow("of b");
    expect(delivered).toEqual(["a", "b"]);
    expect(watch.engine.npending).toBe(1);
    expect(watch.engine.poll()).toBe(0);
    expect(delivered).toEqual(["a", "b", "c"]);
    expect(leftovers(watch.engine)).toEqual(nothing);
  });
});

describe("results are delivered", () => {
  const levels = [0, 8, 4, 2, 8, 0, 6, 4];
  const sorted = [8, 8, 6, 4, 4, 2, 0, 0];

  it.each(["auto", "manual"] as const)(
    "by priority, in order within one (%s)",
    async (poll) => {
      const watch = new Watched({ poll });
      const delivered: string[] = [];
      await ready(watch.engine);
      levels.forEach((level, i) =>
        watch.send(delivered, `${level}.${i}`, level),
      );
      watch.engine.flush();
      while (watch.engine.npending < levels.length);
      if (poll === "manual") watch.engine.poll();
      else await until(() => watch.engine.nreqs === 0);
      expect(delivered.map((name) => Number(name.split(".")[0]))).toEqual(
        sorted,
      );
      expect(delivered.filter((name) => name.startsWith("8"))).toEqual([
        "8.1",
        "8.4",
      ]);
    },
  );

  it.each(["auto", "manual"] as const)(
    "by priority among those that need no backend, too (%s)",
    async (poll) => {
      const watch = new Watched({ poll });
      const { engine } = watch;
      const delivered: string[] = [];
      await ready(engine);
      watch.send(delivered, "mid", 4);
      watch.send(delivered, "low", 0);
      engine.flush();
      while (engine.npending < 2);
      engine.end(endable(delivered, "top", 8), 0);
      engine.end(endable(delivered, "mid2", 4), 0);
      expect([engine.nreqs, engine.npending, delivered]).toEqual([4, 4, []]);
      if (poll === "manual") engine.poll();
      else await until(() => engine.nreqs === 0);
      expect(delivered[0]).toBe("top");
      expect(delivered[3]).toBe("low");
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("in a turn of the loop, within its limits", async () => {
    const { engine } = new Watched({ poll: "auto", maxPollReqs: 2 });
    const delivered: string[] = [];
    for (const [i, level] of [0, 4, 8].entries())
      engine.end(endable(delivered, `${i}`, level), 0);
    await turn();
    expect(delivered).toEqual(["2", "1"]);
    await turn();
    expect(delivered).toEqual(["2", "1", "0"]);
  });
});

it("in automatic mode poll() delivers what is done now, and the loop the rest", async () => {
  const watch = new Watched({ poll: "auto", maxPollReqs: 2 });
  const { engine } = watch;
  await ready(engine);
  const delivered: string[] = [];
  for (const name of ["a", "b", "c"]) watch.send(delivered, name);
  engine.flush();
  while (engine.npending < 3);
  expect([engine.poll(), delivered.join("")]).toEqual([-1, "ab"]);
  await until(() => engine.nreqs === 0);
  expect(delivered.join("")).toBe("abc");
  const custom = send(engine, "custom", callRogue("echo"));
  await custom.done;
  expect(watch.edges).toBe("");
});

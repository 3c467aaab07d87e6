// Manual mode: nothing is told but by poll(), which answers what libeio's answers; the order of results.
import { readdirSync, readlinkSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { ECANCELED } from "../../src/request/request.ts";
import {
  ask,
  callRogue,
  leftovers,
  nothing,
  prepare,
  turn,
  until,
} from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";
import { Watched, closeWatched, endable, ready } from "../helpers/watched.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const file = folder.file("file", "content");
afterEach(closeWatched);

/** The descriptor that the folder was listed by is closed by now. */
function leadsTo(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}

describe("in manual mode", () => {
  it("nothing is told before poll()", async () => {
    const { engine } = new Watched();
    const asked = [ask(engine, "nop"), ask(engine, "slurp", { path: file })];
    await until(() => engine.npending === 2);
    for (let i = 0; i < 10; i++) await turn();
    expect(asked.map(({ settled }) => settled)).toEqual([0, 0]);
    expect(engine.nreqs).toBe(2);
    expect(engine.poll()).toBe(0);
    expect(asked.map(({ settled }) => settled)).toEqual([1, 1]);
    expect(String(asked[1]!.request.value)).toBe("content");
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("a value that comes as a message waits for poll(), too", async () => {
    const { engine } = new Watched();
    const large = folder.file("large", Buffer.alloc(3 << 20, 5));
    const asked = ask(engine, "slurp", { path: large });
    await until(() => engine.npending === 1);
    expect(asked.settled).toBe(0);
    expect(engine.poll()).toBe(0);
    expect((asked.request.value as Buffer).length).toBe(3 << 20);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("a signal and a deadline end a request at the next poll, running or not", async () => {
    const { engine } = new Watched();
    const controller = new AbortController();
    const running = gate.block(engine, { ends: controller });
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    const aborted = ask(engine, "nop", { ends: controller });
    const late = ask(engine, "nop", { ends: { timeout: 1 } });
    await until(() => engine.npending === 1);
    controller.abort();
    const asked = [running, aborted, late];
    expect(engine.npending).toBe(3);
    expect(asked.map(({ settled }) => settled)).toEqual([0, 0, 0]);
    expect(engine.poll()).toBe(0);
    expect(asked.map(({ settled }) => settled)).toEqual([1, 1, 1]);
    for (const { request } of asked) expect(request.result).toBe(ECANCELED);
    await gate.release();
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("a signal ends what is done and was not polled, and its descriptor is closed", async () => {
    const { engine } = new Watched();
    const controller = new AbortController();
    const ends = { signal: controller.signal };
    const opened = ask(engine, "open", { path: file, ends });
    await until(() => engine.npending === 1);
    // Off the ring, as one of the results.
    engine.collect();
    controller.abort();
    expect(engine.poll()).toBe(0);
    expect(opened.request.result).toBe(ECANCELED);
    await until(() => engine.orphans === 0 && engine.freeSlots === 1024);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("more than there are slots take several polls", async () => {
    const { engine } = new Watched({ slots: 16 });
    const asked = Array.from({ length: 40 }, () => ask(engine, "nop"));
    await until(() => {
      engine.poll();
      return engine.nreqs === 0;
    });
    expect(asked.every(({ settled }) => settled === 1)).toBe(true);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("all is run before the first poll, also when the last results and the last slots meet", async () => {
    const { engine } = new Watched();
    const { slots } = engine.memory.sizes;
    for (let round = 0; round < 400; round++) {
      const count = slots + 1 + ((round * 37) % 600);
      for (let i = 0; i < count; i++) ask(engine, "nop");
      await until(() => engine.npending === count);
      while (engine.poll() !== 0);
    }
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("all is run before the first poll, however much it is", async () => {
    const { engine } = new Watched();
    const asked = Array.from({ length: 5000 }, () => ask(engine, "nop"));
    await until(() => engine.npending === 5000);
    expect(engine.nready).toBe(0);
    expect(engine.nreqs).toBe(5000);
    expect(asked.every(({ settled }) => settled === 0)).toBe(true);
    expect(engine.poll()).toBe(0);
    expect(asked.every(({ settled }) => settled === 1)).toBe(true);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("what waits for a worker is run after the first is done, polled or not", async () => {
    const watched = new Watched({ slots: 2 });
    const { engine } = watched;
    const blocked = gate.block(engine);
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    const file1 = folder.file("first", "first");
    const asked = Array.from({ length: 20 }, () =>
      ask(engine, "slurp", { path: file1 }),
    );
    await gate.release();
    await until(() => engine.npending === 21);
    expect(watched.edges).toBe("W");
    expect(blocked.settled).toBe(0);
    expect(engine.poll()).toBe(0);
    for (const { request } of asked)
      expect(String(request.value)).toBe("first");
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("values stay right, and in order, where results give their slots to others", async () => {
    const { engine } = new Watched({ slots: 16 });
    const told: number[] = [];
    const names = Array.from({ length: 60 }, (_, i) => `content ${i}`);
    const asked = names.map((text, i) => {
      const one = prepare("slurp", { path: folder.file(`of-${i}`, text) });
      const { settle } = one.request;
      one.request.settle = (request) => {
        told.push(i);
        return settle(request);
      };
      engine.submit(one.request);
      return one;
    });
    await until(() => engine.npending === 60);
    expect(engine.poll()).toBe(0);
    expect(asked.map(({ request }) => String(request.value))).toEqual(names);
    expect(told).toEqual(names.map((_, i) => i));
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("a descriptor that gave its slot away is closed when its request is ended", async () => {
    const { engine } = new Watched({ slots: 16 });
    const controller = new AbortController();
    const ends = { signal: controller.signal };
    const opened = Array.from({ length: 40 }, () =>
      ask(engine, "open", { path: file, ends }),
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
    const asked = ask(engine, "nop");
    let closed = false;
    const closing = engine.close().then(() => (closed = true));
    await until(() => engine.npending === 1);
    for (let i = 0; i < 5; i++) await turn();
    expect(closed).toBe(false);
    expect(engine.poll()).toBe(0);
    await closing;
    expect(asked.settled).toBe(1);
  });
});

describe("poll() answers", () => {
  it("0 when there is nothing", () => {
    expect(new Watched().engine.poll()).toBe(0);
  });

  it("-1 whenever maxPollReqs are told, as libeio does", async () => {
    const watch = new Watched({ maxPollReqs: 2 });
    const told: string[] = [];
    for (const name of ["a", "b", "c", "d", "e"]) watch.ask(told, name);
    await watch.done(5);
    const answers = [1, 2, 3, 4].map(() => watch.engine.poll());
    expect(answers).toEqual([-1, -1, 0, 0]);
    expect(told.join("")).toBe("abcde");
    watch.ask(told, "f");
    watch.ask(told, "g");
    await watch.done(2);
    expect([watch.engine.poll(), watch.engine.poll()]).toEqual([-1, 0]);
  });

  it("-1 when the time is over, which is looked at after each", async () => {
    const watch = new Watched({ maxPollTimeMs: 1 });
    const told: string[] = [];
    const slow = (): void => {
      const endMs = performance.now() + 2;
      while (performance.now() < endMs);
    };
    for (const name of ["a", "b", "c"]) watch.ask(told, name, 4, slow);
    await watch.done(3);
    expect(watch.engine.poll()).toBe(-1);
    expect(told).toEqual(["a"]);
    expect([watch.engine.poll(), watch.engine.poll()]).toEqual([-1, -1]);
    expect(watch.engine.poll()).toBe(0);
  });

  it("the first number other than 0 that a callback answers, and stops there", async () => {
    const watch = new Watched();
    const told: string[] = [];
    const answers = [0, undefined, Promise.resolve(3), "4", NaN, 7, -5];
    answers.forEach((answer, i) => watch.ask(told, `${i}`, 4, answer));
    watch.ask(told, "last");
    await watch.done(8);
    const { engine } = watch;
    expect([engine.poll(), engine.poll(), engine.poll()]).toEqual([7, -5, 0]);
    expect(told.join("")).toBe("0123456last");
  });

  it("nothing when a callback throws: that goes to whoever polls, and the rest stays", async () => {
    const watch = new Watched();
    const told: string[] = [];
    watch.ask(told, "a");
    watch.ask(told, "b", 4, () => {
      throw new Error("of b");
    });
    watch.ask(told, "c");
    await watch.done(3);
    expect(() => watch.engine.poll()).toThrow("of b");
    expect(told).toEqual(["a", "b"]);
    expect(watch.engine.npending).toBe(1);
    expect(watch.engine.poll()).toBe(0);
    expect(told).toEqual(["a", "b", "c"]);
    expect(leftovers(watch.engine)).toEqual(nothing);
  });
});

describe("results are told", () => {
  const levels = [0, 8, 4, 2, 8, 0, 6, 4];
  const sorted = [8, 8, 6, 4, 4, 2, 0, 0];

  it.each(["auto", "manual"] as const)(
    "by priority, in order within one (%s)",
    async (poll) => {
      const watch = new Watched({ poll });
      const told: string[] = [];
      await ready(watch.engine);
      levels.forEach((level, i) => watch.ask(told, `${level}.${i}`, level));
      watch.engine.flush();
      while (watch.engine.npending < levels.length);
      if (poll === "manual") watch.engine.poll();
      else await until(() => watch.engine.nreqs === 0);
      expect(told.map((name) => Number(name.split(".")[0]))).toEqual(sorted);
      expect(told.filter((name) => name.startsWith("8"))).toEqual([
        "8.1",
        "8.4",
      ]);
    },
  );

  it.each(["auto", "manual"] as const)(
    "those that need no backend among them (%s)",
    async (poll) => {
      const watch = new Watched({ poll });
      const { engine } = watch;
      const told: string[] = [];
      await ready(engine);
      watch.ask(told, "mid", 4);
      watch.ask(told, "low", 0);
      engine.flush();
      while (engine.npending < 2);
      engine.end(endable(told, "top", 8), 0);
      engine.end(endable(told, "mid2", 4), 0);
      expect([engine.nreqs, engine.npending, told]).toEqual([4, 4, []]);
      if (poll === "manual") engine.poll();
      else await until(() => engine.nreqs === 0);
      expect(told[0]).toBe("top");
      expect(told[3]).toBe("low");
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("in a turn of the loop, within its limits", async () => {
    const { engine } = new Watched({ poll: "auto", maxPollReqs: 2 });
    const told: string[] = [];
    for (const [i, level] of [0, 4, 8].entries())
      engine.end(endable(told, `${i}`, level), 0);
    await turn();
    expect(told).toEqual(["2", "1"]);
    await turn();
    expect(told).toEqual(["2", "1", "0"]);
  });
});

it("in automatic mode poll() tells what is done now, and the loop the rest", async () => {
  const watch = new Watched({ poll: "auto", maxPollReqs: 2 });
  const { engine } = watch;
  await ready(engine);
  const told: string[] = [];
  for (const name of ["a", "b", "c"]) watch.ask(told, name);
  engine.flush();
  while (engine.npending < 3);
  expect([engine.poll(), told.join("")]).toEqual([-1, "ab"]);
  await until(() => engine.nreqs === 0);
  expect(told.join("")).toBe("abc");
  const custom = ask(engine, "custom", callRogue("echo"));
  await custom.done;
  expect(watch.edges).toBe("");
});

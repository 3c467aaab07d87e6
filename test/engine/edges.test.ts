// wantPoll and donePoll, once each per edge, and what callbacks of a poll may call.
import { afterEach, describe, expect, it } from "vitest";
import { ECANCELED } from "../../src/request/request.ts";
import { leftovers, nothing, prepare, until } from "../helpers/engine.ts";
import { Watched, closeWatched, endable, ready } from "../helpers/watched.ts";

afterEach(closeWatched);

describe("the edges", () => {
  it("are told once each, however many results there are", async () => {
    const watch = new Watched();
    const { engine } = watch;
    const told: string[] = [];
    for (let i = 0; i < 20; i++) watch.ask(told, "x");
    await until(() => watch.edges !== "");
    await watch.done(20);
    expect(watch.edges).toBe("W");
    expect(engine.poll()).toBe(0);
    expect(watch.edges).toBe("WD");
    expect(engine.poll()).toBe(0);
    expect(watch.edges).toBe("WD");
    watch.ask(told, "y");
    await until(() => watch.edges === "WDW");
    engine.poll();
    expect(watch.edges).toBe("WDWD");
  });

  it("come as a pair where poll() finds what nobody was told of", async () => {
    const watch = new Watched();
    await ready(watch.engine);
    watch.edges = "";
    watch.ask([], "x");
    watch.engine.flush();
    while (watch.engine.npending < 1);
    watch.engine.poll();
    expect(watch.edges).toBe("WD");
  });

  it("are at the queue: donePoll comes before the last callback, as libeio's", async () => {
    const watch = new Watched();
    const seen: string[] = [];
    for (let i = 0; i < 3; i++)
      watch.ask([], "x", 4, () => void seen.push(watch.edges));
    await watch.done(3);
    watch.engine.poll();
    expect(seen).toEqual(["W", "W", "WD"]);
  });

  it("are not told while a limit leaves some", async () => {
    const watch = new Watched({ maxPollReqs: 1 });
    const told: string[] = [];
    for (let i = 0; i < 3; i++) watch.ask(told, "x");
    await watch.done(3);
    watch.engine.poll();
    watch.engine.poll();
    expect(watch.edges).toBe("W");
    watch.engine.poll();
    expect(watch.edges).toBe("WD");
  });

  it("are told at once for what needs no backend", () => {
    const watch = new Watched();
    const told: string[] = [];
    watch.engine.end(endable(told, "x"), -22);
    expect([watch.edges, told]).toEqual(["W", []]);
    watch.engine.poll();
    expect([watch.edges, told]).toEqual(["WD", ["x"]]);
  });

  it("may not call the library", async () => {
    const refused: unknown[] = [];
    const attempt = (call: () => unknown): void => {
      try {
        void call();
      } catch (error) {
        refused.push((error as NodeJS.ErrnoException).code);
      }
    };
    const told: string[] = [];
    const calls = (): void => {
      const { engine } = watch;
      attempt(() => engine.submit(endable(told, "x")));
      attempt(() => engine.end(endable(told, "x"), 0));
      attempt(() => engine.cancel(asked.request, null));
      attempt(() => engine.cancelSoftly(asked.request));
      attempt(() => engine.reprioritise(asked.request, 1));
      attempt(() => engine.poll());
      attempt(() => engine.flush());
      attempt(() => engine.close());
    };
    const watch = new Watched({ wantPoll: calls, donePoll: calls });
    const asked = watch.ask(told, "asked");
    await until(() => refused.length === 8);
    watch.engine.poll();
    expect(refused).toEqual(new Array(16).fill("ERR_EIO_REENTRANT"));
    expect(told).toEqual(["asked"]);
    expect(leftovers(watch.engine)).toEqual(nothing);
  });
});

describe("a callback of a poll may", () => {
  it("poll: the inner one tells the rest", async () => {
    const watch = new Watched();
    const told: string[] = [];
    const answers: number[] = [];
    watch.ask(told, "a", 4, () => void answers.push(watch.engine.poll()));
    watch.ask(told, "b");
    watch.ask(told, "c");
    await watch.done(3);
    expect(watch.engine.poll()).toBe(0);
    expect([told, answers]).toEqual([["a", "b", "c"], [0]]);
    expect(watch.edges).toBe("WD");
    watch.ask(told, "d");
    await until(() => watch.edges === "WDW");
  });

  it("submit: what it submits is told by a later poll", async () => {
    const watch = new Watched();
    const told: string[] = [];
    watch.ask(told, "a", 4, () => void watch.ask(told, "b"));
    await watch.done(1);
    expect(watch.engine.poll()).toBe(0);
    expect(told).toEqual(["a"]);
    await until(() => watch.edges === "WDW");
    watch.engine.poll();
    expect(told).toEqual(["a", "b"]);
  });

  it("end another: that is told by the same poll", async () => {
    const watch = new Watched();
    const told: string[] = [];
    const { engine } = watch;
    watch.ask(told, "a", 4, () => engine.end(endable(told, "b"), 0));
    await watch.done(1);
    expect(engine.poll()).toBe(0);
    expect([told, watch.edges]).toEqual([["a", "b"], "WD"]);
  });

  it("end another and stop the poll: that is announced", async () => {
    const watch = new Watched();
    const told: string[] = [];
    const { engine } = watch;
    watch.ask(told, "a", 4, () => (engine.end(endable(told, "b"), 0), 1));
    await watch.done(1);
    expect(engine.poll()).toBe(1);
    expect([told, watch.edges]).toEqual([["a"], "WDW"]);
    expect(engine.poll()).toBe(0);
  });

  it("close the instance: the rest is told first", async () => {
    const watch = new Watched({ maxPollReqs: 1 });
    const told: string[] = [];
    let closing: Promise<void> | undefined;
    watch.ask(told, "a", 4, () => void (closing = watch.engine.close()));
    watch.ask(told, "b");
    await watch.done(2);
    watch.engine.poll();
    expect(() => watch.ask(told, "c")).toThrow("closed");
    watch.engine.poll();
    await closing;
    expect(told).toEqual(["a", "b"]);
  });

  it("cancel another that is done: it is told as cancelled", async () => {
    const watch = new Watched();
    const told: string[] = [];
    const { engine } = watch;
    const first = prepare("nop", { level: 8 });
    const second = prepare("nop");
    first.request.settle = () => void engine.cancel(second.request, "why");
    engine.submit(first.request);
    engine.submit(second.request);
    await watch.done(2);
    engine.poll();
    expect(second.request).toMatchObject({ result: ECANCELED, reason: "why" });
    expect(second.settled).toBe(1);
    expect(told).toEqual([]);
    expect(leftovers(engine)).toEqual(nothing);
  });
});

// wantPoll and donePoll, each called once per edge, and what the callbacks of a poll may call.
import { afterEach, describe, expect, it } from "vitest";
import { ECANCELED } from "../../src/request/request.ts";
import { leftovers, nothing, prepare, until } from "../helpers/engine.ts";
import { Watched, closeWatched, endable, ready } from "../helpers/watched.ts";

afterEach(closeWatched);

describe("wantPoll and donePoll", () => {
  it("are called once each, however many results there are", async () => {
    const watch = new Watched();
    const { engine } = watch;
    const delivered: string[] = [];
    for (let i = 0; i < 20; i++) watch.send(delivered, "x");
    await until(() => watch.edges !== "");
    await watch.done(20);
    expect(watch.edges).toBe("W");
    expect(engine.poll()).toBe(0);
    expect(watch.edges).toBe("WD");
    expect(engine.poll()).toBe(0);
    expect(watch.edges).toBe("WD");
    watch.send(delivered, "y");
    await until(() => watch.edges === "WDW");
    engine.poll();
    expect(watch.edges).toBe("WDWD");
  });

  it("are called as a pair when poll() finds results that were not announced", async () => {
    const watch = new Watched();
    await ready(watch.engine);
    watch.edges = "";
    watch.send([], "x");
    watch.engine.flush();
    while (watch.engine.npending < 1);
    watch.engine.poll();
    expect(watch.edges).toBe("WD");
  });

  it("follow the queue: donePoll comes before the last callback, as in libeio", async () => {
    const watch = new Watched();
    const seen: string[] = [];
    for (let i = 0; i < 3; i++)
      watch.send([], "x", 4, () => void seen.push(watch.edges));
    await watch.done(3);
    watch.engine.poll();
    expect(seen).toEqual(["W", "W", "WD"]);
  });

  it("are not called while a limit leaves some results", async () => {
    const watch = new Watched({ maxPollReqs: 1 });
    const delivered: string[] = [];
    for (let i = 0; i < 3; i++) watch.send(delivered, "x");
    await watch.done(3);
    watch.engine.poll();
    watch.engine.poll();
    expect(watch.edges).toBe("W");
    watch.engine.poll();
    expect(watch.edges).toBe("WD");
  });

  it("are called at once for requests that need no backend", () => {
    const watch = new Watched();
    const delivered: string[] = [];
    watch.engine.end(endable(delivered, "x"), -22);
    expect([watch.edges, delivered]).toEqual(["W", []]);
    watch.engine.poll();
    expect([watch.edges, delivered]).toEqual(["WD", ["x"]]);
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
    const delivered: string[] = [];
    const calls = (): void => {
      const { engine } = watch;
      attempt(() => engine.submit(endable(delivered, "x")));
      attempt(() => engine.end(endable(delivered, "x"), 0));
      attempt(() => engine.cancel(sent.request, null));
      attempt(() => engine.cancelSoftly(sent.request));
      attempt(() => engine.reprioritise(sent.request, 1));
      attempt(() => engine.poll());
      attempt(() => engine.flush());
      attempt(() => engine.close());
    };
    const watch = new Watched({ wantPoll: calls, donePoll: calls });
    const sent = watch.send(delivered, "sent");
    await until(() => refused.length === 8);
    watch.engine.poll();
    expect(refused).toEqual(new Array(16).fill("ERR_EIO_REENTRANT"));
    expect(delivered).toEqual(["sent"]);
    expect(leftovers(watch.engine)).toEqual(nothing);
  });
});

describe("a callback of a poll", () => {
  it("may poll, and the inner poll delivers the rest", async () => {
    const watch = new Watched();
    const delivered: string[] = [];
    const results: number[] = [];
    watch.send(delivered, "a", 4, () => void results.push(watch.engine.poll()));
    watch.send(delivered, "b");
    watch.send(delivered, "c");
    await watch.done(3);
    expect(watch.engine.poll()).toBe(0);
    expect([delivered, results]).toEqual([["a", "b", "c"], [0]]);
    expect(watch.edges).toBe("WD");
    watch.send(delivered, "d");
    await until(() => watch.edges === "WDW");
  });

  it("may submit a request, which a later poll delivers", async () => {
    const watch = new Watched();
    const delivered: string[] = [];
    watch.send(delivered, "a", 4, () => void watch.send(delivered, "b"));
    await watch.done(1);
    expect(watch.engine.poll()).toBe(0);
    expect(delivered).toEqual(["a"]);
    await until(() => watch.edges === "WDW");
    watch.engine.poll();
    expect(delivered).toEqual(["a", "b"]);
  });

  it("may end another request, which the same poll delivers", async () => {
    const watch = new Watched();
    const delivered: string[] = [];
    const { engine } = watch;
    watch.send(delivered, "a", 4, () => engine.end(endable(delivered, "b"), 0));
    await watch.done(1);
    expect(engine.poll()).toBe(0);
    expect([delivered, watch.edges]).toEqual([["a", "b"], "WD"]);
  });

  it("may end another request and stop the poll, which wantPoll announces", async () => {
    const watch = new Watched();
    const delivered: string[] = [];
    const { engine } = watch;
    watch.send(
      delivered,
      "a",
      4,
      () => (engine.end(endable(delivered, "b"), 0), 1),
    );
    await watch.done(1);
    expect(engine.poll()).toBe(1);
    expect([delivered, watch.edges]).toEqual([["a"], "WDW"]);
    expect(engine.poll()).toBe(0);
  });

  it("may close the instance, which waits until the rest is delivered", async () => {
    const watch = new Watched({ maxPollReqs: 1 });
    const delivered: string[] = [];
    let closing: Promise<void> | undefined;
    watch.send(delivered, "a", 4, () => void (closing = watch.engine.close()));
    watch.send(delivered, "b");
    await watch.done(2);
    watch.engine.poll();
    expect(() => watch.send(delivered, "c")).toThrow("closed");
    watch.engine.poll();
    await closing;
    expect(delivered).toEqual(["a", "b"]);
  });

  it("may cancel another request that is done, which settles as cancelled", async () => {
    const watch = new Watched();
    const delivered: string[] = [];
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
    expect(delivered).toEqual([]);
    expect(leftovers(engine)).toEqual(nothing);
  });
});

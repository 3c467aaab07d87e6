// libeio's cancel: a request that has not begun does not run, a running one goes on, and each is delivered
// once, later.
import { afterEach, describe, expect, it } from "vitest";
import { ECANCELED } from "../../src/request/request.ts";
import { leftovers, nothing, send, turn, until } from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";
import { Watched, closeWatched } from "../helpers/watched.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
afterEach(closeWatched);
const ONE = { maxParallel: 1, share: 1, apart: false };

describe("a soft cancel", () => {
  it.each(["auto", "manual"] as const)(
    "of a waiting request delivers it later, with ECANCELED (%s)",
    async (poll) => {
      const { engine } = new Watched({ poll, lanes: { one: ONE } });
      const before = gate.block(engine, { laneName: "one" });
      const sent = send(engine, "nop", { laneName: "one" });
      engine.cancelSoftly(sent.request);
      engine.cancelSoftly(sent.request);
      expect([sent.settled, engine.nreqs, engine.npending]).toEqual([0, 2, 1]);
      await gate.release();
      if (poll === "manual") await until(() => engine.npending === 2);
      else await before.done;
      if (poll === "manual") expect(engine.poll()).toBe(0);
      else await sent.done;
      expect([sent.settled, sent.request.result]).toEqual([1, ECANCELED]);
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("of a queued request keeps it from running", async () => {
    const { engine } = new Watched({ poll: "auto" });
    const blocked = gate.block(engine);
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    const made = folder.join("never");
    const sent = send(engine, "mkdir", { path: made, a: 0o777 });
    await turn();
    engine.cancelSoftly(sent.request);
    await gate.release();
    await Promise.all([blocked.done, sent.done]);
    expect(sent.request.result).toBe(ECANCELED);
    const { existsSync } = await import("node:fs");
    expect(existsSync(made)).toBe(false);
  });

  it("of a running request lets it run and deliver its result", async () => {
    const { engine } = new Watched({ poll: "auto" });
    const blocked = gate.block(engine);
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    engine.cancelSoftly(blocked.request);
    for (let i = 0; i < 5; i++) await turn();
    expect(blocked.settled).toBe(0);
    await gate.release();
    expect((await blocked.done).result).toBe(0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("of a request that is done or delivered changes nothing", async () => {
    const watch = new Watched();
    const sent = watch.send([], "x");
    await watch.done(1);
    watch.engine.cancelSoftly(sent.request);
    expect(sent.settled).toBe(0);
    watch.engine.poll();
    watch.engine.cancelSoftly(sent.request);
    expect([sent.settled, sent.request.result]).toEqual([1, 0]);
  });
});

// libeio's cancel: what has not begun does not run, what runs goes on, and each is told once, later.
import { afterEach, describe, expect, it } from "vitest";
import { ECANCELED } from "../../src/request/request.ts";
import { ask, leftovers, nothing, turn, until } from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";
import { Watched, closeWatched } from "../helpers/watched.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
afterEach(closeWatched);
const ONE = { maxParallel: 1, share: 1, apart: false };

describe("a soft cancel", () => {
  it.each(["auto", "manual"] as const)(
    "of one that waits tells it later, with ECANCELED (%s)",
    async (poll) => {
      const { engine } = new Watched({ poll, lanes: { one: ONE } });
      const before = gate.block(engine, { laneName: "one" });
      const asked = ask(engine, "nop", { laneName: "one" });
      engine.cancelSoftly(asked.request);
      engine.cancelSoftly(asked.request);
      expect([asked.settled, engine.nreqs, engine.npending]).toEqual([0, 2, 1]);
      await gate.release();
      if (poll === "manual") await until(() => engine.npending === 2);
      else await before.done;
      if (poll === "manual") expect(engine.poll()).toBe(0);
      else await asked.done;
      expect([asked.settled, asked.request.result]).toEqual([1, ECANCELED]);
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("of one that has not begun does not run it", async () => {
    const { engine } = new Watched({ poll: "auto" });
    const blocked = gate.block(engine);
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    const made = folder.join("never");
    const asked = ask(engine, "mkdir", { path: made, a: 0o777 });
    await turn();
    engine.cancelSoftly(asked.request);
    await gate.release();
    await Promise.all([blocked.done, asked.done]);
    expect(asked.request.result).toBe(ECANCELED);
    const { existsSync } = await import("node:fs");
    expect(existsSync(made)).toBe(false);
  });

  it("of one that runs lets it run, and tells what became of it", async () => {
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

  it("of one that is done, or told, changes nothing", async () => {
    const watch = new Watched();
    const asked = watch.ask([], "x");
    await watch.done(1);
    watch.engine.cancelSoftly(asked.request);
    expect(asked.settled).toBe(0);
    watch.engine.poll();
    watch.engine.cancelSoftly(asked.request);
    expect([asked.settled, asked.request.result]).toEqual([1, 0]);
  });
});

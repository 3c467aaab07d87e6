// Back-pressure: whatever is full, slots, rings or the arena, requests wait in order and all get their
// turn, however the ones before them end.
import fs from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { errnoOf } from "../../src/request/errors.ts";
import { READY, READY_OTHERS } from "../helpers/limits.ts";
import {
  ask,
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  result,
  setLimits,
  until,
  type Asked,
  type Registers,
} from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const large = folder.file("large", Buffer.alloc(40_000, 7));
afterEach(closeEngines);

const all = (asked: { done: Promise<unknown> }[]): Promise<unknown[]> =>
  Promise.all(asked.map(({ done }) => done));

describe("requests wait", () => {
  it.each([16, 64, 1024])("for one of %d slots", async (slots) => {
    const engine = makeEngine({ slots });
    const asked = Array.from({ length: slots * 3 + 1 }, () =>
      ask(engine, "nop"),
    );
    await all(asked);
    expect(asked.every(({ settled }) => settled === 1)).toBe(true);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it.each([
    [0, READY_OTHERS],
    [4, READY],
    [8, READY_OTHERS],
  ])("for room on the ring of level %d", async (level, ready) => {
    const engine = makeEngine({ maxParallel: 0 });
    const asked = Array.from({ length: ready + 10 }, () =>
      ask(engine, "nop", { level }),
    );
    await until(() => engine.freeSlots < 1024);
    expect(engine.freeSlots).toBe(1024 - ready);
    expect(engine.nready).toBe(ready + 10);
    setLimits(engine, { maxParallel: 2 });
    await all(asked);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("for room in the arena", async () => {
    const engine = makeEngine({ arenaBytes: 1 << 20 });
    const data = Buffer.alloc(600_000, 1);
    const asked = Array.from({ length: 20 }, (_, i) =>
      ask(engine, "spew", {
        path: folder.join(`w${i}`),
        data,
        a: 0o1101,
        b: 0o600,
      }),
    );
    const results = await Promise.all(asked.map(({ done }) => done));
    expect(results.map(({ result }) => result)).toEqual(Array(20).fill(0));
    expect(leftovers(engine)).toEqual(nothing);
  });

  it.each([16, 1024])(
    "behind results that are moved, with %d slots",
    async (slots) => {
      const engine = makeEngine({ slots });
      const asked = Array.from({ length: 700 }, () =>
        ask(engine, "slurp", { path: large }),
      );
      const done = await Promise.all(asked.map(({ done }) => done));
      for (const { value } of done)
        expect((value as Buffer).byteLength).toBe(40_000);
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("while an earlier one of too long a path fails by itself", async () => {
    const engine = makeEngine();
    const path = "x".repeat(10_000);
    const before = ask(engine, "nop");
    const asked = ask(engine, "stat", { path });
    const after = ask(engine, "nop");
    expect(asked.settled).toBe(0);
    expect((await asked.done).result).toBe(errnoOf("ENAMETOOLONG"));
    await all([before, after]);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("and what is more than a chunk, and has to be copied, fails by itself", async () => {
    const engine = makeEngine();
    const data = Buffer.alloc((1 << 20) + 1);
    // With a deadline the caller may have the memory back early, so it is never written from in place.
    const ends = { timeout: 60_000 };
    expect(await result(engine, "write", { fd: -1, data, ends })).toBe(
      errnoOf("ENOBUFS"),
    );
    expect(leftovers(engine)).toEqual(nothing);
  });
});

/** What workers run writes its level to a file: the order of running, whatever that of telling is. */
class Log {
  readonly #path = folder.file("log");
  readonly fd = fs.openSync(this.#path, "a");

  write(level: number, mark = level): Registers {
    return { fd: this.fd, data: Buffer.from([mark]), level };
  }

  /** What was written, once. */
  read(): number[] {
    fs.closeSync(this.fd);
    return [...fs.readFileSync(this.#path)];
  }
}

describe("priorities", () => {
  it("decide who goes first, among those not begun", async () => {
    const engine = makeEngine({ maxParallel: 1, slots: 16 });
    const blocked = gate.block(engine);
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    const log = new Log();
    const asked = [0, 4, 8, 4, 0, 8].map((level) =>
      ask(engine, "write", log.write(level)),
    );
    await gate.release();
    await all([blocked, ...asked]);
    expect(log.read()).toEqual([8, 8, 4, 4, 0, 0]);
  });

  it("can be changed while a request waits, and not later", async () => {
    const engine = makeEngine({ maxParallel: 1, slots: 16 });
    const blocked = gate.block(engine);
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    const fill = Array.from({ length: 15 }, () => ask(engine, "nop"));
    await until(() => engine.freeSlots === 0);
    const log = new Log();
    const [low, high] = [1, 2].map((mark) =>
      ask(engine, "write", log.write(0, mark)),
    ) as [Asked, Asked];
    expect(engine.reprioritise(high.request, 8)).toBe(true);
    expect(engine.reprioritise(fill[0]!.request, 8)).toBe(false);
    await gate.release();
    await all([blocked, low, high, ...fill]);
    expect(log.read()).toEqual([2, 1]);
    expect(engine.reprioritise(high.request, 0)).toBe(false);
  });

  it.each([true, false])(
    "with ageing %s, a worker lets lower rings in or not",
    async (ageing) => {
      const engine = makeEngine({ maxParallel: 1, ageing });
      const blocked = gate.block(engine);
      await until(() => engine.nthreads === 1 && engine.nready === 0);
      const log = new Log();
      const asked = [8, 4, 0].flatMap((level) =>
        Array.from({ length: READY_OTHERS }, () =>
          ask(engine, "write", log.write(level)),
        ),
      );
      await until(() => engine.freeSlots < 1024 - 3 * READY_OTHERS);
      await gate.release();
      await all([blocked, ...asked]);
      const early = new Set(log.read().slice(0, READY_OTHERS));
      expect([...early].sort()).toEqual(ageing ? [0, 4, 8] : [8]);
    },
  );
});

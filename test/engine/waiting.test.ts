// Back-pressure: whether slots, rings or the arena are full, requests wait in order and all get their turn,
// however the ones before them end.
import fs from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { errnoOf } from "../../src/request/errors.ts";
import { READY, READY_OTHERS } from "../helpers/limits.ts";
import {
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  result,
  send,
  setLimits,
  until,
  type Registers,
  type Sent,
} from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const large = folder.file("large", Buffer.alloc(40_000, 7));
afterEach(closeEngines);

const all = (sent: { done: Promise<unknown> }[]): Promise<unknown[]> =>
  Promise.all(sent.map(({ done }) => done));

describe("requests wait", () => {
  it.each([16, 64, 1024])("for one of %d slots", async (slots) => {
    const engine = makeEngine({ slots });
    const sent = Array.from({ length: slots * 3 + 1 }, () =>
      send(engine, "nop"),
    );
    await all(sent);
    expect(sent.every(({ settled }) => settled === 1)).toBe(true);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it.each([
    [0, READY_OTHERS],
    [4, READY],
    [8, READY_OTHERS],
  ])("for room on the ring of level %d", async (level, ready) => {
    const engine = makeEngine({ maxParallel: 0 });
    const sent = Array.from({ length: ready + 10 }, () =>
      send(engine, "nop", { level }),
    );
    await until(() => engine.freeSlots < 1024);
    expect(engine.freeSlots).toBe(1024 - ready);
    expect(engine.nready).toBe(ready + 10);
    setLimits(engine, { maxParallel: 2 });
    await all(sent);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("for room in the arena", async () => {
    const engine = makeEngine({ arenaBytes: 1 << 20 });
    const data = Buffer.alloc(600_000, 1);
    const sent = Array.from({ length: 20 }, (_, i) =>
      send(engine, "spew", {
        path: folder.join(`w${i}`),
        data,
        a: 0o1101,
        b: 0o600,
      }),
    );
    const results = await Promise.all(sent.map(({ done }) => done));
    expect(results.map(({ result }) => result)).toEqual(Array(20).fill(0));
    expect(leftovers(engine)).toEqual(nothing);
  });

  it.each([16, 1024])(
    "behind results that are moved, with %d slots",
    async (slots) => {
      const engine = makeEngine({ slots });
      const sent = Array.from({ length: 700 }, () =>
        send(engine, "slurp", { path: large }),
      );
      const done = await Promise.all(sent.map(({ done }) => done));
      for (const { value } of done)
        expect((value as Buffer).byteLength).toBe(40_000);
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("while an earlier one fails because its path is too long", async () => {
    const engine = makeEngine();
    const path = "x".repeat(10_000);
    const before = send(engine, "nop");
    const sent = send(engine, "stat", { path });
    const after = send(engine, "nop");
    expect(sent.settled).toBe(0);
    expect((await sent.done).result).toBe(errnoOf("ENAMETOOLONG"));
    await all([before, after]);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("but fail with ENOBUFS when they need more than a chunk for a copy", async () => {
    const engine = makeEngine();
    const data = Buffer.alloc((1 << 20) + 1);
    // With a timeout the caller may get the memory back early, so it is never written from in place.
    const ends = { timeout: 60_000 };
    expect(await result(engine, "write", { fd: -1, data, ends })).toBe(
      errnoOf("ENOBUFS"),
    );
    expect(leftovers(engine)).toEqual(nothing);
  });
});

/** Workers write each request's level to a file: the order of running, whatever that of delivery is. */
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
  it("decide which queued request runs first", async () => {
    const engine = makeEngine({ maxParallel: 1, slots: 16 });
    const blocked = gate.block(engine);
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    const log = new Log();
    const sent = [0, 4, 8, 4, 0, 8].map((level) =>
      send(engine, "write", log.write(level)),
    );
    await gate.release();
    await all([blocked, ...sent]);
    expect(log.read()).toEqual([8, 8, 4, 4, 0, 0]);
  });

  it("can be changed while a request waits, but not later", async () => {
    const engine = makeEngine({ maxParallel: 1, slots: 16 });
    const blocked = gate.block(engine);
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    const fill = Array.from({ length: 15 }, () => send(engine, "nop"));
    await until(() => engine.freeSlots === 0);
    const log = new Log();
    const [low, high] = [1, 2].map((mark) =>
      send(engine, "write", log.write(0, mark)),
    ) as [Sent, Sent];
    expect(engine.reprioritise(high.request, 8)).toBe(true);
    expect(engine.reprioritise(fill[0]!.request, 8)).toBe(false);
    await gate.release();
    await all([blocked, low, high, ...fill]);
    expect(log.read()).toEqual([2, 1]);
    expect(engine.reprioritise(high.request, 0)).toBe(false);
  });

  it.each([true, false])(
    "let lower rings in only with ageing (%s)",
    async (ageing) => {
      const engine = makeEngine({ maxParallel: 1, ageing });
      const blocked = gate.block(engine);
      await until(() => engine.nthreads === 1 && engine.nready === 0);
      const log = new Log();
      const sent = [8, 4, 0].flatMap((level) =>
        Array.from({ length: READY_OTHERS }, () =>
          send(engine, "write", log.write(level)),
        ),
      );
      await until(() => engine.freeSlots < 1024 - 3 * READY_OTHERS);
      await gate.release();
      await all([blocked, ...sent]);
      const early = new Set(log.read().slice(0, READY_OTHERS));
      expect([...early].sort()).toEqual(ageing ? [0, 4, 8] : [8]);
    },
  );
});

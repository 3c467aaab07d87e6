// Priorities with a long queue: what is urgent overtakes everything that is still waiting, whatever
// its own priority, and nothing starves. One worker, held by a gate: the order is what is checked.
import { afterEach, describe, expect, it } from "vitest";
import {
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  send,
  until,
  type Sent,
} from "../helpers/engine.ts";
import { Gate, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const data = folder.file("data", Buffer.alloc(4096, 1));
afterEach(closeEngines);

const BULK = 10_000;
const TOP = 8;

describe("with 10,000 bulk reads queued", () => {
  it.each([0, 1, 4, 5, 7])(
    "of level %d, an urgent stat is the next to run",
    async (level) => {
      const engine = makeEngine({ maxParallel: 1 });
      const held = gate.block(engine);
      await until(() => engine.nthreads === 1 && engine.nready === 0);
      const order: string[] = [];
      const note = (name: string, submitted: Sent): Sent => {
        void submitted.done.then(() => order.push(name));
        return submitted;
      };
      const bulk = Array.from({ length: BULK }, () =>
        note("bulk", send(engine, "slurp", { path: data, level })),
      );
      await until(() => engine.freeSlots < 1024 - 32);
      const urgent = note(
        "urgent",
        send(engine, "stat", { path: data, level: TOP }),
      );
      engine.flush();
      await gate.release();
      await urgent.done;
      await Promise.all([held, ...bulk].map(({ done }) => done));
      expect(order[0]).toBe("urgent");
      expect(bulk.every(({ request }) => request.result >= 0)).toBe(true);
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("no bulk read starves under a flood of urgent ones", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const held = gate.block(engine);
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    let bulkDone = 0;
    let flooding = true;
    const bulk = Array.from({ length: 300 }, () => {
      const submitted = send(engine, "slurp", { path: data, level: 0 });
      void submitted.done.then(() => bulkDone++);
      return submitted;
    });
    // As many urgent ones at any time as there is room for, until the bulk is done.
    const flood = async (): Promise<void> => {
      while (flooding) await send(engine, "nop", { level: TOP }).done;
    };
    const floods = Array.from({ length: 600 }, flood);
    await gate.release();
    await until(() => bulkDone === bulk.length);
    flooding = false;
    await Promise.all([held.done, ...floods]);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("a full ring of aged requests keeps no urgent one back", async () => {
    const engine = makeEngine({ maxParallel: 1 });
    const held = gate.block(engine);
    await until(() => engine.nthreads === 1 && engine.nready === 0);
    const bulk = Array.from({ length: 1000 }, () =>
      send(engine, "nop", { level: 0 }),
    );
    engine.flush();
    const handedOut = 1024 - engine.freeSlots;
    // More than the ageing of the queue lets pass before it wants one of the others.
    const urgent = Array.from({ length: 66 }, () =>
      send(engine, "nop", { level: 6 }),
    );
    engine.flush();
    const last = send(engine, "nop", { level: TOP });
    engine.flush();
    expect(1024 - engine.freeSlots).toBe(handedOut + 64 + 1);
    await gate.release();
    await Promise.all([held, last, ...urgent, ...bulk].map(({ done }) => done));
    expect(leftovers(engine)).toEqual(nothing);
  });
});

// Groups of promises: what a cancel ends, what a dispose waits for, what is inherited, and map under
// random delays, failures and cancels.
import fs from "node:fs";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Eio } from "../../../src/api/create.ts";
import { Instance } from "../../../src/api/instance/instance.ts";
import { PRIORITY_MIN } from "../../../src/request/request.ts";
import { Gate, testFolder } from "../../helpers/files.ts";

const instance = new Instance({
  backend: "pool",
  maxParallel: 1,
  minParallel: 1,
});
const eio = new Eio(() => instance);
afterAll(() => eio.close());
const folder = testFolder();
const file = folder.file("file", "content");
const gate = new Gate(folder, "gate");
const turn = (): Promise<void> =>
  new Promise((resolve) => setImmediate(resolve));

/** Holds the only worker: what comes later waits. */
async function held<T>(
  work: (release: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const holding = eio.promises.readFile(gate.path);
  let released = false;
  const release = async (): Promise<void> => {
    if (released) return;
    released = true;
    await gate.release();
    await holding;
  };
  try {
    return await work(release);
  } finally {
    await release();
  }
}

/** The levels at which requests are submitted while `work` runs. */
async function levelsOf(work: () => Promise<unknown>): Promise<number[]> {
  const { engine } = instance;
  const levels: number[] = [];
  const submit = engine.submit.bind(engine);
  engine.submit = (request) => {
    levels.push(request.level + PRIORITY_MIN);
    submit(request);
  };
  try {
    await work();
  } finally {
    Reflect.deleteProperty(engine, "submit");
  }
  return levels;
}

describe("a group", () => {
  it("returns what the door without it returns, and counts", async () => {
    await using group = eio.group();
    const reading = group.promises.readFile(file, "utf8");
    expect(group.pending).toBe(1);
    expect(await reading).toBe("content");
    expect(group.pending).toBe(0);
    await expect(group.promises.stat(folder.join("none"))).rejects.toThrow(
      "ENOENT",
    );
    const handle = await group.promises.open(file);
    expect(await handle.readFile("utf8")).toBe("content");
    await handle.close();
  });

  it("ends all of the tree by a cancel, with the reason, and nothing else", async () => {
    await held(async (release) => {
      const group = eio.group();
      const below = group.group().group();
      const other = eio.promises.readFile(file, "utf8");
      const reads = [
        group.promises.readFile(file),
        below.promises.readFile(file),
      ];
      expect(group.pending).toBe(2);
      const reason = new Error("enough");
      group.cancel(reason);
      for (const read of reads)
        await expect(read).rejects.toMatchObject({
          name: "AbortError",
          cause: reason,
        });
      expect(below.signal.reason).toBe(reason);
      await expect(below.promises.stat(file)).rejects.toMatchObject({
        cause: reason,
      });
      expect(() => group.group()).toThrow("aborted");
      expect(group.pending).toBe(0);
      await group.close();
      await release();
      expect(await other).toBe("content");
    });
  });

  it("leaves the groups above alone", async () => {
    await held(async (release) => {
      await using group = eio.group();
      const below = group.group();
      const [above, ended] = [
        group.promises.stat(file),
        below.promises.stat(file),
      ];
      below.cancel();
      await expect(ended).rejects.toMatchObject({ name: "AbortError" });
      await release();
      expect((await above).size).toBe(7);
    });
  });

  it("is cancelled by a signal, and by a time that is over", async () => {
    await held(async () => {
      const controller = new AbortController();
      const group = eio.group({ signal: controller.signal });
      const read = group.promises.readFile(file);
      controller.abort("stop");
      await expect(read).rejects.toMatchObject({ cause: "stop" });
      await group.close();
      const short = eio.group({ timeout: 1 });
      const given = await short.promises.readFile(file).catch((e: Error) => e);
      expect((given as { cause: Error }).cause.name).toBe("TimeoutError");
      await short.close();
      await expect(
        eio.group({ signal: AbortSignal.abort() }).promises.stat(file),
      ).rejects.toMatchObject({ name: "AbortError" });
    });
  });

  it("hands priorities down", async () => {
    const levels = await levelsOf(async () => {
      await using group = eio.group({ priority: 3 });
      await group.promises.stat(file);
      await group.group().promises.stat(file);
      await group.group({ priority: -2 }).promises.stat(file);
      await group.promises.stat(file, { priority: 4 } as never);
      await group.promises.stat(file, { priority: 0 } as never);
      await eio.promises.stat(file);
    });
    expect(levels).toEqual([3, 3, -2, 4, 0, 0]);
  });

  it("waits at its end for all that was begun, and then takes nothing more", async () => {
    const order: string[] = [];
    const group = eio.group();
    await held(async (release) => {
      void group.promises.readFile(file).then(() => order.push("read"));
      void group.run(async () => {
        await group.group().promises.stat(file);
        order.push("run");
      });
      const closed = group.close().then(() => order.push("closed"));
      await turn();
      expect(order).toEqual([]);
      await release();
      await closed;
    });
    expect(order.at(-1)).toBe("closed");
    expect(order).toHaveLength(3);
    const late = group.promises.stat(file);
    await expect(late).rejects.toMatchObject({ code: "ERR_EIO_GROUP_CLOSED" });
  });

  it("does not end the process by an unhandled rejection", async () => {
    const seen: unknown[] = [];
    const note = (reason: unknown): void => void seen.push(reason);
    process.on("unhandledRejection", note);
    {
      await using group = eio.group();
      void group.promises.readFile(folder.join("none"));
      void group.map([1], () => Promise.reject(new Error("no")));
    }
    await turn();
    await turn();
    process.off("unhandledRejection", note);
    expect(seen).toEqual([]);
  });

  it("closes a file whose group is cancelled while it is open", async () => {
    const group = eio.group();
    const handle = await group.promises.open(file);
    const { fd } = handle;
    group.cancel();
    await handle.close();
    await group.close();
    expect(() => fs.fstatSync(fd)).toThrow("EBADF");
  });

  it("refuses wrong options in the words of calls", () => {
    expect(() => eio.group({ priority: 9 })).toThrow(
      expect.objectContaining({ code: "ERR_OUT_OF_RANGE" }),
    );
    expect(() => eio.group({ signal: 1 as never })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }),
    );
  });
});

describe("map", () => {
  it("takes the next item when there is room for it, and returns the iterable at the end", async () => {
    let yielded = 0;
    let returned = false;
    function* items(): Generator<number> {
      try {
        for (;;) yield yielded++;
      } finally {
        returned = true;
      }
    }
    await using group = eio.group();
    const release: (() => void)[] = [];
    const mapping = group.map(
      items(),
      (item) =>
        new Promise<void>((resolve, reject) => {
          release.push(item === 5 ? () => reject(new Error("five")) : resolve);
        }),
      { limit: 3 },
    );
    while (release.length < 3) await turn();
    expect(yielded).toBe(3);
    for (let i = 0; i < 6; i++) {
      while (release.length <= i) await turn();
      release[i]!();
    }
    while (!returned) {
      for (const go of release) go();
      await turn();
    }
    await expect(mapping).rejects.toThrow("five");
    expect(yielded).toBeLessThan(10);
  });

  it("cancels the calls of the others when one fails", async () => {
    await held(async () => {
      await using group = eio.group();
      const causes: unknown[] = [];
      const failed = new Error("first");
      const mapping = group.map([0, 1, 2], async (item, _index, inner) => {
        if (item === 2) throw failed;
        await inner.promises.readFile(file).catch((error: Error) => {
          causes.push(error.cause);
          throw error;
        });
      });
      await expect(mapping).rejects.toBe(failed);
      expect(causes).toEqual([failed, failed]);
      expect(group.signal.aborted).toBe(false);
    });
  });

  const never = new Promise<never>(() => {});
  async function* waiting(): AsyncGenerator<string> {
    yield file;
    await never;
  }

  it("rejects at once with what a call failed with while the items wait", async () => {
    const group = eio.group();
    const failed = new Error("failed");
    const mapping = group.map(waiting(), () => Promise.reject(failed));
    await expect(mapping).rejects.toBe(failed);
    await group.close();
    expect(group.pending).toBe(0);
  });

  it.each(["map", "mapSettled"] as const)(
    "%s ends when its group is cancelled while the items wait",
    async (name) => {
      const group = eio.group();
      let read = 0;
      const mapping = group[name](waiting(), async (path, _index, inner) => {
        await inner.promises.stat(path);
        read++;
      });
      while (read === 0) await turn();
      group.cancel("over");
      const settled = await mapping.then(
        () => "fulfilled",
        (error: Error) => error.name,
      );
      expect(settled).toBe(name === "map" ? "AbortError" : "fulfilled");
      await group.close();
      expect(group.pending).toBe(0);
    },
  );

  it.each<[string, () => Iterable<string> | AsyncIterable<string>]>([
    [
      "that cannot begin",
      () => ({
        [Symbol.iterator]: () => {
          throw new Error("no food");
        },
      }),
    ],
    [
      "that fail at once",
      () => ({
        [Symbol.iterator]: () => ({
          next() {
            throw new Error("no food");
          },
        }),
      }),
    ],
    [
      "that fail behind calls under way",
      function* () {
        yield* [file, file, file];
        throw new Error("no food");
      },
    ],
    [
      "that fail when no call is left",
      async function* () {
        yield file;
        while (eio.stats().requests !== 0) await turn();
        throw new Error("no food");
      },
    ],
    [
      "that are rejected",
      () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.reject(new Error("no food")),
        }),
      }),
    ],
  ])("rejects with the error of items %s", async (_title, items) => {
    for (const name of ["map", "mapSettled"] as const)
      for (const limit of [1, 16]) {
        const group = eio.group();
        const mapping = group[name](
          items(),
          (path, _index, inner) => inner.promises.stat(path),
          { limit },
        );
        await expect(mapping).rejects.toThrow("no food");
        await group.close();
        expect(group.pending).toBe(0);
      }
  });

  it("refuses what it cannot go through", async () => {
    await using group = eio.group();
    const refused = { code: "ERR_INVALID_ARG_TYPE" };
    await expect(group.map(1 as never, () => 1)).rejects.toMatchObject(refused);
    await expect(group.map([], 1 as never)).rejects.toMatchObject(refused);
    await expect(group.map([], () => 1, { limit: 0 })).rejects.toMatchObject({
      code: "ERR_OUT_OF_RANGE",
    });
  });

  it("gives ordered results, within the limit, whatever happens", async () => {
    const step = fc.record({
      turns: fc.nat(3),
      fails: fc.boolean(),
      reads: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.option(fc.nat(10)),
        fc.boolean(),
        fc.boolean(),
        async (steps, limit, cancelAt, settled, asynchronous) => {
          const group = eio.group();
          let active = 0;
          let most = 0;
          let begun = 0;
          const work = async (
            { turns, fails, reads }: (typeof steps)[number],
            index: number,
            inner: typeof group,
          ): Promise<number> => {
            active++;
            begun++;
            most = Math.max(most, active);
            try {
              for (let i = 0; i < turns; i++) await turn();
              if (reads) await inner.promises.stat(file);
              if (fails) throw new Error(`failed ${index}`);
              return index;
            } finally {
              active--;
            }
          };
          async function* slowly(): AsyncGenerator<(typeof steps)[number]> {
            for (const one of steps) {
              await turn();
              yield one;
            }
          }
          const items = asynchronous ? slowly() : steps;
          const mapping: Promise<unknown[]> = settled
            ? group.mapSettled(items, work, { limit })
            : group.map(items, work, { limit });
          let over = false;
          const ended = mapping.then(
            (value) => ((over = true), { value }),
            (error: Error) => ((over = true), { error }),
          );
          for (let i = 0; i < (cancelAt ?? -1) && !over; i++) await turn();
          const cancelled = cancelAt !== null && !over;
          if (cancelled) group.cancel("by the test");
          const outcome = await ended;
          expect(active).toBe(0);
          expect(most).toBeLessThanOrEqual(limit);
          await group.close();
          expect(group.pending).toBe(0);
          if (cancelled) return;
          const anyFails = steps.some(({ fails }) => fails);
          if (settled) {
            const values = (
              outcome as { value: PromiseSettledResult<number>[] }
            ).value;
            expect(values.map(({ status }) => status)).toEqual(
              steps.map(({ fails }) => (fails ? "rejected" : "fulfilled")),
            );
          } else if (anyFails) {
            expect((outcome as { error: Error }).error.message).toMatch(
              /^failed \d/,
            );
          } else {
            expect(outcome).toEqual({ value: steps.map((_, i) => i) });
            expect(begun).toBe(steps.length);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

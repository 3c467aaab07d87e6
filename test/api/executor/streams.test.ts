// Streams of an executor: items as they are wanted, in their order, and an end on both sides however it comes.
import { describe, expect, it } from "vitest";
import { Gate, makeExecutor } from "./helpers.ts";

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const numbersTo = (to: number): number[] => [...Array(to).keys()];

describe("stream()", () => {
  it.each([
    ["count", [1000], numbersTo(1000)],
    ["count", [0], []],
    ["slowly", [300], numbersTo(300)],
    ["array", [], [1, 2, 3]],
  ])("reads what %s(%j) returns, item by item", async (name, args, items) => {
    const executor = makeExecutor();
    expect(await collect(executor.stream(name, args))).toEqual(items);
    for (const highWaterMark of [1, 2, 3])
      expect(
        await collect(executor.stream(name, args, { highWaterMark })),
      ).toEqual(items);
    expect(await executor.call("same", [1])).toBe(1);
  });

  it("lets the thread be no further ahead than highWaterMark says", async () => {
    const executor = makeExecutor();
    const { words } = new Gate();
    const stream = executor.stream("count", [1e9, words], {
      highWaterMark: 10,
    });
    let most = 0;
    for (let read = 0; read < 100; read++) {
      await stream.next();
      most = Math.max(most, Atomics.load(words, 0) - read);
    }
    await stream.return();
    // Those on their way, and the one that waits to be sent.
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });

  it("does nothing before the first item is wanted", async () => {
    const executor = makeExecutor();
    executor.stream("count", [10]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(executor.stats()).toMatchObject({ threads: 0, waiting: 0 });
  });

  it("delivers an item before the next one is made", async () => {
    const executor = makeExecutor();
    const gate = new Gate();
    const stream = executor.stream("stepwise", [gate.words]);
    expect(await stream.next()).toEqual({ done: false, value: "first" });
    gate.release();
    expect(await collect(stream)).toEqual(["second"]);
  });

  it("ends the iterator in the thread when the loop is left early", async () => {
    const executor = makeExecutor();
    const { words } = new Gate();
    for await (const i of executor.stream<number>("count", [1e9, words]))
      if (i === 500) break;
    expect(Atomics.load(words, 1)).toBe(1);
    expect(await executor.call("get")).toBe(null);
  });

  it("does not reject when the loop is left early and the function notices by throwIfAborted()", async () => {
    const executor = makeExecutor();
    // An item is sent when it is made, and the next one is begun.
    const options = { highWaterMark: 2 };
    for await (const item of executor.stream("untilAborted", [], options)) {
      expect(item).toBe(1);
      break;
    }
    expect(await executor.call("same", [1])).toBe(1);
  });

  it("rejects with what the iterator throws, after the items before that", async () => {
    const executor = makeExecutor();
    const items: unknown[] = [];
    const reading = (async (): Promise<void> => {
      for await (const item of executor.stream("failing", [200]))
        items.push(item);
    })();
    await expect(reading).rejects.toMatchObject({
      message: "in the middle",
      code: "E_MIDDLE",
    });
    expect(items).toHaveLength(200);
    expect(await executor.call("same", [1])).toBe(1);
  });

  it("rejects with what the iterator throws when it is ended early", async () => {
    const executor = makeExecutor();
    const reading = (async (): Promise<void> => {
      for await (const _ of executor.stream("unclosable")) break;
    })();
    await expect(reading).rejects.toThrow("cannot end");
    expect(await executor.call("same", [1])).toBe(1);
  });

  it("refuses functions that return nothing to iterate over, and items that cannot be sent", async () => {
    const executor = makeExecutor();
    await expect(collect(executor.stream("same", [5]))).rejects.toMatchObject({
      code: "ERR_EIO_CUSTOM",
    });
    await expect(collect(executor.stream("nothing"))).rejects.toMatchObject({
      code: "ERR_EIO_CUSTOM",
    });
    await expect(collect(executor.stream("oddItems"))).rejects.toMatchObject({
      code: "ERR_EIO_UNCLONEABLE",
    });
    expect(() => executor.stream("count", [1], { highWaterMark: 0 })).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }),
    );
    expect(await executor.call("same", [1])).toBe(1);
  });

  it("is over at once when its signal fires, and its thread is reset", async () => {
    const executor = makeExecutor();
    await executor.call("set", ["dirty"]);
    const { words } = new Gate();
    const controller = new AbortController();
    const { signal } = controller;
    const reading = (async (): Promise<void> => {
      for await (const i of executor.stream("count", [1e9, words], { signal }))
        if (i === 300) controller.abort();
    })();
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
    expect(await executor.call("get")).toBe(null);
    expect(Atomics.load(words, 1)).toBe(1);
  });

  it("fails when its thread dies, after the items before that", async () => {
    const executor = makeExecutor();
    const items: unknown[] = [];
    const reading = (async (): Promise<void> => {
      for await (const item of executor.stream("dying", [200], {
        highWaterMark: 20,
      }))
        items.push(item);
    })();
    await expect(reading).rejects.toMatchObject({
      code: "ERR_EIO_WORKER_LOST",
    });
    expect(items.length).toBeGreaterThan(0);
    expect(await executor.call("same", [1])).toBe(1);
  });

  it("fails when its executor is closed and does not wait for it", async () => {
    const executor = makeExecutor({ threads: 1 });
    const session = await executor.session();
    const stream = session.stream("count", [1e9]);
    await stream.next();
    const closed = executor.close({ timeout: 1 });
    await expect(collect(stream)).rejects.toMatchObject({
      code: "ERR_EIO_EXECUTOR_CLOSED",
    });
    await closed;
  });

  it("moves items whose memory is transferred", async () => {
    const executor = makeExecutor();
    const items = await collect(
      executor.stream<Uint8Array>("buffers", [5, 1 << 16]),
    );
    expect(items.map((bytes) => [bytes.length, bytes[7]])).toEqual(
      numbersTo(5).map((i) => [1 << 16, i]),
    );
  });
});

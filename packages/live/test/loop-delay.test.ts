// How late the loop was, from one look to the next.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { expect, it } from "vitest";
import { LoopDelay } from "../src/loop-delay.ts";

it("is what came since it was last read, and nothing where nothing came", async () => {
  const loop = new LoopDelay();
  // As long as it takes for such a monitor of the test's own to see that the loop stood still.
  const own = monitorEventLoopDelay({ resolution: 10 });
  own.enable();
  const turns = async (): Promise<void> => {
    const { count } = own;
    while (own.count < count + 3) await new Promise(setImmediate);
  };
  await turns();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  await turns();
  expect(loop.take().max).toBeGreaterThan(150);
  // No turn of the loop has been in between.
  expect(loop.take()).toEqual({ p50: 0, p99: 0, max: 0 });
  loop.stop();
  own.disable();
});

// What is handed over in one turn, and in which order the results of one turn are delivered.
import { afterEach, expect, it, vi } from "vitest";
import {
  closeEngines,
  makeEngine,
  send,
  type Sent,
} from "../helpers/engine.ts";

afterEach(closeEngines);

it("hands the first request over at once, and those after it together", async () => {
  const engine = makeEngine();
  await send(engine, "nop").done;
  const flush = vi.spyOn(engine.backend, "flush");
  const sent = [send(engine, "nop"), send(engine, "nop"), send(engine, "nop")];
  expect(flush).toHaveBeenCalledTimes(1);
  await Promise.resolve();
  await new Promise(process.nextTick);
  expect(flush).toHaveBeenCalledTimes(2);
  for (const { done } of sent) await done;
});

it("delivers the result of higher priority first when both are done", async () => {
  const engine = makeEngine({ maxParallel: 1 });
  await send(engine, "nop").done;
  const order: number[] = [];
  const done = (count: number): void => {
    while (engine.backend.counts().pending < count);
  };
  const note = ({ request, done }: Sent): Promise<unknown> =>
    done.then(() => order.push(request.level));
  const low = note(send(engine, "nop", { level: 0 }));
  engine.flush();
  done(1);
  const high = note(send(engine, "nop", { level: 8 }));
  engine.flush();
  done(2);
  await Promise.all([low, high]);
  expect(order).toEqual([8, 0]);
});

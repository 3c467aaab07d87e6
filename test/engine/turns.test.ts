// What is handed over in one turn, and in which order results are given that came in one.
import { afterEach, expect, it, vi } from "vitest";
import {
  ask,
  closeEngines,
  makeEngine,
  type Asked,
} from "../helpers/engine.ts";

afterEach(closeEngines);

it("hands the first request over at once, and those behind it together", async () => {
  const engine = makeEngine();
  await ask(engine, "nop").done;
  const flush = vi.spyOn(engine.backend, "flush");
  const asked = [ask(engine, "nop"), ask(engine, "nop"), ask(engine, "nop")];
  expect(flush).toHaveBeenCalledTimes(1);
  await Promise.resolve();
  await new Promise(process.nextTick);
  expect(flush).toHaveBeenCalledTimes(2);
  for (const { done } of asked) await done;
});

it("gives the result of higher priority first where both are there", async () => {
  const engine = makeEngine({ maxParallel: 1 });
  await ask(engine, "nop").done;
  const order: number[] = [];
  const done = (count: number): void => {
    while (engine.backend.counts().pending < count);
  };
  const note = ({ request, done }: Asked): Promise<unknown> =>
    done.then(() => order.push(request.level));
  const low = note(ask(engine, "nop", { level: 0 }));
  engine.flush();
  done(1);
  const high = note(ask(engine, "nop", { level: 8 }));
  engine.flush();
  done(2);
  await Promise.all([low, high]);
  expect(order).toEqual([8, 0]);
});

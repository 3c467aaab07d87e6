// The loop by itself, with a host of the test's own.
import { expect, it } from "vitest";
import { Loop, type Host } from "../../src/engine/polling.ts";
import { turn } from "../helpers/engine.ts";

it("looks in one place only, even when a look queues something", async () => {
  const seen = { looks: 0, armed: 0, disarmed: 0 };
  let undoes = true;
  const host: Host = {
    reap() {
      seen.looks++;
      if (!undoes) return 0;
      undoes = false;
      loop.start();
      return 1;
    },
    busy: () => true,
    wanted: () => false,
    crowded: () => false,
    arm: () => (seen.armed++, true),
    disarm: () => void seen.disarmed++,
  };
  const loop = new Loop(host, 0);
  loop.start();
  for (let i = 0; i < 20; i++) await turn();
  expect(seen).toMatchObject({ armed: 1, disarmed: 0 });
  loop.wake();
  for (let i = 0; i < 20; i++) await turn();
  expect(seen).toMatchObject({ armed: 2, disarmed: 1 });
  loop.stop();
});

it("sleeps at once when workers keep all processors busy", async () => {
  let crowded = false;
  const seen = { looks: 0, armed: 0 };
  const host: Host = {
    reap: () => (seen.looks++, 0),
    busy: () => true,
    wanted: () => false,
    crowded: () => crowded,
    arm: () => (seen.armed++, true),
    disarm: () => {},
  };
  const loop = new Loop(host, 1e9);
  loop.start();
  for (let i = 0; i < 20; i++) await turn();
  expect(seen.armed).toBe(0);
  expect(seen.looks).toBeGreaterThan(10);
  crowded = true;
  for (let i = 0; i < 20; i++) await turn();
  expect(seen.armed).toBe(1);
  loop.stop();
});

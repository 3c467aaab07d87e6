// How long a close waits for what was given up: as long as some of it ends, and not for what hangs. In simulated time, without an engine.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Shutdown } from "../../src/engine/shutdown.ts";

const ORPHANS_MS = 500;
const work = { wantedCount: 0, leftCount: 0, givenUp: 0 };
let shutdown: Shutdown;
let ended: string;

beforeEach(async () => {
  vi.useFakeTimers();
  // Its timers are those of the moment when it is loaded.
  vi.resetModules();
  const { Shutdown } = await import("../../src/engine/shutdown.ts");
  ended = "waits";
  Object.assign(work, { wantedCount: 1, leftCount: 3, givenUp: 0 });
  shutdown = new Shutdown({
    idle: () => work.leftCount === 0,
    get wantedCount() {
      return work.wantedCount;
    },
    get leftCount() {
      return work.leftCount;
    },
    letGo: async () => void (ended = "let go"),
    giveUp: () => void work.givenUp++,
  });
  void shutdown.end().then(() => (ended += ", closed"));
});
afterEach(() => vi.useRealTimers());

function leave(wantedCount: number, leftCount: number): void {
  Object.assign(work, { wantedCount, leftCount });
  shutdown.check();
}

it("waits as long as it takes for what somebody wants", async () => {
  await vi.advanceTimersByTimeAsync(100 * ORPHANS_MS);
  expect(ended).toBe("waits");
  leave(0, 0);
  await vi.advanceTimersByTimeAsync(0);
  expect(ended).toBe("let go, closed");
});

it("waits for given-up requests as long as some of them end", async () => {
  leave(0, 3);
  for (const left of [2, 1]) {
    await vi.advanceTimersByTimeAsync(ORPHANS_MS - 1);
    leave(0, left);
  }
  await vi.advanceTimersByTimeAsync(ORPHANS_MS - 1);
  expect(ended).toBe("waits");
  leave(0, 0);
  await vi.advanceTimersByTimeAsync(0);
  expect(ended).toBe("let go, closed");
  expect(work.givenUp).toBe(0);
});

it("gives up what hangs, however often it is looked at", async () => {
  leave(0, 2);
  for (let ms = 1; ms < ORPHANS_MS; ms++) {
    await vi.advanceTimersByTimeAsync(1);
    shutdown.check();
  }
  expect(ended).toBe("waits");
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toBe("waits, closed");
  expect(work.givenUp).toBe(1);
});

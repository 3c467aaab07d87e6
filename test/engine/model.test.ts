// Random traffic on the engine, over the pool, delivered by the loop or by poll(): whatever is submitted,
// cancelled in either way, re-prioritised, aborted, timed out or killed, every request settles exactly once with a
// result that its history allows, and everything is freed. EIO_SOAK_RUNS and EIO_SOAK_SEED set length and seed.
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Traffic, step } from "../helpers/traffic.ts";
import { todays } from "../helpers/part.ts";

const runs = Number(process.env["EIO_SOAK_RUNS"] ?? 7);
const seeds = process.env["EIO_SOAK_SEED"]
  ? [Number(process.env["EIO_SOAK_SEED"])]
  : todays([1, 2, 3, 5], 2);

const traffic = new Traffic();
afterAll(() => traffic.remove());

describe("every request settles once and every slot is freed", () => {
  it.each(seeds)(
    "with seed %d",
    async (seed) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 10, maxLength: 120 }),
          fc.constantFrom(16, 32, 1024),
          fc.constantFrom("auto" as const, "manual" as const),
          async (steps, slots, poll) => {
            await traffic.run(steps, slots, poll);
          },
        ),
        { seed, numRuns: runs, endOnFailure: runs > 100 },
      );
      expect(traffic.descriptors()).toBe(0);
    },
    runs * 5000,
  );
});

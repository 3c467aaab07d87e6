// The live page's buckets: percentiles close to what they are, and counts that are taken once.
import fc from "fast-check";
import { expect, it } from "vitest";
import { Buckets } from "../src/buckets.ts";

it("has percentiles within a bucket, and the longest exactly", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-3, max: 1e5, noNaN: true }), {
        minLength: 1,
        maxLength: 500,
      }),
      (times) => {
        const buckets = new Buckets();
        for (const ms of times) buckets.record(ms);
        const sorted = [...times].sort((a, b) => a - b);
        const { count, max, p50, p99, buckets: pairs } = buckets.take()!;
        expect(count).toBe(times.length);
        expect(max).toBe(sorted.at(-1));
        for (const [share, got] of [
          [0.5, p50],
          [0.99, p99],
        ] as const) {
          const exact = sorted[Math.ceil(share * times.length) - 1]!;
          expect(Math.abs(Math.log10(got / exact))).toBeLessThanOrEqual(
            1 / 16 + 1e-9,
          );
        }
        const sum = pairs.filter((_, i) => i % 2 === 1);
        expect(sum.reduce((a, b) => a + b)).toBe(times.length);
      },
    ),
  );
});

it("takes times that are too short or too long, and forgets what was taken", () => {
  const buckets = new Buckets();
  expect(buckets.take()).toBe(null);
  for (const ms of [0, 1e-9, 1e9]) buckets.record(ms);
  expect(buckets.take()).toMatchObject({ count: 3, max: 1e9 });
  expect(buckets.take()).toBe(null);
});

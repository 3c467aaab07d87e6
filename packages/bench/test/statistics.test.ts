// Medians, spreads, comparisons, and distributions: with figures whose results are known.
import { describe, expect, it } from "vitest";
import { histogram, Latencies, pairs } from "../src/latencies.ts";
import { cdf, rowOf } from "../src/rows.ts";
import { compare, geometricMean, median, spread } from "../src/statistics.ts";
import { positions } from "../src/case/positions.ts";
import { runOf, subjects } from "./rows.ts";

describe("a median", () => {
  it.each([
    [[3], 3],
    [[5, 1, 9], 5],
    [[4, 1, 2, 9], 3],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it("has a spread from the lowest to the highest", () => {
    expect(spread([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9 });
  });
});

describe("a comparison", () => {
  it.each([
    ["more in each round", [20, 22, 18], [10, 11, 9], 1],
    ["less in each round", [9, 9.1, 8.6], [10, 10.5, 9.5], -1],
    ["not the same in each round", [20, 9, 18], [10, 11, 9], 0],
    [
      "more in each round, by very different factors",
      [30, 11, 12],
      [10, 10, 10],
      0,
    ],
    ["too few rounds", [20, 22], [10, 11], 0],
    ["equal in a round", [20, 10, 18], [10, 10, 9], 0],
  ] as const)("of rates that are %s says so", (_what, of, to, says) => {
    expect(compare(of, to).says).toBe(says);
  });

  it("is of what ran beside each other: a slow minute hits both", () => {
    const { ratio, says } = compare([100, 10, 50], [50, 5, 25]);
    expect(ratio).toEqual({ median: 2, min: 2, max: 2 });
    expect(says).toBe(1);
  });
});

it("a geometric mean takes a half and a double as one", () => {
  expect(geometricMean([0.5, 2])).toBeCloseTo(1, 12);
});

describe("latencies", () => {
  it("are counted within a thousandth", () => {
    const latencies = new Latencies();
    // More than one chunk of memory holds.
    for (let i = 0; i < 70_000; i++) latencies.note(i < 69_300 ? 0.001 : 2.5);
    const counted = latencies.counted();
    expect(counted.reduce((sum, [, count]) => sum + count, 0)).toBe(70_000);
    const made = histogram(counted);
    expect(made.getValueAtPercentile(50) / 1000).toBeCloseTo(1, 2);
    expect(made.getValueAtPercentile(99.5) / 2_500_000).toBeCloseTo(1, 2);
  });

  it("survive the way between processes as pairs", () => {
    const once = pairs(
      histogram([
        [1000, 3],
        [70_000, 2],
        [5e9, 1],
      ]),
    );
    expect(pairs(histogram(once))).toEqual(once);
    expect(once.map(([, count]) => count)).toEqual([3, 2, 1]);
  });
});

describe("a distribution for a picture", () => {
  it("rises to 1, and keeps the tail", () => {
    const counted = Array.from({ length: 5000 }, (_, i): [number, number] => [
      i + 1,
      1,
    ]);
    const points = cdf(counted);
    expect(points.length).toBeLessThan(400);
    expect(points.at(-1)).toEqual([5000, 1]);
    const shares = points.map(([, share]) => share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.filter((share) => share > 0.99).length).toBeGreaterThan(10);
  });

  it("of one value is one point", () => {
    expect(cdf([[7, 100]])).toEqual([[7, 1]]);
  });
});

describe("a row", () => {
  it("has each figure for one operation, by medians", () => {
    const row = rowOf(subjects.pool, [
      runOf(1000),
      runOf(2000),
      runOf(4000, { loopDelayNs: { p50: 1, p99: 2, max: 3 } }),
    ]);
    expect(row.rate).toEqual({ median: 2000, min: 1000, max: 4000 });
    expect(row.bytesPerSecond.median).toBe(2000 * 4096);
    expect(row.cpuUs).toEqual({ median: 500, min: 250, max: 1000 });
    expect(row.cpuUserUs.median).toBe(300);
    expect(row.loopDelayNs!.p99).toEqual({ median: 5000, min: 2, max: 5000 });
    expect(row.switches!.median).toBe(15 / 2000);
    expect(row.latencyNs["p50"]!.median).toBeCloseTo(1000, -1);
    expect(row.latencyNs["p99"]!.median).toBeCloseTo(2000, -2);
  });
});

describe("places", () => {
  const take = (next: () => number, count: number): number[] =>
    Array.from({ length: count }, next);

  it.each([true, false])(
    "each once, random: %s, and then no more",
    (random) => {
      const next = positions({ count: 100, random, once: true, seed: 3 });
      const seen = take(next, 100);
      expect([...seen].sort((a, b) => a - b)).toEqual(
        Array.from({ length: 100 }, (_, i) => i),
      );
      expect(random === (seen[0] === 0 && seen[1] === 1)).toBe(false);
      expect(next()).toBe(-1);
    },
  );

  it("are the same for the same seed, and others for another", () => {
    const of = (seed: number): number[] =>
      take(positions({ count: 1000, random: true, once: false, seed }), 50);
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  it("are spread over the whole", () => {
    const counts = new Array<number>(10).fill(0);
    const next = positions({ count: 10, random: true, once: false, seed: 1 });
    for (let i = 0; i < 10_000; i++) counts[next()]!++;
    expect(Math.min(...counts)).toBeGreaterThan(850);
  });

  it("in order begin where they are set to, and go round", () => {
    const next = positions({
      count: 4,
      random: false,
      once: false,
      seed: 1,
      start: 2,
    });
    expect(take(next, 6)).toEqual([2, 3, 0, 1, 2, 3]);
  });
});

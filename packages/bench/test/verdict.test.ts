// What the bench says of figures: the wording, by fixed figures.
import { describe, expect, it } from "vitest";
import { caveats, verdictOf } from "../src/verdict.ts";
import { outcome, runOf, subjects } from "./rows.ts";

const { pool, uring, nowait, idle, promises, sync, fio } = subjects;

describe("a verdict", () => {
  it("names the best, with its ratio to each other one", () => {
    const verdict = verdictOf(
      outcome([
        [pool, [200, 210, 190]],
        [uring, [400, 390, 410]],
        [promises, [100, 95, 105]],
      ]),
    );
    expect(verdict.use).toBe("uring");
    expect(verdict.says).toEqual([
      "Use uring: 2.0 times (1.9 to 2.2) as fast as pool, 4.0 times (3.9 to 4.1) as fast as node:fs promises.",
    ]);
  });

  it("finds no difference where the rounds do not agree, and names the cheaper one", () => {
    const cheap = (rate: number) =>
      runOf(rate, { cpuUserUs: 100_000, cpuSystemUs: 0 });
    const { use, says } = verdictOf(
      outcome([
        [uring, [400, 390, 300]],
        [nowait, [cheap(380), cheap(400), cheap(360)]],
        [promises, [100, 95, 105]],
      ]),
    );
    expect(use).toBe("nowait");
    expect(says).toEqual([
      "Use nowait: 3.8 times (3.4 to 4.2) as fast as node:fs promises.",
      "Between uring and nowait (0.83 to 1.05) these runs show no difference.",
      "nowait takes less processor time: 263.2 us for each operation, and uring 2564.1 us.",
    ]);
  });

  it("says that any will do where nobody is behind", () => {
    const { says } = verdictOf(
      outcome([
        [uring, [400, 390, 300]],
        [pool, [380, 400, 360]],
      ]),
    );
    expect(says[0]).toBe(
      "These runs do not say which to use; uring is as good as the others as far as they show.",
    );
  });

  it("does not call it no difference where one was faster in each round, but by very different factors", () => {
    const { says } = verdictOf(
      outcome([
        [uring, [800, 400, 310]],
        [pool, [200, 300, 250]],
      ]),
    );
    expect(says[1]).toBe(
      "uring was faster in each round than pool (1.24 to 4.00), but 3 rounds that far apart are not enough to be sure.",
    );
  });

  it("stays with node:fs where that is better", () => {
    const { use, says } = verdictOf(
      outcome([
        [pool, [90, 91, 92]],
        [promises, [100, 101, 102]],
      ]),
    );
    expect(use).toBe("node:fs promises");
    expect(says).toEqual([
      "Use node:fs promises: 1.1 times (1.1 to 1.1) as fast as pool.",
    ]);
  });

  it("is a hint where there are too few rounds", () => {
    const { says } = verdictOf(
      outcome([
        [pool, [100]],
        [uring, [300]],
      ]),
    );
    expect(says).toEqual([
      "The fastest here was uring: 3.00 times as fast as pool.",
      "That is no more than a hint: it takes at least 3 rounds to tell two of them apart.",
    ]);
  });

  it("never names what does nothing, what holds the loop, or another program", () => {
    const { use, says } = verdictOf(
      outcome([
        [pool, [100, 101, 102]],
        [
          idle,
          [1e6, 1e6, 1e6].map((rate) => runOf(rate, { harnessNs: 120.4 })),
        ],
        [sync, [800, 801, 802]],
        [fio, [200, 202, 204]],
      ]),
    );
    expect(use).toBe("pool");
    expect(says).toEqual([
      "Only pool was measured: there is nothing to compare it with.",
      "node:fs sync is 7.9 times as fast as pool, but nothing else runs meanwhile.",
      "pool reaches 0.50 times the rate of fio io_uring (0.50 to 0.50).",
      "This library's own part: 1000 ns for each operation (the null backend), of which about 120 ns are the bench's own loop.",
    ]);
  });

  it("sets fio's engine beside the backend that calls the kernel likewise", () => {
    const { says } = verdictOf(
      outcome([
        [nowait, [500, 505, 510]],
        [uring, [195, 205, 200]],
        [fio, [200, 200, 200]],
      ]),
    );
    expect(says.at(-1)).toBe(
      "uring reaches 1.00 times the rate of fio io_uring (0.97 to 1.02), which is no difference that these runs show.",
    );
  });

  it("lists what failed, and the rest all the same", () => {
    const { use, says } = verdictOf(
      outcome([[pool, [100, 101, 102]]], {}, [[uring, "EIO: i/o error, read"]]),
    );
    expect(use).toBe("pool");
    expect(says[0]).toBe("uring failed: EIO: i/o error, read.");
  });

  it("of nothing names nobody", () => {
    const { use, says } = verdictOf(outcome([[idle, [1, 2, 3]]]));
    expect(use).toBeNull();
    expect(says[0]).toBe("Nobody who could be recommended was measured.");
  });
});

describe("caveats", () => {
  it("note that the machine was busy", () => {
    expect(caveats([], 1.9, 2)[0]).toContain(
      "The machine was busy when this began (load 1.9",
    );
    expect(caveats([], 0.3, 2)).toEqual([]);
  });
  it("note when cold runs end", () => {
    expect(
      caveats([outcome([[pool, [1]]], { cold: true })], 0, 2),
    ).toHaveLength(1);
  });
});

// The one rule for calling figures different, wherever it is used: what each bench says of made-up rates, equal
// ones a thousand times. The seeds are fixed, so it says the same each time.
import { describe, expect, it } from "vitest";
import { placingOf, reachOf } from "../../../bench/wide/placing.ts";
import { answerOf } from "../src/answer/answer.ts";
import { verdict as interference } from "../src/interference/report.ts";
import { profileOf } from "../src/profile.ts";
import { compare, pairsAmong } from "../src/statistics.ts";
import { beyond, limit } from "../src/student.ts";
import { trialGroups, chosenValue, tunables } from "../src/tuning.ts";
import { inTurn } from "../src/turns.ts";
import { verdictOf } from "../src/verdict.ts";
import { jobDefaults, type Job } from "../src/job.ts";
import { machineFacts } from "../src/machine.ts";
import { outcomeOfRates, subjects } from "./rows.ts";

const SEEDS = 1000;
const WRONG_MAX = 0.05;
const FOUND_MIN = 0.95;
const NOISE = 0.05;
const RATE = 100_000;

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function uniform(seed: number): () => number {
  let state = (seed + 1) * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of mean 0 and deviation 1 (Box and Muller). */
function normal(seed: number): () => number {
  const next = uniform(seed);
  return () =>
    Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

interface World {
  rounds: number;
  /** The true rate of each subject. */
  speeds: number[];
  noise?: number;
  /** The machine becomes slower by this share with each run. */
  drift?: number;
  /** A run that goes wrong: of which subject, in which round, and its share of the usual rate. */
  outlier?: { subject: number; round: number; share: number };
}

/** Rates by subject, one for each round, as runs in turn would have found them. */
function ratesOf(world: World, seed: number): number[][] {
  const { rounds, speeds, noise = NOISE, drift = 0, outlier } = world;
  const next = normal(seed);
  const rates = speeds.map((): number[] => []);
  let slowness = 1;
  for (let round = 0; round < rounds; round++)
    for (const subject of inTurn([...speeds.keys()], round)) {
      slowness *= 1 - drift;
      const wrong =
        outlier?.subject === subject && outlier.round === round
          ? outlier.share
          : 1;
      const noisy = Math.exp(noise * next());
      rates[subject]!.push(RATE * speeds[subject]! * noisy * slowness * wrong);
    }
  return rates;
}

const measured = [
  subjects.pool,
  subjects.uring,
  subjects.nowait,
  subjects.promises,
  subjects.callbacks,
];

/** Whom a bench names faster or slower than another one, or null where it names nobody; and how it says so. */
type Named = { winner: number | null; sentence: string };
interface Bench {
  /** How many subjects are compared, in so many rounds by default. */
  subjects: number;
  rounds: number;
  judge(rates: number[][]): Named;
}

const named = (sentence: string, winner: number | null): Named => ({
  sentence,
  winner,
});

const benches: Record<string, Bench> = {
  bench: {
    subjects: measured.length,
    rounds: 5,
    judge(rates) {
      const { use, says } = verdictOf(
        outcomeOfRates(rates.map((own, i) => [measured[i]!, own])),
      );
      const winner = says[0]!.startsWith("Use ")
        ? measured.findIndex(({ name }) => name === use)
        : null;
      return named(says.join(" "), winner);
    },
  },
  "the answer of bench without options": {
    subjects: 3,
    rounds: 7,
    judge(rates) {
      const all = outcomeOfRates([
        [subjects.promises, rates[0]!],
        [subjects.auto, rates[1]!],
        [subjects.pool, rates[2]!],
      ]);
      const { winners, says } = answerOf([all]);
      const winner = winners[0]!;
      return named(
        says.join(" "),
        winner === null
          ? null
          : ["node:fs promises", "auto", "pool"].indexOf(winner),
      );
    },
  },
  interference: {
    subjects: 2,
    rounds: 5,
    judge([ours, theirs]) {
      const says = interference(
        "quiet",
        ours!.map((rate, i) => rate / theirs![i]!),
      );
      const winner = says.includes("no difference")
        ? null
        : says.includes("long with node:fs")
          ? 0
          : 1;
      return named(says, winner);
    },
  },
  "bench:wide --quick": {
    subjects: 2,
    rounds: 3,
    judge: judgeWide,
  },
  "bench:wide": {
    subjects: 2,
    rounds: 5,
    judge: judgeWide,
  },
  tuning: {
    subjects: 5,
    rounds: 5,
    judge(rates) {
      const value = chosenValue("maxParallel", trialOutcomes(rates));
      const values = [8, 2, 4, 16, 32];
      return named(
        String(value),
        value === null ? null : values.indexOf(value),
      );
    },
  },
};

function judgeWide([ours, theirs]: number[][]): Named {
  const figures = (rate: number[]) => ({
    rate,
    cpuUs: [],
    p50Us: [],
    p99Us: [],
  });
  const { standing } = placingOf(
    {
      name: "a",
      title: "a",
      once: false,
      on: "memory",
      incomparable: [],
      subjects: { "eio@node20": figures(ours!), node20: figures(theirs!) },
      failed: {},
    },
    "node20",
  );
  return named(
    standing,
    standing === "won" ? 0 : standing === "lost" ? 1 : null,
  );
}

const job: Job = { ...jobDefaults, subjects: [] };
const trials = trialGroups(job, () => true).map(({ subjects, job }, i) => ({
  subjects,
  option: job.name,
  rates: ratesOf({ rounds: 5, speeds: subjects.map(() => 1) }, i),
}));

/** Trials of all options, of which those of maxParallel have these rates. */
const trialOutcomes = (given: number[][]) =>
  trials.map(({ subjects, option, rates }) => {
    const own = option === "maxParallel" ? given : rates;
    return outcomeOfRates(
      subjects.map((subject, i) => [subject, own[i]!]),
      option,
    );
  });

const equal = (count: number): number[] => new Array<number>(count).fill(1);
const doubled = (count: number, which: number): number[] =>
  equal(count).map((speed, i) => (i === which ? 2 : speed));

function shareOf(
  { judge }: Bench,
  world: World,
  is: (named: Named) => boolean,
): number {
  let count = 0;
  for (let seed = 0; seed < SEEDS; seed++)
    if (is(judge(ratesOf(world, seed)))) count++;
  return count / SEEDS;
}

describe.each(Object.entries(benches))("%s", (_name, bench) => {
  const { subjects: count, rounds, judge } = bench;
  const anybody = ({ winner }: Named): boolean => winner !== null;

  it.each([0.005, NOISE, 0.3])(
    "names no winner among equals in more than 5 % of 1,000 seeds, at a noise of %d",
    (noise) => {
      const world = { rounds, speeds: equal(count), noise };
      expect(shareOf(bench, world, anybody)).toBeLessThanOrEqual(WRONG_MAX);
    },
  );

  it("names no winner among equals while the machine becomes slower from run to run", () => {
    const world = { rounds, speeds: equal(count), noise: 0.01, drift: 0.02 };
    expect(shareOf(bench, world, anybody)).toBeLessThanOrEqual(WRONG_MAX);
  });

  it("names no winner among equals of which one was held up once", () => {
    const outlier = { subject: count - 1, round: 1, share: 0.2 };
    const world = { rounds, speeds: equal(count), outlier };
    expect(shareOf(bench, world, anybody)).toBeLessThanOrEqual(WRONG_MAX);
  });

  it("names who is twice as fast in more than 95 % of 1,000 seeds", () => {
    const world = { rounds, speeds: doubled(count, 1) };
    const right = ({ winner }: Named): boolean => winner === 1;
    expect(shareOf(bench, world, right)).toBeGreaterThanOrEqual(FOUND_MIN);
  });

  it("names who is twice as fast while the machine becomes slower", () => {
    const world = { rounds, speeds: doubled(count, 1), drift: 0.02 };
    const right = ({ winner }: Named): boolean => winner === 1;
    expect(shareOf(bench, world, right)).toBeGreaterThanOrEqual(FOUND_MIN);
  });

  it("names no winner where the same rate was found each time", () => {
    const rates = ratesOf({ rounds, speeds: equal(count), noise: 0 }, 0);
    expect(judge(rates).winner).toBeNull();
  });

  it("names no winner by two rounds, whatever they say", () => {
    const rates = ratesOf(
      { rounds: 2, speeds: doubled(count, 1), noise: 0 },
      0,
    );
    expect(anybody(judge(rates)) && !isHint(judge(rates).sentence)).toBe(false);
  });
});

const isHint = (sentence: string): boolean => sentence.includes("hint");

describe("a comparison", () => {
  it("of seven rounds is not decided by the one that went wrong", () => {
    const rates = ratesOf(
      {
        rounds: 7,
        speeds: [2, 1],
        outlier: { subject: 0, round: 3, share: 0.1 },
      },
      1,
    );
    expect(compare(rates[0]!, rates[1]!).says).toBe(1);
  });

  it("of fewer rounds is left open by it", () => {
    const rates = ratesOf(
      {
        rounds: 5,
        speeds: [2, 1],
        outlier: { subject: 0, round: 3, share: 0.1 },
      },
      1,
    );
    expect(compare(rates[0]!, rates[1]!).says).toBe(0);
  });

  it("calls what is less than 3 % no difference, however steady it is", () => {
    const steady = (rate: number): number[] => equal(9).map(() => rate);
    expect(compare(steady(102.9), steady(100)).says).toBe(0);
    expect(compare(steady(103.1), steady(100)).says).toBe(1);
    expect(compare(steady(96), steady(100)).says).toBe(-1);
  });

  it("has to be surer the more of them one sentence is made of", () => {
    const [of, to] = [
      [130, 110, 150, 120, 140],
      [100, 100, 100, 100, 100],
    ];
    expect(compare(of!, to!).says).toBe(1);
    expect(compare(of!, to!, pairsAmong(20)).says).toBe(0);
  });

  it("says by which factor its ratio may be off", () => {
    const { margin } = compare([200, 210, 190, 205, 195], equal(5));
    expect(margin).toBeGreaterThan(1.03);
    expect(margin).toBeLessThan(1.07);
    expect(compare([2, 2], [1, 1]).margin).toBe(Infinity);
  });

  it("of nothing to something says nothing", () => {
    expect(compare([0, 0, 0], [1, 1, 1]).says).toBe(0);
    expect(compare([1, 1, 1], [0, 0, 0]).says).toBe(0);
  });
});

describe("Student's distribution", () => {
  it.each([
    // From the tables that every book on statistics has.
    [1, 0.05, 12.706],
    [2, 0.05, 4.303],
    [3, 0.01, 5.841],
    [4, 0.05, 2.776],
    [6, 0.001, 5.959],
    [9, 0.02, 2.821],
    [30, 0.05, 2.042],
  ])("of %d degrees leaves %d beyond %d", (degrees, share, t) => {
    expect(limit(share, degrees)).toBeCloseTo(t, 2);
    expect(beyond(t, degrees)).toBeCloseTo(share, 4);
    expect(beyond(-t, degrees)).toBeCloseTo(share, 4);
  });
});

describe("turns", () => {
  it("put another one first in each round, and nobody always behind the same one's end", () => {
    const rounds = [0, 1, 2, 3].map((round) => inTurn(["a", "b", "c"], round));
    expect(rounds.map((round) => round.join(""))).toEqual([
      "abc",
      "bca",
      "cab",
      "abc",
    ]);
    expect(inTurn([], 3)).toEqual([]);
  });
});

describe("what a release must reach", () => {
  const figures = (rate: number[]) => ({
    rate,
    cpuUs: [],
    p50Us: [],
    p99Us: [],
  });
  const of = (...ours: number[]) =>
    reachOf(
      {
        name: "a",
        title: "a",
        once: false,
        on: "memory",
        incomparable: [],
        subjects: {
          "eio@node20": figures(ours),
          node20: figures(equal(ours.length)),
        },
        failed: {},
      },
      "node20",
      4,
      "node20",
    );

  it("is reached, or missed, only beyond the noise", () => {
    expect(of(5, 5.1, 4.9, 5)).toBe("reaches");
    expect(of(3, 3.1, 2.9, 3)).toBe("short");
    expect(of(3, 5, 4.5, 3.2)).toBe("unclear");
    expect(of(2)).toBe("unclear");
  });
});

describe("a profile", () => {
  it("changes nothing among equals in 95 % of 1,000 seeds", () => {
    const machine = machineFacts(".");
    let changed = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const rates = ratesOf({ rounds: 5, speeds: equal(5) }, seed);
      const all = outcomeOfRates(
        measured.map((subject, i) => [subject, rates[i]!]),
      );
      const { backend, routes } = profileOf(machine, [all], []);
      if (backend !== undefined || routes !== undefined) changed++;
    }
    expect(changed / SEEDS).toBeLessThanOrEqual(WRONG_MAX);
  });

  it("keeps every option among equals in 95 % of 1,000 seeds", () => {
    let changed = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const outcomes = trials.map(({ subjects, option }, i) => {
        const speeds = equal(subjects.length);
        const rates = ratesOf({ rounds: 5, speeds }, seed * 100 + i);
        return outcomeOfRates(
          subjects.map((subject, j) => [subject, rates[j]!]),
          option,
        );
      });
      if (tunables.some((tunable) => chosenValue(tunable, outcomes) !== null))
        changed++;
    }
    expect(changed / SEEDS).toBeLessThanOrEqual(WRONG_MAX);
  });
});

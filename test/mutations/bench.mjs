// Mistakes in what the benches say of their figures, for the table. It knows nothing of how they are run.
import { of } from "./mutation.mjs";

const COMPARISON = "packages/bench/test/comparison.test.ts";
const APP = "packages/bench/test/app.test.ts";

export const bench = [
  ...of(
    "packages/bench/src/statistics.ts",
    COMPARISON,
    [
      "limit(WRONG_SHARE / Math.max(1, claims), degrees)",
      "limit(WRONG_SHARE, degrees)",
      undefined,
      "a comparison",
    ],
    [
      "says: enough && sure ? side : 0",
      "says: enough ? side : 0",
      undefined,
      "^bench:wide --quick",
    ],
    [
      "says: enough && sure ? side : 0",
      "says: sure ? side : 0",
      undefined,
      "a comparison",
    ],
    ["Math.floor(count / ROUNDS_OF_OUTLIER)", "0", undefined, "a comparison"],
    [
      "rounds < ROUNDS_MIN || !usable",
      "!usable",
      undefined,
      "names no winner by two rounds",
    ],
  ),
  ...of("packages/bench/src/student.ts", COMPARISON, [
    "(cos * cos * (i - 1)) / i",
    "(cos * cos * i) / (i + 1)",
    undefined,
    "Student's distribution",
  ]),
  ...of("packages/bench/src/turns.ts", COMPARISON, [
    "round % all.length",
    "0",
    undefined,
    "turns",
  ]),
  ...of("packages/bench/src/verdict.ts", COMPARISON, [
    "pairsAmong(candidates.length)",
    "1",
    undefined,
    "^bench names no winner",
  ]),
  ...of("packages/bench/src/tuning.ts", COMPARISON, [
    "compare(row.rates, to.rates, claims)",
    "compare(row.rates, to.rates)",
    undefined,
    "a profile",
  ]),
  ...of("packages/bench/src/interference/report.ts", COMPARISON, [
    "    says === 0\n      ? `p99 shows",
    "    says === 2\n      ? `p99 shows",
    undefined,
    "^interference",
  ]),
  ...of(
    "packages/bench/src/app/report.ts",
    APP,
    [
      'share("device") >= DEVICE_OF_RUN * ran',
      "true",
      undefined,
      "what is said of waiting",
    ],
    [
      "const bulk = bulkAmong(total);",
      "const bulk = null;",
      undefined,
      "what is said of waiting",
    ],
    [
      "low >= MUCH || high < MUCH",
      "true",
      undefined,
      "what is said of waiting",
    ],
  ),
  ...of(
    "packages/bench/src/answer/answer.ts",
    "packages/bench/test/answer.test.ts",
    ["all.every(({ comparison }) => comparison.says !== -1)", "true"],
  ),
  ...of("packages/bench/src/options.ts", "packages/bench/test/answer.test.ts", [
    "value === false || aside.includes(name)",
    "aside.includes(name)",
  ]),
  ...of(
    "packages/bench/src/lasting-processes.ts",
    "packages/bench/test/lasting-processes.test.ts",
    ["if (this.#first) this.end();", ""],
    [
      "this.#processes.set(subject, (process = new CaseProcess()));",
      "process = new CaseProcess();",
    ],
  ),
];

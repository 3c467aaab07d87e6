// Rows of figures for tests, made of rates: what a verdict or a profile reads, without a run.
import type { RunResult, Subject } from "../src/case.ts";
import { jobDefaults, type Draft, type Group } from "../src/job.ts";
import { outcomeOf, type Outcome, type Row } from "../src/rows.ts";
import { spread } from "../src/statistics.ts";
import { eioSubject, nodeSubject } from "../src/subjects.ts";

export const draft: Draft = {
  work: "randread",
  blockBytes: 4096,
  depth: 64,
  threads: 1,
  direct: false,
  cold: false,
  once: false,
  runtimeMs: 1000,
  rampMs: 300,
  fsyncEvery: 0,
  readPercent: 50,
  seed: 1,
};

export function runOf(
  perSecond: number,
  more: Partial<RunResult> = {},
): RunResult {
  return {
    ops: perSecond,
    bytes: perSecond * 4096,
    seconds: 1,
    cpuUserUs: 600_000,
    cpuSystemUs: 400_000,
    latenciesNs: [
      [1000, Math.ceil(perSecond * 0.5)],
      [2000, Math.ceil(perSecond * 0.49)],
      [50_000, Math.ceil(perSecond * 0.01)],
    ],
    loopDelayNs: { p50: 1000, p99: 5000, max: 9000 },
    switches: { voluntary: 10, involuntary: 5 },
    harnessNs: null,
    goes: null,
    ...more,
  };
}

export const subjects = {
  pool: eioSubject("pool", "promises"),
  uring: eioSubject("uring", "promises"),
  nowait: eioSubject("nowait", "promises"),
  idle: eioSubject("null", "promises"),
  auto: eioSubject("auto", "promises"),
  promises: nodeSubject("promises"),
  callbacks: nodeSubject("callbacks"),
  sync: nodeSubject("sync"),
  fio: {
    name: "fio io_uring",
    kind: "fio",
    which: "io_uring",
    style: "callbacks",
  },
} satisfies Record<string, Subject>;

/** Rates of the rounds by subject, or whole runs. */
export function outcome(
  of: [subject: Subject, rounds: (number | RunResult)[]][],
  change: Partial<Draft> = {},
  failures: [Subject, string][] = [],
  job = "",
): Outcome {
  const group: Group = {
    job: { ...jobDefaults, name: job, subjects: [] },
    draft: { ...draft, ...change },
    subjects: of.map(([subject]) => subject),
  };
  const runs = new Map(
    of.map(([subject, rounds]) => [
      subject,
      rounds.map((round) => (typeof round === "number" ? runOf(round) : round)),
    ]),
  );
  return outcomeOf(group, "randread 4k at depth 64", runs, new Map(failures));
}

/** The same for a thousand of them: rates and processor time alone are what is compared, and nothing else is counted anew. */
export function outcomeOfRates(
  of: [subject: Subject, rates: number[]][],
  job = "",
): Outcome {
  const like = (bare ??= outcome([[subjects.pool, [1]]]).rows[0]!);
  const rows = of.map(([subject, rates]) => ({
    ...like,
    subject,
    rounds: rates.length,
    rates,
    rate: spread(rates),
    cpusUs: rates.map((rate) => 1e6 / rate),
    goes: [subject.which],
  }));
  return { title: "made up", job, draft, rows, failed: [] };
}
let bare: Row | undefined;

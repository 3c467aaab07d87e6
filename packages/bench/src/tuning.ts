// Thresholds by trial: a few values of one option each, beside the value that is used by default, and the one
// that is better beyond the noise. It knows options and works that show them, not how runs are made.
import { isDataWork, type Subject } from "./case.ts";
import { jobDefaults, type Group, type Job } from "./job.ts";
import type { Outcome, Row } from "./rows.ts";
import { compare, geometricMean } from "./statistics.ts";
import { eioSubject } from "./subjects.ts";

export const tunables = [
  "asyncMinBytes",
  "loopLingerUs",
  "lingerUs",
  "maxParallel",
] as const;
export type Tunable = (typeof tunables)[number];

interface Trial {
  backend: "uring" | "pool";
  /** The first is what is used by default. */
  values: number[];
  blockBytes: number[];
  depth: number;
  options(value: number): Record<string, unknown>;
}

const trials: Record<Tunable, Trial> = {
  asyncMinBytes: {
    backend: "uring",
    values: [1 << 16, 1 << 14, 1 << 17, 1 << 18],
    blockBytes: [1 << 15, 1 << 17],
    depth: 16,
    options: (asyncMinBytes) => ({ profile: { format: 1, asyncMinBytes } }),
  },
  loopLingerUs: {
    backend: "pool",
    values: [50, 0, 20, 150],
    blockBytes: [4096],
    depth: 1,
    options: (loopLingerUs) => ({ loopLingerUs }),
  },
  lingerUs: {
    backend: "pool",
    values: [40, 0, 15, 120],
    blockBytes: [4096],
    depth: 1,
    options: (lingerUs) => ({ lingerUs }),
  },
  maxParallel: {
    backend: "pool",
    values: [8, 2, 4, 16, 32],
    blockBytes: [4096],
    depth: 64,
    options: (maxParallel) => ({ maxParallel }),
  },
};

const tag = (tunable: Tunable, value: number): string => ` ${tunable} ${value}`;

/** Reads, on the files of the job; none where its backend is not measured, or reads are not its work. */
export function trialGroups(
  job: Job,
  there: (backend: string) => boolean,
): Group[] {
  return tunables
    .filter((tunable) => there(trials[tunable].backend))
    .flatMap((tunable) => trialOf(job, tunable));
}

function trialOf(job: Job, tunable: Tunable): Group[] {
  const { backend, values, blockBytes, depth, options } = trials[tunable];
  // Large reads that wait for a disk are not copied by anybody.
  const direct = job.direct && tunable !== "asyncMinBytes";
  const subjects: Subject[] = values.map((value) =>
    eioSubject(backend, "promises", options(value), tag(tunable, value)),
  );
  const trial: Job = {
    ...jobDefaults,
    name: tunable,
    direct,
    sizeBytes: job.sizeBytes,
    file: job.works.every(isDataWork) ? job.file : null,
    dir: job.dir,
    runtimeMs: job.runtimeMs,
    rampMs: job.rampMs,
    seed: job.seed,
    subjects,
  };
  const { runtimeMs, rampMs, seed } = trial;
  return blockBytes.map((bytes) => ({
    job: trial,
    subjects,
    draft: {
      work: "randread",
      blockBytes: bytes,
      depth,
      threads: 1,
      direct,
      cold: false,
      once: false,
      runtimeMs,
      rampMs,
      fsyncEvery: 0,
      readPercent: 100,
      seed,
    },
  }));
}

/** The value that is better than the usual one in some group and worse in none; null where there is none. */
export function chosenValue(
  tunable: Tunable,
  outcomes: Outcome[],
): number | null {
  const own = outcomes.filter(({ job }) => job === tunable);
  const [usual, ...others] = trials[tunable].values as [number, ...number[]];
  const rowOf = ({ rows }: Outcome, value: number): Row | undefined =>
    rows.find(({ subject }) => subject.name.endsWith(tag(tunable, value)));
  const claims = comparisonsIn(outcomes);
  let best: { value: number; score: number } | null = null;
  for (const value of others) {
    const comparisons = own.flatMap((outcome) => {
      const [row, to] = [rowOf(outcome, value), rowOf(outcome, usual)];
      return row === undefined || to === undefined
        ? []
        : [compare(row.rates, to.rates, claims)];
    });
    const better = comparisons.some(({ says }) => says === 1);
    const worse = comparisons.some(({ says }) => says === -1);
    if (!better || worse) continue;
    const score = geometricMean(comparisons.map(({ ratio }) => ratio.median));
    if (best === null || score > best.score) best = { value, score };
  }
  return best?.value ?? null;
}

/** Each value beside the usual one, of all options: so many could be better by chance. */
const comparisonsIn = (trials: Outcome[]): number =>
  trials.reduce((sum, { rows }) => sum + rows.length - 1, 0);

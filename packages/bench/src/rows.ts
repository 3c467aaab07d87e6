// From the rounds of one subject to a row of figures: medians with their spread, and the distribution of
// all latencies. It knows results, and not how they came about.
import type { Counted, RunResult, Subject } from "./case.ts";
import type { Draft, Group } from "./job.ts";
import { histogram, pairs, percentilesShown } from "./latencies.ts";
import { spread, type Spread } from "./statistics.ts";

export interface Row {
  subject: Subject;
  rounds: number;
  /** Operations a second, one for each round, in their order. */
  rates: number[];
  rate: Spread;
  bytesPerSecond: Spread;
  /** By percentile, in nanoseconds. */
  latencyNs: Record<string, Spread>;
  cpuUserUs: Spread;
  cpuSystemUs: Spread;
  /** User and system together, one for each round. */
  cpusUs: number[];
  cpuUs: Spread;
  loopDelayNs: { p50: Spread; p99: Spread; max: Spread } | null;
  /** For each operation. */
  switches: Spread | null;
  /** Latencies and the share of operations that took no longer. */
  cdf: [ns: number, share: number][];
  harnessNs: number | null;
  goes: string[] | null;
}

export interface FailedRow {
  subject: Subject;
  failure: string;
}

export interface Outcome {
  title: string;
  job: string;
  draft: Draft;
  rows: Row[];
  failed: FailedRow[];
}

/** A curve of so many points looks smooth, and a report stays small. */
const CDF_POINTS_MAX = 160;

export function rowOf(subject: Subject, runs: RunResult[]): Row {
  const each = (value: (run: RunResult) => number): number[] => runs.map(value);
  const of = (value: (run: RunResult) => number): Spread => spread(each(value));
  const rates = each(({ ops, seconds }) => ops / seconds);
  const cpu = ({ cpuUserUs, cpuSystemUs, ops }: RunResult): number =>
    (cpuUserUs + cpuSystemUs) / ops;
  const histograms = runs.map(({ latenciesNs }) => histogram(latenciesNs));
  const all = histogram(runs.flatMap(({ latenciesNs }) => latenciesNs));
  const [first] = runs as [RunResult];
  const harness = runs.flatMap(({ harnessNs }) =>
    harnessNs === null ? [] : [harnessNs],
  );
  return {
    subject,
    rounds: runs.length,
    rates,
    rate: spread(rates),
    bytesPerSecond: of(({ bytes, seconds }) => bytes / seconds),
    latencyNs: Object.fromEntries(
      percentilesShown.map((percentile) => [
        `p${percentile}`,
        spread(histograms.map((one) => one.getValueAtPercentile(percentile))),
      ]),
    ),
    cpuUserUs: of(({ cpuUserUs, ops }) => cpuUserUs / ops),
    cpuSystemUs: of(({ cpuSystemUs, ops }) => cpuSystemUs / ops),
    cpusUs: each(cpu),
    cpuUs: of(cpu),
    loopDelayNs: loopDelay(runs),
    switches:
      first.switches === null
        ? null
        : of(
            ({ switches, ops }) =>
              (switches!.voluntary + switches!.involuntary) / ops,
          ),
    cdf: cdf(pairs(all)),
    harnessNs: harness.length === 0 ? null : spread(harness).median,
    goes: first.goes,
  };
}

function loopDelay(runs: RunResult[]): Row["loopDelayNs"] {
  const delays = runs.flatMap(({ loopDelayNs }) =>
    loopDelayNs === null ? [] : [loopDelayNs],
  );
  if (delays.length === 0) return null;
  return {
    p50: spread(delays.map(({ p50 }) => p50)),
    p99: spread(delays.map(({ p99 }) => p99)),
    max: spread(delays.map(({ max }) => max)),
  };
}

/** Points at even steps of the share, and more of them where few operations are. */
export function cdf(counted: Counted): [ns: number, share: number][] {
  const total = counted.reduce((sum, [, count]) => sum + count, 0);
  const points: [number, number][] = [];
  let below = 0;
  let noted = 0;
  for (const [value, count] of counted) {
    below += count;
    const share = below / total;
    const step = Math.min(1 / CDF_POINTS_MAX, Math.max((1 - noted) / 8, 1e-5));
    if (points.length !== 0 && share - noted < step && below !== total)
      continue;
    points.push([value, Math.round(share * 1e6) / 1e6]);
    noted = share;
  }
  return points;
}

export function outcomeOf(
  group: Group,
  title: string,
  runs: Map<Subject, RunResult[]>,
  failures: Map<Subject, string>,
): Outcome {
  const { draft, job } = group;
  return {
    title,
    job: job.name,
    draft,
    rows: group.subjects
      .filter((subject) => !failures.has(subject))
      .map((subject) => rowOf(subject, runs.get(subject)!)),
    failed: [...failures].map(([subject, failure]) => ({ subject, failure })),
  };
}

// What the interference bench found, summed up: figures side by side, their ratio, and what it means. It
// knows loads and scenarios, and starts nothing.
import { histogram } from "../latencies.ts";
import { machineLines, type Machine } from "../machine.ts";
import { aligned, rateText, timeText } from "../output/table.ts";
import { ROUNDS_MIN, compare, median } from "../statistics.ts";
import type { Load } from "./load.ts";
import { about, type ScenarioName } from "./scenarios.ts";

/** What is hoped for where others hold libuv's threads. */
const GOAL = 10;
const goals: ScenarioName[] = ["crypto", "dns", "hung"];
export const subjects = ["node:fs", "node-eio"] as const;
export type SubjectName = (typeof subjects)[number];

/** Why less than the goal is what there is to be had. */
const reasons: Partial<Record<ScenarioName, string>> = {
  crypto:
    "pbkdf2 keeps libuv's threads, and with them the processors, busy: whoever answers waits for a processor, too",
  dns: "libuv lets lookups take half of its threads, so node:fs keeps the other half",
};

export interface Figure {
  perSecond: number;
  p50Ns: number;
  p99Ns: number;
  unanswered: number;
}
export interface InterferenceReport {
  tool: "node-eio bench interference";
  format: 1;
  machine: Machine;
  rounds: number;
  runtimeMs: number;
  connections: number;
  scenarios: {
    name: ScenarioName;
    about: string;
    figures: Record<SubjectName, Figure>;
    /** node:fs's p99 by ours: of each round, and the median. */
    ratios: number[];
    ratio: number;
    says: string;
  }[];
  leftOut: { name: ScenarioName; reason: string }[];
}

export function figureOf({
  answered,
  unanswered,
  seconds,
  latenciesNs,
}: Load): Figure {
  const counted = histogram(latenciesNs);
  return {
    perSecond: answered / seconds,
    p50Ns: counted.getValueAtPercentile(50),
    p99Ns: counted.getValueAtPercentile(99),
    unanswered,
  };
}

export function summary(
  name: ScenarioName,
  figures: Record<SubjectName, Figure[]>,
): InterferenceReport["scenarios"][number] {
  const of = (subject: SubjectName): Figure => {
    const each = (key: keyof Figure): number =>
      median(figures[subject].map((one) => one[key]));
    return {
      perSecond: each("perSecond"),
      p50Ns: each("p50Ns"),
      p99Ns: each("p99Ns"),
      unanswered: each("unanswered"),
    };
  };
  const theirs = figures["node:fs"].map(({ p99Ns }) => p99Ns);
  const ours = figures["node-eio"].map(({ p99Ns }) => p99Ns);
  const ratios = theirs.map((p99Ns, i) => p99Ns / ours[i]!);
  return {
    name,
    about: about[name],
    figures: { "node:fs": of("node:fs"), "node-eio": of("node-eio") },
    ratios,
    ratio: median(ratios),
    says: verdict(name, ratios),
  };
}

/** @param ratios node:fs's p99 by ours, of each round */
export function verdict(name: ScenarioName, ratios: readonly number[]): string {
  const { ratio, says } = compare(
    ratios,
    ratios.map(() => 1),
  );
  if (ratios.length < ROUNDS_MIN)
    return `with node:fs p99 was ${timesText(ratio.median)} as long; that is no more than a hint: it takes at least ${ROUNDS_MIN} rounds to tell the two apart`;
  const span = `${figureText(ratio.min)} to ${figureText(ratio.max)}`;
  const than =
    says === 0
      ? `p99 shows no difference in these rounds (with node:fs it is ${span} times that of node-eio)`
      : says === 1
        ? `p99 is ${timesText(ratio.median)} as long with node:fs (${span})`
        : `p99 is ${timesText(1 / ratio.median)} as long with node-eio (${figureText(1 / ratio.max)} to ${figureText(1 / ratio.min)})`;
  return goals.includes(name) ? `${than}${beside(name, ratios)}` : than;
}

/** Of what was hoped for, only what the rounds are sure of. */
function beside(name: ScenarioName, ratios: readonly number[]): string {
  const { says } = compare(
    ratios,
    ratios.map(() => GOAL),
  );
  if (says === 1) return `: the goal of ${GOAL} is reached`;
  if (says === 0)
    return `; whether that reaches the goal of ${GOAL}, these rounds do not say`;
  const reason = reasons[name];
  return `, short of the goal of ${GOAL}${reason === undefined ? "" : `: ${reason}`}`;
}

const timesText = (ratio: number): string => `${figureText(ratio)} times`;
const figureText = (ratio: number): string => ratio.toFixed(ratio < 10 ? 1 : 0);

export function textOf({
  machine,
  rounds,
  runtimeMs,
  connections,
  scenarios,
  leftOut,
}: InterferenceReport): string {
  const rows = scenarios.flatMap(({ about, figures }) =>
    subjects.map((subject, i) => {
      const { perSecond, p50Ns, p99Ns, unanswered } = figures[subject];
      const held = unanswered === 0 ? "" : `${unanswered} never answered`;
      return [
        i === 0 ? about : "",
        subject,
        rateText(perSecond),
        timeText(p50Ns),
        timeText(p99Ns),
        held,
      ];
    }),
  );
  return [
    ...machineLines(machine),
    `answers of 4 KiB to ${connections} connections; medians of ${rounds} ${rounds === 1 ? "run" : "runs"} of ${runtimeMs / 1000} s, in turn`,
    "",
    ...aligned([
      ["while the process does", "by", "answers/s", "p50", "p99", ""],
      ...rows,
    ]),
    "",
    ...scenarios.map(({ about, says }) => `${about}: ${says}.`),
    ...leftOut.map(
      ({ name, reason }) => `${about[name]}: left out: ${reason}.`,
    ),
  ].join("\n");
}

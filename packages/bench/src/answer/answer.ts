// The three sentences that most readers want: what is faster here and by how much, what to set, and how sure that is.
// It knows figures; it takes none.
import { answerWorks, ownChoice } from "./job.ts";
import type { Outcome, Row } from "../rows.ts";
import { compare, geometricMean, type Comparison } from "../statistics.ts";
import { times } from "../verdict.ts";

export interface Answer {
  /** Who is fastest at each kind of work; null where the runs show no difference. */
  winners: (string | null)[];
  /** What NODE_EIO_BACKEND is to be; null for nothing. */
  set: string | null;
  /** Sentences. */
  says: string[];
}

const NODE = "node:fs promises";
const OWN = "auto";
const PERCENT = 100;
/** Rounds so far apart hide what most readers would call a difference; and so far, everything. */
const NOISY = 1.3;
const VAST = 10;

interface Compared {
  work: string;
  comparison: Comparison;
}

export function answerOf(outcomes: Outcome[]): Answer {
  const names = new Set(
    outcomes.flatMap(({ rows }) => rows.map(({ subject }) => subject.name)),
  );
  const others = [...names].filter((name) => name !== NODE && name !== OWN);
  // Each other backend beside ours, and ours, or the better one, beside node:fs.
  const claims = outcomes.length * (2 * others.length + 1);
  const beside = (name: string, to: string): Compared[] =>
    outcomes.flatMap(({ rows, draft }) => {
      const [row, against] = [name, to].map((name) => rowOf(rows, name));
      if (row === undefined || against === undefined) return [];
      const comparison = compare(row.rates, against.rates, claims);
      return [{ work: workName(draft.work), comparison }];
    });
  const [better] = others
    .map((name) => ({ name, all: beside(name, OWN) }))
    .filter(({ all }) => isBetter(all))
    .sort((a, b) => gainOf(b.all) - gainOf(a.all));
  const ours = better?.name ?? OWN;
  const all = beside(ours, NODE);
  const faster = all.some(({ comparison }) => comparison.says === 1);
  const set = faster && better !== undefined ? better.name : null;
  return {
    winners: all.map(({ comparison: { says } }) =>
      says === 0 ? null : says === 1 ? ours : NODE,
    ),
    set,
    says: [
      ...failures(outcomes),
      fastest(all, ours),
      setting(all, better, others),
      sureness(outcomes, all),
    ],
  };
}

const rowOf = (rows: Row[], name: string): Row | undefined =>
  rows.find(({ subject }) => subject.name === name);
const workName = (work: string): string =>
  (answerWorks as Record<string, string>)[work] ?? work;

/** At some of the work, and not worse at any. */
const isBetter = (all: Compared[]): boolean =>
  all.some(({ comparison }) => comparison.says === 1) &&
  all.every(({ comparison }) => comparison.says !== -1);
const gainOf = (all: Compared[]): number =>
  geometricMean(all.map(({ comparison }) => comparison.ratio.median));

function failures(outcomes: Outcome[]): string[] {
  return outcomes.flatMap(({ title, failed }) =>
    failed.map(
      ({ subject, failure }) =>
        `${subject.name} failed at ${title}: ${failure}.`,
    ),
  );
}

function fastest(all: Compared[], ours: string): string {
  const name = ours === OWN ? "node-eio" : `node-eio with ${ours}`;
  const [more, less, same] = ([1, -1, 0] as const).map((side) =>
    all.filter(({ comparison }) => comparison.says === side),
  ) as [Compared[], Compared[], Compared[]];
  const part = ({ work, comparison: { ratio, says } }: Compared): string => {
    const [middle, low, high] =
      says === -1
        ? [1 / ratio.median, 1 / ratio.max, 1 / ratio.min]
        : [ratio.median, ratio.min, ratio.max];
    return `${times(middle)} as fast at ${work} (${figure(low)} to ${figure(high)})`;
  };
  const parts = [
    ...(more.length === 0
      ? []
      : [`${name} is ${list(more.map(part))}, compared with node:fs`]),
    ...(less.length === 0
      ? []
      : [`node:fs is ${list(less.map(part))}, compared with ${name}`]),
    ...(same.length === 0
      ? []
      : [
          `for ${list(same.map(({ work }) => work))} these runs show no difference between ${name} and node:fs`,
        ]),
  ];
  return sentence(parts.join("; ") || "Nothing could be compared");
}

function setting(
  all: Compared[],
  better: { name: string; all: Compared[] } | undefined,
  others: string[],
): string {
  const says = all.map(({ comparison }) => comparison.says);
  if (!says.includes(1)) {
    if (!says.includes(-1) && marginOf(all) > NOISY)
      return "Set nothing yet: the noise is too large to tell; repeat this while the machine is quiet.";
    return "Set nothing, and expect nothing: on this machine node-eio does not make such work faster.";
  }
  if (better === undefined)
    return `Set nothing: node-eio chooses ${ownChoice()} by itself${others.length === 0 ? "" : `, and ${list(others, "or")} is not faster by more than the noise`}.`;
  const where = better.all
    .filter(({ comparison }) => comparison.says === 1)
    .map(
      ({ work, comparison }) =>
        `${times(comparison.ratio.median)} as fast at ${work}`,
    );
  return `Set NODE_EIO_BACKEND=${better.name} in the environment, or createEio({ backend: "${better.name}" }): that is ${list(where)} as what node-eio chooses by itself (${ownChoice()}).`;
}

function sureness(outcomes: Outcome[], all: Compared[]): string {
  const rounds = Math.min(
    ...outcomes.flatMap(({ rows }) => rows.map((row) => row.rounds)),
  );
  const margin = marginOf(all);
  if (!Number.isFinite(margin))
    return `That is no more than a hint: there were only ${rounds} rounds.`;
  const spread = Math.max(
    ...all.map(({ comparison: { ratio } }) =>
      Math.max(ratio.max / ratio.median, ratio.median / ratio.min),
    ),
  );
  const hidden =
    margin > VAST
      ? "hardly any difference would have shown"
      : `a difference of less than ${margin > 2 ? times(margin) : percent(margin)} would not have shown`;
  return `How sure: ${rounds} rounds in turn, in which the ratios were up to ${percent(spread)} off their median; ${hidden}.`;
}

const marginOf = (all: Compared[]): number =>
  Math.max(...all.map(({ comparison }) => comparison.margin));

const percent = (factor: number): string =>
  `${Math.ceil((factor - 1) * PERCENT)} %`;
const figure = (value: number): string =>
  value.toFixed(value < 1.1 ? 2 : value < 10 ? 1 : 0);

function list(parts: string[], word = "and"): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} ${word} ${parts.at(-1)}`;
}

/** Names of packages and backends stay as they are written. */
const sentence = (text: string): string =>
  `${text.replace(/^(?:at|all|for)\b/, (word) => word[0]!.toUpperCase() + word.slice(1))}.`;

// What the figures say, in words: what to use for each work and depth, by how much, and where they say
// nothing. It knows rows of figures; it takes no figure of its own.
import { isRandom } from "./case.ts";
import type { Outcome, Row } from "./rows.ts";
import {
  DIFFERENCE_MIN,
  ROUNDS_MIN,
  compare,
  pairsAmong,
  type Comparison,
  type Spread,
} from "./statistics.ts";

export interface Verdict {
  title: string;
  /** Whom to use; null where nobody can be named. */
  use: string | null;
  /** Sentences. */
  says: string[];
}

/** Who may be recommended: it does the work, and leaves the loop to others meanwhile. */
const isCandidate = ({ subject }: Row): boolean =>
  subject.kind === "module" ||
  ((subject.kind === "eio" || subject.kind === "node") &&
    subject.which !== "null" &&
    subject.style !== "sync");

export function verdictOf({ title, rows, failed }: Outcome): Verdict {
  const candidates = rows
    .filter(isCandidate)
    .sort((a, b) => b.rate.median - a.rate.median);
  const [best] = candidates;
  const says = failed.map(
    ({ subject, failure }) => `${subject.name} failed: ${failure}.`,
  );
  if (best === undefined) {
    const nobody = "Nobody who could be recommended was measured.";
    return { title, use: null, says: [...says, nobody, ...overheads(rows)] };
  }
  const claims = pairsAmong(candidates.length);
  const others = candidates
    .slice(1)
    .map((row) => ({ row, ...compare(best.rates, row.rates, claims) }));
  const equals = others.filter(({ says }) => says !== 1);
  const behind = others.filter(({ says }) => says === 1);
  const chosen = cheapest(best, equals, claims);
  const use = chosen.subject.name;
  if (others.length === 0)
    says.push(`Only ${use} was measured: there is nothing to compare it with.`);
  else if (best.rounds < ROUNDS_MIN) says.push(...tooFew(best, others));
  else says.push(choice(chosen, best, behind, claims));
  if (equals.length !== 0 && best.rounds >= ROUNDS_MIN)
    says.push(...alike(best, equals), ...why(chosen, best));
  return { title, use, says: [...says, ...asides(rows, best)] };
}

/** Of those that the rounds cannot tell apart, the one that costs the processor least. */
function cheapest(best: Row, equals: { row: Row }[], claims: number): Row {
  let chosen = best;
  for (const { row } of equals)
    if (compare(row.cpusUs, chosen.cpusUs, claims).says === -1) chosen = row;
  return chosen;
}

function choice(
  chosen: Row,
  best: Row,
  behind: Against[],
  claims: number,
): string {
  const name = chosen.subject.name;
  if (behind.length === 0)
    return `These runs do not say which to use; ${name} is as good as the others as far as they show.`;
  const ratios = behind
    .map(({ row }) => ({ row, ...compare(chosen.rates, row.rates, claims) }))
    .filter(({ says }) => says === 1)
    .map(({ row, ratio }) => `${timesAsFast(ratio)} as ${row.subject.name}`);
  if (ratios.length === 0)
    return `Use ${name}, which is as fast as ${best.subject.name}.`;
  return `Use ${name}: ${ratios.join(", ")}.`;
}

interface Against extends Comparison {
  row: Row;
}

/** What was slower in each round, and that may still be chance, is not the same as what was not. */
function alike(best: Row, equals: Against[]): string[] {
  const isOpen = ({ ratio }: Against): boolean => ratio.min >= DIFFERENCE_MIN;
  const names = (some: Against[]): string =>
    some
      .map(({ row, ratio }) => `${row.subject.name} (${span(ratio)})`)
      .join(", ");
  const [open, same] = [true, false].map((is) =>
    equals.filter((one) => isOpen(one) === is),
  ) as [Against[], Against[]];
  const name = best.subject.name;
  return [
    ...(same.length === 0
      ? []
      : [`Between ${name} and ${names(same)} these runs show no difference.`]),
    ...(open.length === 0
      ? []
      : [
          `${name} was faster in each round than ${names(open)}, but ${best.rounds} rounds that far apart are not enough to be sure.`,
        ]),
  ];
}

function tooFew(best: Row, others: Against[]): string[] {
  const ratios = others.map(
    ({ row, ratio }) =>
      `${ratio.median.toFixed(2)} times as fast as ${row.subject.name}`,
  );
  return [
    `The fastest here was ${best.subject.name}: ${ratios.join(", ")}.`,
    `That is no more than a hint: it takes at least ${ROUNDS_MIN} rounds to tell two of them apart.`,
  ];
}

function why(chosen: Row, best: Row): string[] {
  if (chosen === best) return [];
  return [
    `${chosen.subject.name} takes less processor time: ${micros(chosen)} us for each operation, and ${best.subject.name} ${micros(best)} us.`,
  ];
}

/** What a reader would ask next. */
function asides(rows: Row[], best: Row): string[] {
  const says: string[] = [];
  const sync = rows.find(
    ({ subject }) => subject.kind === "node" && subject.style === "sync",
  );
  if (sync !== undefined) {
    const { ratio, says: verdict } = compare(sync.rates, best.rates);
    if (verdict === 1)
      says.push(
        `node:fs sync is ${times(ratio.median)} as fast as ${best.subject.name}, but nothing else runs meanwhile.`,
      );
  }
  for (const peer of rows.filter(
    ({ subject }) => subject.kind === "fio" || subject.kind === "bun",
  ))
    says.push(...beside(peer, rows, best));
  return [...says, ...overheads(rows)];
}

/** fio's engine beside the backend that calls the kernel in the same manner. */
function beside(peer: Row, rows: Row[], best: Row): string[] {
  const same = { io_uring: "uring", libaio: "aio" }[peer.subject.which];
  const own =
    rows.find(
      ({ subject }) => subject.kind === "eio" && subject.which === same,
    ) ?? (same === "aio" ? undefined : best);
  if (own === undefined) return [];
  const { ratio, says } = compare(own.rates, peer.rates);
  const verdict =
    says === 0 && own.rounds >= ROUNDS_MIN
      ? ", which is no difference that these runs show"
      : "";
  return [
    `${own.subject.name} reaches ${ratio.median.toFixed(2)} times the rate of ${peer.subject.name} (${span(ratio)})${verdict}.`,
  ];
}

function overheads(rows: Row[]): string[] {
  return rows.filter(({ subject }) => subject.which === "null").map(overhead);
}

function overhead(row: Row): string {
  const ns = 1e9 / row.rate.median;
  const harness =
    row.harnessNs === null
      ? ""
      : `, of which about ${Math.round(row.harnessNs)} ns are the bench's own loop`;
  return `This library's own part: ${Math.round(ns)} ns for each operation (the null backend)${harness}.`;
}

const micros = ({ cpuUs }: Row): string => cpuUs.median.toFixed(1);
/** `2.1 times`, and `1.04 times` where one digit would hide it. */
export const times = (ratio: number): string =>
  `${ratio.toFixed(ratio < 1.1 ? 2 : ratio < 10 ? 1 : 0)} times`;
const span = ({ min, max }: Spread): string =>
  `${min.toFixed(2)} to ${max.toFixed(2)}`;
const timesAsFast = (ratio: Spread): string =>
  `${times(ratio.median)} (${ratio.median < 1.1 ? span(ratio) : `${ratio.min.toFixed(1)} to ${ratio.max.toFixed(1)}`}) as fast`;

/** What figures of a run like this do not say. */
export function caveats(
  outcomes: Outcome[],
  load: number,
  processors: number,
): string[] {
  const says: string[] = [];
  if (load > processors * BUSY_SHARE)
    says.push(
      `The machine was busy when this began (load ${load.toFixed(1)} on ${processors} processors): ratios of the same round hold better than rates.`,
    );
  if (outcomes.some(({ draft }) => draft.cold && isRandom(draft.work)))
    says.push(
      "Cold runs end when every block was read once, or with the time.",
    );
  return says;
}
const BUSY_SHARE = 0.5;

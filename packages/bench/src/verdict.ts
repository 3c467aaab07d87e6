// What the figures say, in words: what to use for each work and depth, by how much, and where they say
// nothing. It knows rows of figures; it takes no figure of its own.
import { isRandom } from "./case.ts";
import type { Outcome, Row } from "./rows.ts";
import { ROUNDS_MIN, compare, type Comparison } from "./statistics.ts";

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
  const others = candidates
    .slice(1)
    .map((row) => ({ row, ...compare(best.rates, row.rates) }));
  const equals = others.filter(({ says }) => says !== 1);
  const behind = others.filter(({ says }) => says === 1);
  const chosen = cheapest(best, equals);
  const use = chosen.subject.name;
  if (others.length === 0) says.push(`${use} alone was measured.`);
  else if (best.rounds < ROUNDS_MIN) says.push(...tooFew(best, others));
  else says.push(choice(chosen, best, equals.length, behind));
  if (equals.length !== 0 && best.rounds >= ROUNDS_MIN)
    says.push(alike(best, equals), ...why(chosen, best));
  return { title, use, says: [...says, ...asides(rows, best)] };
}

/** Of those that the rounds cannot tell apart, the one that costs the processor least. */
function cheapest(best: Row, equals: { row: Row }[]): Row {
  let chosen = best;
  for (const { row } of equals)
    if (compare(row.cpusUs, chosen.cpusUs).says === -1) chosen = row;
  return chosen;
}

function choice(
  chosen: Row,
  best: Row,
  equals: number,
  behind: Against[],
): string {
  const name = chosen.subject.name;
  if (behind.length === 0)
    return `Any of them will do${equals === 0 ? "" : `; ${name} is as good as the others`}.`;
  const ratios = behind
    .map(({ row }) => ({ row, comparison: compare(chosen.rates, row.rates) }))
    .filter(({ comparison }) => comparison.says === 1)
    .map(
      ({ row, comparison }) => `${timesOf(comparison)} of ${row.subject.name}`,
    );
  if (ratios.length === 0)
    return `Use ${name}, which does as much as ${best.subject.name}.`;
  return `Use ${name}: ${ratios.join(", ")}.`;
}

interface Against extends Comparison {
  row: Row;
}

function alike(best: Row, equals: Against[]): string {
  const names = equals.map(
    ({ row, ratio }) => `${row.subject.name} (${span(ratio)})`,
  );
  return `Between ${best.subject.name} and ${names.join(", ")}: no difference that these runs show.`;
}

/** What agrees by chance half the time is no agreement. */
function tooFew(best: Row, others: Against[]): string[] {
  const ratios = others.map(
    ({ row, ratio }) => `${ratio.median.toFixed(2)}x of ${row.subject.name}`,
  );
  return [
    `The fastest here was ${best.subject.name}: ${ratios.join(", ")}.`,
    `That is no more than a hint: ${ROUNDS_MIN} rounds are the least to tell one from another.`,
  ];
}

function why(chosen: Row, best: Row): string[] {
  if (chosen === best) return [];
  return [
    `${chosen.subject.name} costs less of the processor: ${micros(chosen)} against ${micros(best)} us for each operation.`,
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
        `node:fs sync does ${times(ratio.median)} of ${best.subject.name}, and holds the loop for it.`,
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
      ? "; no difference that these runs show"
      : "";
  return [
    `${own.subject.name} reaches ${ratio.median.toFixed(2)} of ${peer.subject.name} (${span(ratio)})${verdict}.`,
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
const times = (ratio: number): string =>
  `${ratio.toFixed(ratio < 10 ? 1 : 0)}x`;
const span = ({ min, max }: { min: number; max: number }): string =>
  `${min.toFixed(2)} to ${max.toFixed(2)}`;
const timesOf = ({ ratio }: Comparison): string =>
  ratio.median < 1.1
    ? `${ratio.median.toFixed(2)}x (${span(ratio)})`
    : `${times(ratio.median)} (${ratio.min.toFixed(1)} to ${ratio.max.toFixed(1)})`;

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

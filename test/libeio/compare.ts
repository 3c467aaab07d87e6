// Two outcomes of a scenario, entry by entry: where they differ, and the listed differences taken off. It
// knows the form of entries, not what they are of.
import { isDeepStrictEqual } from "node:util";
import type { Entry } from "./scenario.ts";

/** An entry in which ours and theirs differ; undefined where one side lacks it. */
export interface Divergence {
  at: number;
  theirs: Entry | undefined;
  ours: Entry | undefined;
}

/** Left out of the comparison: texts of errors. */
const ASIDE = ["why"];

function comparable(entries: readonly Entry[]): Entry[] {
  return entries.map((entry) =>
    Object.fromEntries(
      Object.entries(entry).filter(([name]) => !ASIDE.includes(name)),
    ),
  );
}

/** libeio does not call the callbacks of what was cancelled, and ours does: there is nothing to compare. */
export const withoutCancelled = (entries: readonly Entry[]): Entry[] =>
  entries.filter((entry) => entry.cancelled !== true);

/** Of one scenario, as it was logged by each. */
export const allDivergences = (
  theirs: readonly Entry[] = [],
  ours: readonly Entry[] = [],
): Divergence[] =>
  divergences(comparable(theirs), comparable(withoutCancelled(ours)));

/** Aligns the two by the longest common run of equal entries, so that one that is missing shifts no others. */
function divergences(
  theirs: readonly Entry[],
  ours: readonly Entry[],
): Divergence[] {
  const lengths = commonLengths(theirs, ours);
  const found: Divergence[] = [];
  let i = 0;
  let j = 0;
  while (i < theirs.length || j < ours.length) {
    const one = theirs[i];
    const other = ours[j];
    if (one && other && isDeepStrictEqual(one, other)) {
      i++;
      j++;
    } else if (one && other && sameSubject(one, other)) {
      found.push({ at: i, theirs: one, ours: other });
      i++;
      j++;
    } else if (one && (!other || lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      found.push({ at: i++, theirs: one, ours: undefined });
    } else {
      found.push({ at: i, theirs: undefined, ours: other });
      j++;
    }
  }
  return found;
}

/** The same request's or the same kind of look, with another outcome. */
function sameSubject(one: Entry, other: Entry): boolean {
  if ("cb" in one || "cb" in other) return one.cb === other.cb;
  const [name] = Object.keys(one);
  return name !== undefined && name in other;
}

function commonLengths(a: readonly Entry[], b: readonly Entry[]): number[][] {
  const lengths = Array.from({ length: a.length + 1 }, () =>
    new Array<number>(b.length + 1).fill(0),
  );
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i]![j] = isDeepStrictEqual(a[i], b[j])
        ? lengths[i + 1]![j + 1]! + 1
        : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  return lengths;
}

/** What an entry is of: the callback's name, or the kind of look. */
export function subjectOf(entry: Entry): string {
  if (typeof entry.cb === "string") return entry.cb;
  return Object.keys(entry)[0] ?? "";
}

/** The fields that are not the same; null where that side has no such entry. */
export function fieldsOf({ theirs, ours }: Divergence): {
  theirs: Entry | null;
  ours: Entry | null;
} {
  if (theirs === undefined || ours === undefined)
    return { theirs: theirs ?? null, ours: ours ?? null };
  const names = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  const differing = [...names].filter(
    (name) => !isDeepStrictEqual(theirs[name], ours[name]),
  );
  const only = (entry: Entry): Entry =>
    Object.fromEntries(
      differing.filter((name) => name in entry).map((n) => [n, entry[n]]),
    );
  return { theirs: only(theirs), ours: only(ours) };
}

/** Both sides of a difference, to print. */
export const report = ({ at, theirs, ours }: Divergence): string =>
  `  entry ${at}\n    libeio: ${line(theirs)}\n    ours:   ${line(ours)}`;

const line = (entry: Entry | undefined): string =>
  entry === undefined ? "(nothing)" : JSON.stringify(entry);

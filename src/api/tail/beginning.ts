// Where a tail begins: a file and an offset in it, or the place at which another tail ended, which may have another name by now or be in
// a copy. What is read from there on is not known here.
import type { Family, Member } from "./family.ts";
import { isSame } from "./family.ts";
import type { KnownFiles } from "./known-files.ts";
import type { MemberFiles } from "./member-files.ts";
import type { TailPosition } from "./options.ts";
import { fromStart, placeAt, type Place, type Start } from "./place.ts";

export type Beginning = "start" | "end" | number | TailPosition;

/** What is read first; nothing, where a file is still to come. */
export async function findBeginning(
  from: Beginning,
  family: Family,
  known: KnownFiles,
  memberFiles: MemberFiles,
): Promise<Start[]> {
  const files = await family.list();
  if (typeof from === "object")
    return findPlace(placeAt(from), files, known, memberFiles);
  await known.learn(files);
  // What a file is made with that is not there yet is new, wherever it was to begin.
  const current = files.at(-1);
  if (current?.path !== family.path) return [];
  const offset = { start: 0, end: current.size }[String(from)] ?? Number(from);
  return [{ file: current, offset, before: null }];
}

async function findPlace(
  place: Place,
  files: Member[],
  known: KnownFiles,
  memberFiles: MemberFiles,
): Promise<Start[]> {
  const { file: was, offset, before, seenNs } = place;
  await known.recall(files, place);
  const same = files.find((file) => isSame(file, was));
  if (same !== undefined && (await memberFiles.holds(same, offset, before)))
    return [{ file: same, offset, before }];
  if (offset > 0) {
    const later = files.filter(({ birthNs }) => birthNs > (seenNs ?? -1n));
    const copy = await memberFiles.indexOfPlace(later, offset, before);
    if (copy >= 0) return [{ file: later[copy]!, offset, before }];
  }
  if (same !== undefined && offset > 0) {
    const { copy } = await known.findAfterCut(same, offset, before);
    if (copy !== null) return [copy, fromStart(same)];
  }
  // Cut without a copy, or gone with all that it was. Files may be born in the same instant.
  const file = same ?? files.find(({ birthNs }) => birthNs >= was.birthNs);
  return file === undefined ? [] : [fromStart(file)];
}

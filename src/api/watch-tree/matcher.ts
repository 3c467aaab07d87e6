// Entries that were found where nothing, or something else, was known, and entries that are missing: which of them are the same. It
// decides what is to be done with the tree, and in which order; how that is done and reported is its caller's business.
import {
  inodeKey,
  isFolder,
  isMoved,
  isSameEntry,
  isUnchanged,
  kindOf,
} from "./records.ts";
import type { Survey } from "./survey.ts";
import {
  isWithin,
  recordOf,
  type Entry,
  type Folder,
  type Place,
  type Tree,
} from "./tree.ts";

/** An entry as a survey has it, where it is. */
export interface Found {
  folder: Folder;
  name: string;
  survey: Survey;
  /** Its record in the survey. */
  at: number;
}

export interface Acts {
  create(found: Found): void;
  move(from: Place, to: Found): void;
  exchange(a: Place, b: Place): void;
  /** The same name has another file, or the file has changed. */
  update(found: Found, entry: Entry): void;
  remove(place: Place): void;
  /** It is known elsewhere, and nobody has looked there: both are to be looked at again. */
  postpone(found: Found, known: Folder): void;
}

/** A folder that is at two places in spite of that is mounted there. */
const POSTPONED_MAX = 3;

export const isAt = ({ folder, name, entry }: Place): boolean =>
  !folder.detached && folder.entries.get(name) === entry;

export class Matcher {
  readonly #tree: Tree;
  readonly #missing: ReadonlyMap<Entry, Place>;
  readonly #acts: Acts;
  readonly #postponed = new Map<Folder, number>();
  /** What is known where something else was found. */
  #displaced = new Set<Entry>();
  #candidates = new Map<string, Place[]>();

  constructor(tree: Tree, missing: ReadonlyMap<Entry, Place>, acts: Acts) {
    this.#tree = tree;
    this.#missing = missing;
    this.#acts = acts;
  }

  /** At the end of a batch. */
  reset(): void {
    this.#postponed.clear();
  }

  /** Finds a place in the tree for each. True: there is a folder that was not known before. */
  settle(found: Found[]): boolean {
    const displaced = found.flatMap((one) => placeOf(one) ?? []);
    this.#displaced = new Set(displaced.map(({ entry }) => entry));
    this.#candidates = this.#tree.byInode([
      ...this.#missing.values(),
      ...displaced,
    ]);
    let grew = false;
    for (let left = found; left.length > 0;) {
      const blocked: Found[] = [];
      for (const one of left) {
        if (one.folder.detached) continue;
        if (placeOf(one) !== null) blocked.push(one);
        else if (this.#put(one)) grew = true;
      }
      left = blocked.length < left.length ? blocked : this.#makeWay(blocked);
    }
    return grew;
  }

  #put(one: Found): boolean {
    const from = this.#match(one);
    if (from !== null) {
      this.#displaced.delete(from.entry);
      this.#acts.move(from, one);
      return false;
    }
    const { survey, at } = one;
    if (!isFolder(survey.words, at)) return (this.#acts.create(one), false);
    const known = this.#tree.same(survey.words, at);
    if (known !== undefined) {
      const times = (this.#postponed.get(known) ?? 0) + 1;
      this.#postponed.set(known, times);
      if (times <= POSTPONED_MAX)
        return (this.#acts.postpone(one, known), false);
    }
    this.#acts.create(one);
    return true;
  }

  /** Each is where something else is known: one of them is settled, or can be now. */
  #makeWay([one, ...others]: Found[]): Found[] {
    const place = placeOf(one!)!;
    const { survey, at } = one!;
    const { words } = this.#tree.records;
    const record = recordOf(place.entry);
    if (isSameEntry(words, record, survey.words, at)) {
      if (!isUnchanged(words, record, survey.words, at))
        this.#acts.update(one!, place.entry);
      return others;
    }
    const from = this.#match(one!);
    this.#displaced.delete(place.entry);
    if (from === null && isFile(words, record, survey.words, at)) {
      this.#acts.update(one!, place.entry);
      return others;
    }
    const back = others.find(
      (other) =>
        from !== null &&
        placeOf(other)?.entry === from.entry &&
        this.#isThis(other, place),
    );
    if (back === undefined) {
      this.#acts.remove(place);
      return [one!, ...others];
    }
    this.#displaced.delete(from!.entry);
    this.#acts.exchange(place, from!);
    return others.filter((other) => other !== back);
  }

  #match(one: Found): Place | null {
    const key = inodeKey(one.survey.words, one.at);
    const places = this.#candidates.get(key) ?? [];
    return (
      places.find(
        (place) =>
          isAt(place) &&
          this.#isGone(place) &&
          this.#isThis(one, place) &&
          !isWithin(one.folder, place.entry),
      ) ?? null
    );
  }

  #isThis({ survey, at }: Found, { entry }: Place): boolean {
    const same = isFolder(survey.words, at) ? isSameEntry : isMoved;
    return same(this.#tree.records.words, recordOf(entry), survey.words, at);
  }

  /** Whether it is not where it is known, or is in a folder of which that is so. */
  #isGone({ folder, entry }: Place): boolean {
    if (this.#missing.has(entry) || this.#displaced.has(entry)) return true;
    for (let at: Folder | null = folder; at !== null; at = at.parent)
      if (this.#missing.has(at) || this.#displaced.has(at)) return true;
    return false;
  }
}

/** What is known where something was found. */
function placeOf({ folder, name }: Found): Place | null {
  const entry = folder.entries.get(name);
  return entry === undefined ? null : { folder, name, entry };
}

const isFile = (...records: Parameters<typeof isSameEntry>): boolean => {
  const [a, atA, b, atB] = records;
  return !isFolder(a, atA) && kindOf(a, atA) === kindOf(b, atB);
};

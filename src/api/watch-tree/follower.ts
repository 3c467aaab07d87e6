// Follows a tree: what is noticed says where to look, and what is found there, compared with what was known, is what is reported. So
// nothing depends on one notice for each change, or on their being in time; only renames are taken from notices as they are.
//
//   notices --> moves, at once, and names to look at --> surveys --> as known: nothing; changed: modify;
//                                                                    not there: missing; new: found
//   missing and found are the same: rename (exchange, if it is mutual); else create, and at the end of the batch remove
import type { SystemError } from "../../request/errors.ts";
import { endsCall } from "../terms.ts";
import { Batch } from "./events.ts";
import { Matcher, isAt, type Found } from "./matcher.ts";
import {
  identityBytes,
  isAbsent,
  isSameEntry,
  isUnchanged,
  kindOf,
  type EntryKind,
} from "./records.ts";
import type { Notice, Source } from "./source.ts";
import type { Survey } from "./survey.ts";
import {
  Tree,
  isWithin,
  pathIn,
  pathOf,
  recordOf,
  type Entry,
  type Folder,
  type Place,
} from "./tree.ts";

/** Surveys at once: more would not be faster. */
const SURVEYS_MAX = 64;
/** Rounds of a batch that lead to no new folder: what is still being changed then is for the next batch. */
const IDLE_ROUNDS_MAX = 4;
/** And of all, for a batch that has begun has to be given; but not of the first, which goes as deep as the tree. */
const ROUNDS_MAX = 16;
/** Looks in a row after which a folder that is never where it is said to be counts as unreadable. */
const MISSES_MAX = 1000;
/** With more names than that, and than a part of what is in the folder, it is listed as a whole. */
const NAMES_MAX = 64;
const PART_OF_FOLDER = 4;
/** What the names of one survey take, about. */
const NAMES_BYTES_MAX = 1 << 16;
/** Another folder than the expected one: libuv has no name for it. */
const ESTALE = -116;
const ABSENT = new Set<string | undefined>(["ENOENT", "ENOTDIR"]);

interface Looked {
  folder: Folder;
  /** null: all. */
  names: ReadonlySet<string> | null;
  survey: Survey | null;
  error: SystemError | null;
}

/** What left a folder; without an entry it was not known. */
type Leaving = Pick<Place, "folder" | "name"> & Partial<Place>;
type Coming = Extract<Notice, { cookie: number }>;

/** The root is not there any more, or another folder is. */
export class RootGone extends Error {}

export class TreeFollower {
  readonly tree = new Tree();
  readonly #base: string;
  readonly #ignores: ((path: string) => boolean) | null;
  readonly #source: Source;
  readonly #matcher: Matcher;
  /** Folders with something to look at. */
  readonly #pending = new Set<Folder>();
  /** Of those the ones in folders that are missing: they may be found elsewhere. */
  readonly #parked = new Set<Folder>();
  readonly #missing = new Map<Entry, Place>();
  /** By cookie. */
  readonly #leaving = new Map<number, Leaving>();
  #batch = new Batch();

  /** @param base the absolute path, bytes as characters */
  constructor(
    base: string,
    ignores: ((path: string) => boolean) | null,
    source: Source,
  ) {
    this.#base = base;
    this.#ignores = ignores;
    this.#source = source;
    this.#pending.add(this.tree.root);
    this.#matcher = new Matcher(this.tree, this.#missing, {
      create: (one) => this.#create(one),
      move: (from, { folder, name }) => this.#move(from, folder, name),
      exchange: (a, b) => this.#exchange(a, b),
      update: (one, entry) => this.#update(one, entry),
      remove: (place) => this.#remove(place),
      postpone: ({ folder, name }, known) => {
        this.#mark(folder, name);
        this.#mark(known.parent!, known.name);
      },
    });
  }

  /** Whether there is something to do without any notice. */
  get hasWork(): boolean {
    return this.#pending.size > 0;
  }

  /** It is to be compared with what is known of it. */
  revisit(folder: Folder): void {
    folder.stale = true;
    folder.dirty = null;
    this.#pending.add(folder);
  }

  /** What was found by comparing, because changes were lost or cannot be noticed. */
  overflow(reason: "queue" | "watches"): void {
    this.#batch.overflow(reason);
  }

  /** Brings the tree up to what is there now, and the batch what that takes. Throws RootGone. */
  async collect(batch: Batch): Promise<void> {
    this.#batch = batch;
    this.#apply(this.#source.take());
    const isFirst = isAbsent(this.tree.records.words, this.tree.root.record);
    let left = isFirst ? Infinity : ROUNDS_MAX;
    for (
      let idle = 0;
      this.hasWork && idle < IDLE_ROUNDS_MAX && left > 0;
      left--
    )
      idle = (await this.#round()) ? 0 : idle + 1;
    this.#apply(this.#source.take());
    for (const place of [...this.#missing.values()])
      if (isAt(place)) this.#remove(place);
    this.#missing.clear();
    this.#leaving.clear();
    this.#matcher.reset();
    this.#unpark();
  }

  #apply(notices: Notice[]): void {
    for (let i = 0; i < notices.length; i++) {
      const notice = notices[i]!;
      if (notice.what === "overflow") {
        this.overflow("queue");
        for (const folder of this.tree.folders()) this.revisit(folder);
        continue;
      }
      const { folder } = notice;
      if (folder.detached) continue;
      if (notice.what === "to") {
        if (this.#arrive(notice, notices[i + 1], notices[i + 2])) i += 2;
      } else if (notice.what === "from" || notice.what === "name")
        this.#note(folder, notice.name);
      else if (notice.what === "unwatched" && folder.parent !== null)
        this.#mark(folder.parent, folder.name);
      else this.revisit(folder);
      if (notice.what === "from") {
        const { name, cookie } = notice;
        const entry = folder.entries.get(name);
        const known = entry === undefined ? {} : { entry };
        this.#leaving.set(cookie, { folder, name, ...known });
      }
    }
  }

  /** True: the two notices that follow were the other half of it. */
  #arrive({ folder, name, cookie }: Coming, ...next: AnyNotice[]): boolean {
    const from = this.#leaving.get(cookie);
    this.#leaving.delete(cookie);
    this.#note(folder, name);
    if (from?.entry === undefined) return false;
    const place = from as Place;
    if (!isAt(place) || isWithin(folder, place.entry)) return false;
    if (this.#ignores?.(pathIn(folder, name)) === true) return false;
    const entry = folder.entries.get(name);
    if (entry === undefined) {
      this.#move(place, folder, name);
      return false;
    }
    if (entry === place.entry || isWithin(place.folder, entry)) return false;
    const target = { folder, name, entry };
    if (isBack(target, place, next)) {
      this.#mark(place.folder, place.name);
      this.#exchange(place, target);
      return true;
    }
    this.#remove(target);
    this.#move(place, folder, name);
    return false;
  }

  /** A name that is not known and ignored is not worth a look. */
  #note(folder: Folder, name: string): void {
    const ignored =
      this.#ignores !== null &&
      !folder.entries.has(name) &&
      this.#ignores(pathIn(folder, name));
    if (!ignored) this.#mark(folder, name);
  }

  #mark(folder: Folder, name: string): void {
    if (!folder.stale) (folder.dirty ??= new Set()).add(name);
    this.#pending.add(folder);
  }

  #unpark(): void {
    for (const folder of this.#parked)
      if (!folder.detached) this.#pending.add(folder);
    this.#parked.clear();
  }

  /** Looks wherever there is something to look at. True: there are folders that were not known before. */
  async #round(): Promise<boolean> {
    const looked = await this.#lookAtAll();
    // What has moved meanwhile is where it is now before anything is concluded.
    this.#apply(this.#source.take());
    const found: Found[] = [];
    for (const one of looked)
      if (one.folder.detached) continue;
      else if (one.survey === null) this.#fail(one);
      else this.#compare(one.folder, one.names, one.survey, found);
    return found.length > 0 && this.#matcher.settle(found);
  }

  async #lookAtAll(): Promise<Looked[]> {
    const folders: Folder[] = [];
    for (const folder of this.#pending)
      if (folder.detached || folder.unreadable) continue;
      else if (this.#isMissing(folder)) this.#parked.add(folder);
      else folders.push(folder);
    this.#pending.clear();
    const looked: Looked[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < folders.length)
        looked.push(await this.#lookAt(folders[next++]!));
    };
    const workers = Math.min(SURVEYS_MAX, folders.length);
    await Promise.all(Array.from({ length: workers }, work));
    return looked;
  }

  async #lookAt(folder: Folder): Promise<Looked> {
    const names = namesToLookAt(folder);
    folder.stale = false;
    folder.dirty = null;
    const path = pathOf(folder);
    try {
      const survey = await this.#source.survey(
        folder,
        path === "" ? this.#base : `${this.#base}/${path}`,
        names === null ? null : [...names],
        identityBytes(this.tree.records.words, folder.record),
      );
      return { folder, names, survey, error: null };
    } catch (error) {
      if (endsCall(error)) throw error;
      return { folder, names, survey: null, error: error as SystemError };
    }
  }

  #isMissing(folder: Folder): boolean {
    if (this.#missing.size === 0) return false;
    for (let at: Folder | null = folder; at !== null; at = at.parent)
      if (this.#missing.has(at)) return true;
    return false;
  }

  /** The look is repeated once it is known where the folder is. */
  #fail({ folder, names, error }: Looked): void {
    const isAway = ABSENT.has(error!.code) || error!.errno === ESTALE;
    if (folder.parent === null) {
      const isKnown = !isAbsent(this.tree.records.words, folder.record);
      throw isAway && isKnown ? new RootGone() : error!;
    }
    if (isAway && ++folder.misses < MISSES_MAX) {
      if (names === null) this.revisit(folder);
      else for (const name of names) this.#mark(folder, name);
      return this.#mark(folder.parent, folder.name);
    }
    folder.unreadable = true;
    this.#batch.unreadable(pathOf(folder), error!);
  }

  #compare(
    folder: Folder,
    names: ReadonlySet<string> | null,
    survey: Survey,
    found: Found[],
  ): void {
    folder.misses = 0;
    if (folder.parent === null)
      this.tree.records.set(folder.record, survey.words, survey.ownAt);
    else this.#compareOwn(folder, folder.parent, survey);
    // Noticed since, all of it: it is looked at again.
    if (folder.stale) return;
    const again = folder.dirty;
    const seen = new Set<string>();
    survey.each((name, at, absent) => {
      if (again?.has(name) === true) return;
      if (absent || this.#ignores?.(pathIn(folder, name)) === true) return;
      seen.add(name);
      const one = { folder, name, survey, at };
      const entry = folder.entries.get(name);
      if (entry === undefined || !this.#isSame(entry, one)) found.push(one);
      else this.#compareEntry(entry, one, names !== null);
    });
    for (const name of names ?? folder.entries.keys()) {
      const entry = folder.entries.get(name);
      if (entry === undefined || seen.has(name) || again?.has(name) === true)
        continue;
      this.#missing.set(entry, { folder, name, entry });
    }
  }

  /** Between its listing in the one above and its own watch, which may be all that notices that, it may have changed. */
  #compareOwn(folder: Folder, parent: Folder, survey: Survey): void {
    const { words } = this.tree.records;
    if (!isUnchanged(words, folder.record, survey.words, survey.ownAt))
      this.#mark(parent, folder.name);
  }

  #isSame(entry: Entry, { survey, at }: Found): boolean {
    const { words } = this.tree.records;
    return isSameEntry(words, recordOf(entry), survey.words, at);
  }

  #compareEntry(entry: Entry, one: Found, isNoted: boolean): void {
    const { words } = this.tree.records;
    const { survey, at } = one;
    this.#missing.delete(entry);
    const changed = !isUnchanged(words, recordOf(entry), survey.words, at);
    if (changed) this.#update(one, entry);
    if (typeof entry === "number") return;
    if (entry.unreadable && !changed) return;
    entry.unreadable = false;
    if (isNoted && this.#source.watchesByPath) this.#source.forget(entry);
    if (isUnwatched(entry)) this.revisit(entry);
  }

  #create({ folder, name, survey, at }: Found): void {
    const entry = this.tree.add(folder, name, survey.words, at);
    this.#batch.create(entry, pathIn(folder, name), survey.words, at);
    if (typeof entry !== "number") this.#pending.add(entry);
  }

  #update({ folder, name, survey, at }: Found, entry: Entry): void {
    this.tree.records.set(recordOf(entry), survey.words, at);
    this.#missing.delete(entry);
    this.#batch.modify(entry, pathIn(folder, name), survey.words, at);
  }

  #move(place: Place, folder: Folder, name: string): void {
    const { entry } = place;
    const from = pathIn(place.folder, place.name);
    this.tree.move(place, folder, name);
    this.#batch.rename(from, pathIn(folder, name), this.#kindOf(entry));
    this.#moved(entry, place.folder, folder);
  }

  #exchange(a: Place, b: Place): void {
    this.#batch.exchange(pathIn(a.folder, a.name), pathIn(b.folder, b.name));
    this.tree.exchange(a, b);
    this.#moved(a.entry, a.folder, b.folder);
    this.#moved(b.entry, b.folder, a.folder);
  }

  #moved(entry: Entry, from: Folder, to: Folder): void {
    this.#missing.delete(entry);
    // What was reported in this batch of it, and of the folders that it left and came to, is not undone any more.
    this.#batch.keep(entry);
    for (const start of [from, to])
      for (let at: Folder | null = start; at !== null; at = at.parent)
        this.#batch.keep(at);
    this.#unpark();
    if (typeof entry === "number") return;
    for (const folder of this.tree.folders(entry)) {
      for (const below of folder.entries.values()) this.#batch.keep(below);
      // What is ignored may depend on where it is.
      if (this.#ignores !== null) this.revisit(folder);
    }
  }

  /** With all that is in it, the lowest first. */
  #remove(place: Place): void {
    const { folder, name, entry } = place;
    if (typeof entry !== "number") {
      for (const [below, child] of entry.entries)
        this.#remove({ folder: entry, name: below, entry: child });
      this.#source.forget(entry);
      this.#pending.delete(entry);
    }
    this.#batch.remove(entry, pathIn(folder, name), this.#kindOf(entry));
    this.#missing.delete(entry);
    this.tree.remove(place);
  }

  #kindOf(entry: Entry): EntryKind {
    return kindOf(this.tree.records.words, recordOf(entry));
  }
}

type AnyNotice = Notice | undefined;

/** Whether what was at the target goes to where the other came from: they were exchanged. */
function isBack(
  target: Place,
  from: Place,
  [left, came]: AnyNotice[],
): boolean {
  return (
    left?.what === "from" &&
    came?.what === "to" &&
    left.cookie === came.cookie &&
    left.folder === target.folder &&
    left.name === target.name &&
    came.folder === from.folder &&
    came.name === from.name
  );
}

/** A folder whose watch was refused is compared from time to time instead. */
const isUnwatched = ({ watch, refused }: Folder): boolean =>
  watch === null && !refused;

/** null: all that is in it. */
function namesToLookAt(folder: Folder): ReadonlySet<string> | null {
  const { dirty, entries, stale } = folder;
  if (stale || dirty === null) return null;
  if (dirty.size > NAMES_MAX && dirty.size > entries.size / PART_OF_FOLDER)
    return null;
  let bytes = 0;
  for (const name of dirty) bytes += name.length + 1;
  return bytes > NAMES_BYTES_MAX ? null : dirty;
}

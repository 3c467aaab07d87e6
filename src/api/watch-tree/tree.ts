// The tree as it was last seen: folders with their entries by name, where each was, and what identifies it. It knows nothing of how
// changes become known. Names and paths are bytes here, one character each (latin1), so that none is lost.
import {
  Records,
  WORDS,
  identityKey,
  inodeKey,
  isFolder,
  type RecordWords,
} from "./records.ts";

/** A folder, or where the record of anything else lies. */
export type Entry = Folder | number;

export class Folder {
  name: string;
  /** null: it is the root. */
  parent: Folder | null;
  readonly record: number;
  readonly entries = new Map<string, Entry>();
  /** What its source watches it by; null: it is not watched. */
  watch: unknown = null;
  /** It is to be listed as a whole. */
  stale = true;
  /** Names that are to be looked at. */
  dirty: Set<string> | null = null;
  /** It cannot be read, and that was reported. */
  unreadable = false;
  /** There was no watch for it. */
  refused = false;
  /** It belongs to the tree no more. */
  detached = false;
  /** Looks in a row that did not find it where it should be. */
  misses = 0;

  constructor(name: string, parent: Folder | null, record: number) {
    this.name = name;
    this.parent = parent;
    this.record = record;
  }
}

const NO_RECORD = new Uint32Array(WORDS);

/** An entry and where it is. */
export interface Place {
  folder: Folder;
  name: string;
  entry: Entry;
}

export class Tree {
  readonly records = new Records();
  /** Not known yet, whatever it is: its record is empty. */
  readonly root = new Folder("", null, this.records.add(NO_RECORD, 0));
  readonly #byIdentity = new Map<string, Folder>();

  add(folder: Folder, name: string, words: RecordWords, at: number): Entry {
    const record = this.records.add(words, at);
    if (!isFolder(words, at)) {
      folder.entries.set(name, record);
      return record;
    }
    const added = new Folder(name, folder, record);
    folder.entries.set(name, added);
    this.#byIdentity.set(identityKey(words, at), added);
    return added;
  }

  /** The entry alone: what is in a folder is removed before. */
  remove({ folder, name, entry }: Place): void {
    folder.entries.delete(name);
    const record = recordOf(entry);
    if (typeof entry !== "number") {
      entry.detached = true;
      const key = identityKey(this.records.words, record);
      if (this.#byIdentity.get(key) === entry) this.#byIdentity.delete(key);
    }
    this.records.drop(record);
  }

  move({ folder, name, entry }: Place, to: Folder, toName: string): void {
    folder.entries.delete(name);
    place(entry, to, toName);
  }

  exchange(a: Place, b: Place): void {
    place(a.entry, b.folder, b.name);
    place(b.entry, a.folder, a.name);
  }

  /** The folder that has the same identity, wherever it is. */
  same(words: RecordWords, at: number): Folder | undefined {
    return this.#byIdentity.get(identityKey(words, at));
  }

  /** Places by the numbers of their files, with all that is below them. */
  byInode(places: Iterable<Place>): Map<string, Place[]> {
    const index = new Map<string, Place[]>();
    const todo = [...places];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      const { entry } = next;
      const key = inodeKey(this.records.words, recordOf(entry));
      const known = index.get(key);
      if (known === undefined) index.set(key, [next]);
      else known.push(next);
      if (typeof entry === "number") continue;
      for (const [name, below] of entry.entries)
        todo.push({ folder: entry, name, entry: below });
    }
    return index;
  }

  /** All folders, those above before those below. */
  *folders(from: Folder = this.root): Generator<Folder> {
    const todo = [from];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      yield next;
      for (const entry of next.entries.values())
        if (typeof entry !== "number") todo.push(entry);
    }
  }
}

function place(entry: Entry, folder: Folder, name: string): void {
  folder.entries.set(name, entry);
  if (typeof entry === "number") return;
  entry.parent = folder;
  entry.name = name;
}

export const recordOf = (entry: Entry): number =>
  typeof entry === "number" ? entry : entry.record;

/** "" is the root. */
export function pathOf(folder: Folder): string {
  const names: string[] = [];
  for (let at = folder; at.parent !== null; at = at.parent) names.push(at.name);
  return names.reverse().join("/");
}

export const pathIn = (folder: Folder, name: string): string =>
  folder.parent === null ? name : `${pathOf(folder)}/${name}`;

export function isWithin(folder: Folder, above: Entry): boolean {
  for (let at: Folder | null = folder; at !== null; at = at.parent)
    if (at === above) return true;
  return false;
}

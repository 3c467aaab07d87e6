// The entries of an open folder that were listed and not handed out yet. They stay in their
// compact form until then: a folder of a million names is a million Dirents only one by one.
import { Dirent, DirentType, type AnyDirent } from "./dirent.ts";
import type { Wanted } from "../encoding.ts";
import { nameOf, type Listing } from "./listing.ts";

class Segment {
  next: Segment | null = null;
  readonly #listing: Listing;
  readonly #path: unknown;
  #taken = 0;
  #at = 0;

  constructor(listing: Listing, path: unknown) {
    this.#listing = listing;
    this.#path = path;
  }

  take(wanted: Wanted): AnyDirent | null {
    const { count, text, ascii } = this.#listing;
    if (this.#taken === count) return null;
    const found = text.indexOf("\0", this.#at);
    const end = found === -1 ? text.length : found;
    const name = text.slice(this.#at, end);
    this.#at = end + 1;
    const type = this.#listing.type(this.#taken++);
    const plain = ascii && (wanted === "utf8" || wanted === "latin1");
    return new Dirent(plain ? name : nameOf(name, wanted), type, this.#path);
  }
}

export class DirEntries {
  #first: Segment | null = null;
  #last: Segment | null = null;
  readonly #wanted: Wanted;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  add(listing: Listing, path: unknown): void {
    const segment = new Segment(listing, path);
    if (this.#last === null) this.#first = segment;
    else this.#last.next = segment;
    this.#last = segment;
  }

  take(): AnyDirent | null {
    while (this.#first !== null) {
      const entry = this.#first.take(this.#wanted);
      if (entry !== null) return entry;
      this.#first = this.#first.next;
    }
    this.#last = null;
    return null;
  }

  clear(): void {
    this.#first = this.#last = null;
  }
}

/** Taken from the entry itself: the running Node knows where it keeps the type. */
export const isFolder = (entry: AnyDirent): boolean => entry.isDirectory();

/** Entries that the caller's own thread listed. */
export function listingOfDirents(entries: AnyDirent[]): {
  bytes: Buffer;
  count: number;
} {
  const types = entries.map((entry) => numberOf(entry));
  const names = entries.map(({ name }) => name).join("\0");
  return {
    bytes: Buffer.concat([Buffer.from(types), Buffer.from(names, "latin1")]),
    count: entries.length,
  };
}

function numberOf(entry: AnyDirent): number {
  if (entry.isDirectory()) return DirentType.directory;
  if (entry.isFile()) return DirentType.file;
  if (entry.isSymbolicLink()) return DirentType.link;
  if (entry.isFIFO()) return 4;
  if (entry.isSocket()) return 5;
  return entry.isCharacterDevice() ? 6 : 7;
}

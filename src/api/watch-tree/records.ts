// What is remembered of each entry of a tree, in seven words: what identifies it, and what shows that it has changed. It knows neither
// names nor where entries are.
import { constants } from "node:fs";

/** What an entry is. */
export type EntryKind = "file" | "directory" | "symlink" | "other";

export const WORDS = 7;
const MTIME = 2;
const SIZE = 4;
const MODE = 6;
const IDENTITY_WORDS = 4;
const UPPER = 2 ** 32;
const NS_PER_MS = 1e6;
const FIRST_ROOM = 64;
const { S_IFMT, S_IFDIR, S_IFREG, S_IFLNK } = constants;

/** Records that lie in a survey, or in Records. */
export type RecordWords = Uint32Array;

const typeOf = (words: RecordWords, at: number): number =>
  words[at + MODE]! & S_IFMT;

export const isAbsent = (words: RecordWords, at: number): boolean =>
  words[at + MODE] === 0;
export const isFolder = (words: RecordWords, at: number): boolean =>
  typeOf(words, at) === S_IFDIR;

export function kindOf(words: RecordWords, at: number): EntryKind {
  const type = typeOf(words, at);
  if (type === S_IFREG) return "file";
  if (type === S_IFDIR) return "directory";
  return type === S_IFLNK ? "symlink" : "other";
}

export const sizeOf = (words: RecordWords, at: number): number =>
  words[at + SIZE + 1]! * UPPER + words[at + SIZE]!;

export const mtimeMsOf = (words: RecordWords, at: number): number =>
  ((words[at + MTIME + 1]! | 0) * UPPER + words[at + MTIME]!) / NS_PER_MS;

const areSame = (
  a: RecordWords,
  atA: number,
  b: RecordWords,
  atB: number,
  from: number,
  to: number,
): boolean => {
  for (let i = from; i < to; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
};

/** A folder is the same by its number and the time of its birth, anything else by its number. */
export function isSameEntry(
  a: RecordWords,
  atA: number,
  b: RecordWords,
  atB: number,
): boolean {
  if (typeOf(a, atA) !== typeOf(b, atB)) return false;
  const words = isFolder(a, atA) ? IDENTITY_WORDS : MTIME;
  return areSame(a, atA, b, atB, 0, words);
}

/** The number may be another file's by now: where nobody saw it move, it has to be as it was, too. */
export const isUnchanged = (
  a: RecordWords,
  atA: number,
  b: RecordWords,
  atB: number,
): boolean => areSame(a, atA, b, atB, 0, WORDS);

export const isMoved = (
  a: RecordWords,
  atA: number,
  b: RecordWords,
  atB: number,
): boolean =>
  typeOf(a, atA) === typeOf(b, atB) && areSame(a, atA, b, atB, 0, MODE);

/** For a map by the number of the file. */
export const inodeKey = (words: RecordWords, at: number): string =>
  `${words[at]} ${words[at + 1]}`;

/** For a map of folders. */
export const identityKey = (words: RecordWords, at: number): string =>
  `${words[at]} ${words[at + 1]} ${words[at + 2]} ${words[at + 3]}`;

/** The first words, as a survey expects them. */
export const identityBytes = (words: RecordWords, at: number): Buffer =>
  Buffer.from(Uint32Array.from(words.subarray(at, at + IDENTITY_WORDS)).buffer);

export class Records {
  words: RecordWords = new Uint32Array(FIRST_ROOM * WORDS);
  #used = 0;
  readonly #free: number[] = [];

  /** Returns where it lies; that stays so until it is dropped. */
  add(from: RecordWords, at: number): number {
    const record = this.#free.pop() ?? this.#used++ * WORDS;
    if (record === this.words.length) {
      const larger = new Uint32Array(
        Math.ceil(this.words.length / WORDS / 2) * 3 * WORDS,
      );
      larger.set(this.words);
      this.words = larger;
    }
    this.set(record, from, at);
    return record;
  }

  set(record: number, from: RecordWords, at: number): void {
    for (let i = 0; i < WORDS; i++) this.words[record + i] = from[at + i]!;
  }

  drop(record: number): void {
    this.#free.push(record);
  }
}

// The bytes of a log, one file of it after the other, none twice and none left out. It looks when it is called; when that is, and what
// the bytes mean, is not known here.
//
// At the end of a file:  the path is another file, and something is in it --> what was written here meanwhile, then the next file
//                        what was read is not there any more: it was cut  --> the rest from its copy, if one was made; then its start
import { readAt } from "../files/read-at.ts";
import type { RequestOptions } from "../request-options.ts";
import type { EioPromises, FileHandle } from "../types.ts";
import { isSame, youngerOf, type Family, type Member } from "./family.ts";
import type { TailPosition } from "./options.ts";

/** Bytes that were read together. */
export interface Piece {
  bytes: Buffer;
  /** Where they begin, and what is in front of them. */
  at: Place;
  /** What follows is in another file and does not belong to the same line. */
  last: boolean;
}

export interface Place {
  file: Pick<Member, "ino" | "birthNs">;
  offset: number;
  before: Buffer;
}

/** A file to be read, from where. */
interface Start {
  file: Member;
  offset: number;
  /** null: whatever is in front of the offset. */
  before: Buffer | null;
}

interface Open extends Place {
  file: Member;
  handle: FileHandle;
}

/** So many bytes in front of a place say whether it is still the same. */
const BEFORE_BYTES = 64;
const PIECE_BYTES = 1 << 16;
const NOTHING = Buffer.alloc(0);

export class Follower implements AsyncDisposable {
  readonly #promises: EioPromises;
  readonly #family: Family;
  readonly #call: RequestOptions;
  #from: "start" | "end" | number | TailPosition | null;
  #open: Open | null = null;
  /** The file that is or was open. */
  #last: Member | null = null;
  /** What is to be read behind the open file. */
  #next: Start[] = [];
  /** Nothing more is written to the open file: its successor is in use. One more look is the last. */
  #leaving = false;
  /** The files that were there when last looked: what is new beside them may be a copy that was made before a cut. */
  #known: Member[] = [];

  constructor(
    promises: EioPromises,
    family: Family,
    from: "start" | "end" | number | TailPosition,
    call: RequestOptions,
  ) {
    this.#promises = promises;
    this.#family = family;
    this.#from = from;
    this.#call = call;
  }

  /** The next bytes; null: there are none now. */
  async read(): Promise<Piece | null> {
    if (this.#from !== null) await this.#begin(this.#from);
    this.#from = null;
    for (;;) {
      const open = this.#open ?? (await this.#openNext());
      if (open === null) return null;
      const bytes = await this.#more(open);
      if (bytes === null) {
        const copied = await this.#afterCut(open);
        if (!copied) return { bytes: NOTHING, at: placeOf(open), last: true };
      } else if (open.offset === 0 && (await this.#readsEarlier(open, bytes))) {
        continue;
      } else if (bytes.length > 0) {
        return advance(open, bytes);
      } else if (this.#leaving) {
        await this.#leave();
        return { bytes: NOTHING, at: placeOf(open), last: true };
      } else if (!(await this.#findNext(open))) return null;
    }
  }

  /** Where the open file has been read to; null before the first. */
  get place(): Place | null {
    return this.#open === null ? null : placeOf(this.#open);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#next = [];
    if (this.#open !== null) await this.#leave();
  }

  async #begin(from: "start" | "end" | number | TailPosition): Promise<void> {
    const files = await this.#family.list();
    const current = files.at(-1);
    this.#known = await this.#withoutBegunCopy(files);
    if (typeof from === "object") {
      this.#next = await this.#resume(from, files);
      return;
    }
    // What a file is made with that is not there yet is new, wherever it was to begin.
    if (current?.path !== this.#family.path) return;
    const offset =
      { start: 0, end: current.size }[String(from)] ?? Number(from);
    this.#next = [{ file: current, offset, before: null }];
  }

  /** What was read last may have another name by now, or be in a copy. */
  async #resume(from: TailPosition, files: Member[]): Promise<Start[]> {
    const before = Buffer.from(from.before, "base64");
    const was = { ino: BigInt(from.ino), birthNs: BigInt(from.birth) };
    const { offset } = from;
    const same = files.findIndex((file) => isSame(file, was));
    if (same >= 0 && (await this.#holds(files[same]!, offset, before)))
      return [{ file: files[same]!, offset, before }];
    if (offset > 0) {
      const copy = await this.#findCopy(files, offset, before);
      if (copy >= 0) return [{ file: files[copy]!, offset, before }];
    }
    if (same >= 0 && offset > 0) {
      const { copy } = await this.#findAfterCut(files[same]!, offset, before);
      if (copy !== null) return [copy, fromStart(files[same]!)];
    }
    // Cut without a copy, or gone with all that it was. Files may be born in the same instant.
    const file =
      files[same] ?? files.find(({ birthNs }) => birthNs >= was.birthNs);
    return file === undefined ? [] : [fromStart(file)];
  }

  /** null: nothing is to be read yet. */
  async #openNext(): Promise<Open | null> {
    for (;;) {
      const start = this.#next.shift();
      if (start !== undefined) {
        this.#last = start.file;
        this.#open = await this.#tryOpen(start);
        if (this.#open !== null) return this.#open;
      } else {
        const [file] = await this.#newFiles();
        if (file === undefined) return null;
        this.#next = [fromStart(file)];
      }
    }
  }

  async #tryOpen({ file, offset, before }: Start): Promise<Open | null> {
    const handle = await this.#openMember(file);
    if (handle === null) return null;
    try {
      const front = before ?? (await this.#before(handle, offset));
      return { file, handle, offset, before: front };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Whatever it is called by now; null: it is gone. */
  async #openMember(file: Member): Promise<FileHandle | null> {
    let found: Member | undefined = file;
    while (found !== undefined) {
      const handle = await this.#openFile(found.path);
      if (handle !== null && (await this.#isOf(handle, file))) return handle;
      await handle?.close();
      found = (await this.#family.list()).find((member) =>
        isSame(member, file),
      );
    }
    return null;
  }

  /** Closes what cannot be looked at. */
  async #isOf(handle: FileHandle, file: Member): Promise<boolean> {
    try {
      const { ino, birthtimeNs } = await handle.stat({
        ...{ bigint: true },
        ...this.#call,
      });
      return isSame({ ino, birthNs: birthtimeNs }, file);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #openFile(path: string): Promise<FileHandle | null> {
    try {
      return await this.#promises.open(path, "r", 0, this.#call);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  /** Those behind the last one; before the first, those that were not there at the beginning. */
  async #newFiles(): Promise<Member[]> {
    const files = await this.#withoutBegunCopy(await this.#family.list());
    const known = this.#known;
    this.#known = files;
    return this.#last === null
      ? files.filter((file) => !known.some((old) => isSame(old, file)))
      : youngerOf(files, this.#last);
  }

  /** What is in front of an offset. */
  #before(handle: FileHandle, offset: number): Promise<Buffer> {
    const length = Math.min(BEFORE_BYTES, offset);
    return this.#readAt(handle, offset - length, length);
  }

  /** What lies behind the place; null: what should lie in front of it is not there. */
  async #more({ handle, offset, before }: Open): Promise<Buffer | null> {
    const { length } = before;
    const bytes = await this.#readAt(
      handle,
      offset - length,
      length + PIECE_BYTES,
    );
    if (!begins(bytes, before)) return null;
    const behind = bytes.subarray(length);
    // What is read while the file is cut and written again may begin in the old one and end in the new one.
    if (behind.length > 0) {
      const still = await this.#readAt(handle, offset - length, length);
      if (!begins(still, before)) return null;
    }
    // Few bytes do not keep the memory of many.
    return behind.length < PIECE_BYTES / 2 ? Buffer.from(behind) : behind;
  }

  /** The file is cut, or was written anew. true: what was behind the place is in a copy, and is read first. */
  async #afterCut({ file, offset, before }: Open): Promise<boolean> {
    await this.#leave();
    const { copy, files } = await this.#findAfterCut(file, offset, before);
    if (copy !== null) this.#next = [copy];
    const same = files.find((member) => isSame(member, file));
    if (same !== undefined) this.#next.push(fromStart(same));
    return copy !== null;
  }

  /** Of a file that was cut since it was last listed: the files that there are now, and what was behind a place, if it is in a new one. */
  async #findAfterCut(
    file: Member,
    offset: number,
    before: Buffer,
  ): Promise<{ files: Member[]; copy: Start | null }> {
    const files = await this.#family.list();
    const added = this.#unknownOf(files, file);
    const at = await this.#findCopy(added, offset, before);
    this.#known.push(...added.slice(0, at + 1));
    const copy = at < 0 ? null : { file: added[at]!, offset, before };
    return { files, copy };
  }

  /**
   * Nothing of the file is given out yet, but what it holds now may not be the first that it held: it may have been copied and cut unseen.
   * true: such copies are read first, or it is cut just now, and the next look is better.
   */
  async #readsEarlier({ file, handle }: Open, bytes: Buffer): Promise<boolean> {
    const files = await this.#family.list();
    const current = files.at(-1);
    if (current === undefined || !isSame(current, file)) return false;
    const copies = this.#unknownOf(files, file);
    if (copies.length === 0) return false;
    const heads = await Promise.all(copies.map((copy) => this.#head(copy)));
    const now = await this.#readAt(handle, 0, PIECE_BYTES);
    const isCutNow = bytes.length === 0 ? now.length > 0 : !begins(now, bytes);
    if (isCutNow) return true;
    // A copy of what is there now is being made, or waits for the cut: it, and what comes after it, is for later.
    const ofNow = heads.findIndex((head) => isCopyOf(head, now));
    const whole = heads.slice(0, ofNow < 0 ? copies.length : ofNow);
    // One in which nothing is yet may be such a copy.
    const last = whole.findLastIndex(({ length }) => length > 0);
    const earlier = copies.slice(0, last + 1);
    if (earlier.length === 0) return false;
    this.#known.push(...earlier);
    await this.#leave();
    this.#next = [...earlier, current].map(fromStart);
    return true;
  }

  /** A copy that is being made is new when the file is cut. What was renamed is older than the file that came after it. */
  async #withoutBegunCopy(files: Member[]): Promise<Member[]> {
    const [youngest, current] = files.slice(-2);
    if (youngest === undefined || current === undefined) return files;
    if (youngest.birthNs < current.birthNs) return files;
    const [copied, now] = [
      await this.#head(youngest),
      await this.#head(current),
    ];
    const begun = copied.length === 0 || isCopyOf(copied, now);
    return begun ? files.filter((file) => file !== youngest) : files;
  }

  #unknownOf(files: Member[], file: Member): Member[] {
    const isKnown = (member: Member): boolean =>
      isSame(member, file) || this.#known.some((old) => isSame(old, member));
    return files.filter((member) => !isKnown(member));
  }

  async #head(file: Member): Promise<Buffer> {
    const handle = await this.#openMember(file);
    if (handle === null) return NOTHING;
    try {
      return await this.#readAt(handle, 0, PIECE_BYTES);
    } finally {
      await handle.close();
    }
  }

  /** The first of the files that has these bytes in front of the offset. */
  async #findCopy(
    files: Member[],
    offset: number,
    before: Buffer,
  ): Promise<number> {
    for (const [i, file] of files.entries())
      if (await this.#holds(file, offset, before)) return i;
    return -1;
  }

  async #holds(file: Member, offset: number, before: Buffer): Promise<boolean> {
    if (file.size < offset) return false;
    const handle = await this.#openMember(file);
    if (handle === null) return false;
    try {
      const at = offset - before.length;
      const bytes = await this.#readAt(handle, at, before.length);
      return begins(bytes, before);
    } finally {
      await handle.close();
    }
  }

  /** At the end of the open file: true if there is something else to be read, or to be looked for once more. */
  async #findNext({ file }: Open): Promise<boolean> {
    if (this.#next.length === 0) {
      const current = await this.#family.current();
      if (current !== null && isSame(current, file)) return false;
      const younger = await this.#newFiles();
      // Until something is in the next one, the writer may still have this one open.
      if (younger.every(({ size }) => size === 0)) return false;
      this.#next = [fromStart(younger[0]!)];
    }
    this.#leaving = true;
    return true;
  }

  async #leave(): Promise<void> {
    const { handle } = this.#open!;
    this.#open = null;
    this.#leaving = false;
    await handle.close();
  }

  #readAt(
    handle: FileHandle,
    position: number,
    length: number,
  ): Promise<Buffer> {
    return readAt(handle, position, length, this.#call);
  }
}

const fromStart = (file: Member): Start => ({ file, offset: 0, before: null });

/** Whether one may be a copy of the other, as far as it has come: the file was read after it, and has at least as much. */
const isCopyOf = (copy: Buffer, file: Buffer): boolean =>
  copy.length > 0 && begins(file, copy);

const begins = (whole: Buffer, start: Buffer): boolean =>
  whole.length >= start.length &&
  whole.compare(start, 0, start.length, 0, start.length) === 0;

function placeOf({ file, offset, before }: Place): Place {
  return { file, offset, before };
}

function advance(open: Open, bytes: Buffer): Piece {
  const at = placeOf(open);
  Object.assign(open, placeBehind(at, bytes, bytes.length));
  return { bytes, at, last: false };
}

/** The place behind so many of the bytes that follow another place. */
export function placeBehind(
  { file, offset, before }: Place,
  bytes: Buffer,
  count: number,
): Place {
  const last =
    count >= BEFORE_BYTES
      ? Buffer.from(bytes.subarray(count - BEFORE_BYTES, count))
      : Buffer.concat([before, bytes.subarray(0, count)]).subarray(
          -BEFORE_BYTES,
        );
  return { file, offset: offset + count, before: last };
}

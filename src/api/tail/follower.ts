// The bytes of a log, one file of it after the other, none twice and none left out. It looks when it is called; when that is, and what
// the bytes mean, is not known here.
//
// At the end of a file:  the path is another file, and something is in it --> what was written here meanwhile, then the next file
//                        what was read is not there any more: it was cut  --> the rest from its copy, if one was made; then its start
import type { RequestOptions } from "../request-options.ts";
import type { EioPromises, FileHandle } from "../types.ts";
import { findBeginning, type Beginning } from "./beginning.ts";
import { isSame, type Family, type Member } from "./family.ts";
import { KnownFiles } from "./known-files.ts";
import { MemberFiles, PIECE_BYTES } from "./member-files.ts";
import {
  BEFORE_BYTES,
  begins,
  fromStart,
  placeBehind,
  type Place,
  type Start,
} from "./place.ts";

/** Bytes that were read together. */
export interface Piece {
  bytes: Buffer;
  /** Where they begin, and what is in front of them. */
  at: Place;
  /** What follows is in another file and does not belong to the same line. */
  last: boolean;
}

interface Open extends Omit<Place, "seenNs"> {
  file: Member;
  handle: FileHandle;
}

const NOTHING = Buffer.alloc(0);

export class Follower implements AsyncDisposable {
  readonly #family: Family;
  readonly #files: MemberFiles;
  readonly #known: KnownFiles;
  #from: Beginning | null;
  #open: Open | null = null;
  /** The file that is or was open. */
  #last: Member | null = null;
  /** What is to be read behind the open file. */
  #next: Start[] = [];
  /** Nothing more is written to the open file: its successor is in use. One more look is the last. */
  #leaving = false;

  constructor(
    promises: EioPromises,
    family: Family,
    from: Beginning,
    call: RequestOptions,
  ) {
    this.#family = family;
    this.#files = new MemberFiles(promises, family, call);
    this.#known = new KnownFiles(family, this.#files);
    this.#from = from;
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
        if (!copied)
          return { bytes: NOTHING, at: this.#placeOf(open), last: true };
      } else if (open.offset === 0 && (await this.#readsEarlier(open, bytes))) {
        continue;
      } else if (bytes.length > 0) {
        return this.#advance(open, bytes);
      } else if (this.#leaving) {
        await this.#leave();
        return { bytes: NOTHING, at: this.#placeOf(open), last: true };
      } else if (!(await this.#findNext(open))) return null;
    }
  }

  /** Where the open file has been read to; null before the first. */
  get place(): Place | null {
    return this.#open === null ? null : this.#placeOf(this.#open);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#next = [];
    if (this.#open !== null) await this.#leave();
  }

  async #begin(from: Beginning): Promise<void> {
    this.#next = await findBeginning(
      from,
      this.#family,
      this.#known,
      this.#files,
    );
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
        const [file] = await this.#known.nextFiles(this.#last);
        if (file === undefined) return null;
        this.#next = [fromStart(file)];
      }
    }
  }

  async #tryOpen({ file, offset, before }: Start): Promise<Open | null> {
    const handle = await this.#files.open(file);
    if (handle === null) return null;
    try {
      const front = before ?? (await this.#before(handle, offset));
      return { file, handle, offset, before: front };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** What is in front of an offset. */
  #before(handle: FileHandle, offset: number): Promise<Buffer> {
    const length = Math.min(BEFORE_BYTES, offset);
    return this.#files.readAt(handle, offset - length, length);
  }

  /** What lies behind the place; null: what should lie in front of it is not there. */
  async #more({ handle, offset, before }: Open): Promise<Buffer | null> {
    const { length } = before;
    const bytes = await this.#files.readAt(
      handle,
      offset - length,
      length + PIECE_BYTES,
    );
    if (!begins(bytes, before)) return null;
    const behind = bytes.subarray(length);
    // What is read while the file is cut and written again may begin in the old one and end in the new one.
    if (behind.length > 0) {
      const still = await this.#files.readAt(handle, offset - length, length);
      if (!begins(still, before)) return null;
    }
    // Few bytes do not keep the memory of many.
    return behind.length < PIECE_BYTES / 2 ? Buffer.from(behind) : behind;
  }

  /** The file is cut, or was written anew. true: what was behind the place is in a copy, and is read first. */
  async #afterCut({ file, offset, before }: Open): Promise<boolean> {
    await this.#leave();
    const { copy, files } = await this.#known.findAfterCut(
      file,
      offset,
      before,
    );
    if (copy !== null) this.#next = [copy];
    const same = files.find((member) => isSame(member, file));
    if (same !== undefined) this.#next.push(fromStart(same));
    return copy !== null;
  }

  /** At the start of a file. true: other files are read first, or it is looked at once more. */
  async #readsEarlier({ file, handle }: Open, bytes: Buffer): Promise<boolean> {
    const files = await this.#known.filesBefore(file, handle, bytes);
    if (files === "none") return false;
    if (files === "again") return true;
    await this.#leave();
    this.#next = files.map(fromStart);
    return true;
  }

  /** At the end of the open file: true if there is something else to be read, or to be looked for once more. */
  async #findNext({ file }: Open): Promise<boolean> {
    if (this.#next.length === 0) {
      const current = await this.#family.current();
      if (current !== null && isSame(current, file)) return false;
      const younger = await this.#known.nextFiles(this.#last);
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

  #advance(open: Open, bytes: Buffer): Piece {
    const at = this.#placeOf(open);
    const { offset, before } = placeBehind(at, bytes, bytes.length);
    Object.assign(open, { offset, before });
    return { bytes, at, last: false };
  }

  #placeOf({ file, offset, before }: Open): Place {
    return { file, offset, before, seenNs: this.#known.youngestBeside(file) };
  }
}

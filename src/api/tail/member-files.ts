// Opens and reads the files of a log, whatever each is called by the time it is opened. Which of them is read next, and what is in it, is
// not known here.
import { readAt } from "../files/read-at.ts";
import type { RequestOptions } from "../request-options.ts";
import type { EioPromises, FileHandle } from "../types.ts";
import { isSame, type Family, type Member } from "./family.ts";
import { begins } from "./place.ts";

/** So much is read at once. */
export const PIECE_BYTES = 1 << 16;
const NOTHING = Buffer.alloc(0);

export class MemberFiles {
  readonly #promises: EioPromises;
  readonly #family: Family;
  readonly #call: RequestOptions;

  constructor(promises: EioPromises, family: Family, call: RequestOptions) {
    this.#promises = promises;
    this.#family = family;
    this.#call = call;
  }

  /** null: it is gone. */
  async open(file: Member): Promise<FileHandle | null> {
    let found: Member | undefined = file;
    while (found !== undefined) {
      const handle = await this.#openPath(found.path);
      if (handle !== null && (await this.#isOf(handle, file))) return handle;
      await handle?.close();
      found = (await this.#family.list()).find((member) =>
        isSame(member, file),
      );
    }
    return null;
  }

  /** The first bytes of a file; none if it is gone. */
  async head(file: Member): Promise<Buffer> {
    const handle = await this.open(file);
    if (handle === null) return NOTHING;
    try {
      return await this.readAt(handle, 0, PIECE_BYTES);
    } finally {
      await handle.close();
    }
  }

  /** The first of the files that has these bytes in front of the offset; -1: none has. */
  async indexOfPlace(
    files: Member[],
    offset: number,
    before: Buffer,
  ): Promise<number> {
    for (const [i, file] of files.entries())
      if (await this.holds(file, offset, before)) return i;
    return -1;
  }

  /** Whether a file has these bytes in front of the offset. */
  async holds(file: Member, offset: number, before: Buffer): Promise<boolean> {
    if (file.size < offset) return false;
    const handle = await this.open(file);
    if (handle === null) return false;
    try {
      const at = offset - before.length;
      const bytes = await this.readAt(handle, at, before.length);
      return begins(bytes, before);
    } finally {
      await handle.close();
    }
  }

  readAt(
    handle: FileHandle,
    position: number,
    length: number,
  ): Promise<Buffer> {
    return readAt(handle, position, length, this.#call);
  }

  async #openPath(path: string): Promise<FileHandle | null> {
    try {
      return await this.#promises.open(path, "r", 0, this.#call);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
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
}

// The files of a log that were there when last looked. What is new beside them may be a copy that was made before the log was cut, which
// is read before the log is; or one that is just being made of what the log holds now, which is for later.
import type { FileHandle } from "../types.ts";
import { isSame, youngerOf, type Family, type Member } from "./family.ts";
import { PIECE_BYTES, type MemberFiles } from "./member-files.ts";
import { begins, type Place, type Start } from "./place.ts";

export class KnownFiles {
  readonly #family: Family;
  readonly #files: MemberFiles;
  #known: Member[] = [];

  constructor(family: Family, files: MemberFiles) {
    this.#family = family;
    this.#files = files;
  }

  /** What is there now is known, but for a copy that is just being made. */
  async learn(files: Member[]): Promise<Member[]> {
    this.#known = await this.#withoutBegunCopy(files);
    return this.#known;
  }

  /** Of the files that are there now, the ones that were known at a place. */
  async recall(files: Member[], { file, seenNs }: Place): Promise<void> {
    if (seenNs === null) await this.learn(files);
    else
      this.#known = files.filter(
        (member) => isSame(member, file) || member.birthNs <= seenNs,
      );
  }

  /** When the youngest of them beside this one was born: see Place. */
  youngestBeside(file: Member): bigint | null {
    let youngest = 0n;
    for (const member of this.#known) {
      if (isSame(member, file)) continue;
      if (member.birthNs === 0n) return null;
      if (member.birthNs > youngest) youngest = member.birthNs;
    }
    return file.birthNs === 0n ? null : youngest;
  }

  /** The files behind the last one that was read, or before the first, those that were not there at the beginning. They are known from now on. */
  async nextFiles(last: Member | null): Promise<Member[]> {
    const known = this.#known;
    const files = await this.learn(await this.#family.list());
    return last === null
      ? files.filter((file) => !known.some((old) => isSame(old, file)))
      : youngerOf(files, last);
  }

  /** Of a file that was cut since it was last listed: the files that there are now, and what was behind a place, if it is in a new one. */
  async findAfterCut(
    file: Member,
    offset: number,
    before: Buffer,
  ): Promise<{ files: Member[]; copy: Start | null }> {
    const files = await this.#family.list();
    const added = this.#unknownOf(files, file);
    const at = await this.#files.indexOfPlace(added, offset, before);
    this.#known.push(...added.slice(0, at + 1));
    const copy = at < 0 ? null : { file: added[at]!, offset, before };
    return { files, copy };
  }

  /**
   * Nothing of the file is given out yet, but what it holds now may not be the first that it held: it may have been copied and cut unseen.
   * Returns such copies, which are known from now on, and the file itself last; "again" if it is cut just now, and the next look is better.
   */
  async filesBefore(
    file: Member,
    handle: FileHandle,
    bytes: Buffer,
  ): Promise<Member[] | "none" | "again"> {
    const files = await this.#family.list();
    const current = files.at(-1);
    if (current === undefined || !isSame(current, file)) return "none";
    const copies = this.#unknownOf(files, file);
    if (copies.length === 0) return "none";
    const heads = await Promise.all(
      copies.map((copy) => this.#files.head(copy)),
    );
    const now = await this.#files.readAt(handle, 0, PIECE_BYTES);
    const isCutNow = bytes.length === 0 ? now.length > 0 : !begins(now, bytes);
    if (isCutNow) return "again";
    // A copy of what is there now is being made, or waits for the cut: it, and what comes after it, is for later.
    const ofNow = heads.findIndex((head) => isCopyOf(head, now));
    const whole = heads.slice(0, ofNow < 0 ? copies.length : ofNow);
    // One in which nothing is yet may be such a copy.
    const last = whole.findLastIndex(({ length }) => length > 0);
    const earlier = copies.slice(0, last + 1);
    if (earlier.length === 0) return "none";
    this.#known.push(...earlier);
    return [...earlier, current];
  }

  /** A copy that is being made is new when the file is cut. What was renamed is older than the file that came after it. */
  async #withoutBegunCopy(files: Member[]): Promise<Member[]> {
    const [youngest, current] = files.slice(-2);
    if (youngest === undefined || current === undefined) return files;
    if (youngest.birthNs < current.birthNs) return files;
    const [copied, now] = [
      await this.#files.head(youngest),
      await this.#files.head(current),
    ];
    const begun = copied.length === 0 || isCopyOf(copied, now);
    return begun ? files.filter((file) => file !== youngest) : files;
  }

  #unknownOf(files: Member[], file: Member): Member[] {
    const isKnown = (member: Member): boolean =>
      isSame(member, file) || this.#known.some((old) => isSame(old, member));
    return files.filter((member) => !isKnown(member));
  }
}

/** Whether one may be a copy of the other, as far as it has come: the file was read after it, and has at least as much. */
const isCopyOf = (copy: Buffer, file: Buffer): boolean =>
  copy.length > 0 && begins(file, copy);

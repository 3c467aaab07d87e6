// The files of one log: the path, and what earlier files of it are called since they were rotated. It knows which they are and in
// which order they were made, not what is in them.
import path from "node:path";
import type { RequestOptions } from "../request-options.ts";
import type { EioPromises } from "../types.ts";

export interface Member {
  path: string;
  ino: bigint;
  /** When it was made, in nanoseconds; 0 where the file system does not say. */
  birthNs: bigint;
  mtimeNs: bigint;
  size: number;
}

/** Behind the log's own name, or between it and its extension: a number, a date, a time, or what a single earlier file is called. */
const ROTATED = /^[.\-_](?:[\d.:\-_TZ]*\d[\d.:\-_TZ]*|old|bak|prev)$/;

/** A folder in which files appear all the time is taken as it is in the end. */
const LOOKS_MAX = 20;
const GONE = new Set<string | undefined>(["ENOENT", "ENOTDIR"]);
const DENIED = new Set<string | undefined>(["EACCES", "ERR_ACCESS_DENIED"]);

export class Family {
  readonly path: string;
  readonly folder: string;
  readonly #promises: EioPromises;
  readonly #isRotated: (name: string) => boolean;
  readonly #call: RequestOptions;

  constructor(
    promises: EioPromises,
    file: string,
    isRotated: ((name: string) => boolean) | undefined,
    call: RequestOptions,
  ) {
    this.#call = call;
    this.#promises = promises;
    // Nothing is no file, though it resolves to the current folder.
    this.path = file === "" ? "" : path.resolve(file);
    this.folder = path.dirname(this.path);
    this.#isRotated = isRotated ?? rotationsOf(path.basename(this.path));
  }

  /** Whether a name in the folder is one of its files'. */
  has(name: string): boolean {
    return name === path.basename(this.path) || this.#isRotated(name);
  }

  /** The oldest first; the path itself, if there is a file, last. */
  async list(): Promise<Member[]> {
    const seen = new Map<string, Member>();
    let last: Look | null = null;
    // Files that are renamed one after the other meanwhile may be missed in one look: two that see the same files under the same names have
    // missed none.
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      const look = await this.#look();
      for (const member of look.members)
        if (member !== null) seen.set(keyOf(member), member);
      const isCalm = last !== null && isSameLook(look, last);
      last = look;
      if (isCalm) break;
    }
    const current = last?.current ?? null;
    const isOther = (member: Member): boolean =>
      current === null || !isSame(member, current);
    const sorted = [...seen.values()].filter(isOther).sort(byAge);
    return current === null ? sorted : [...sorted, current];
  }

  async #look(): Promise<Look> {
    const names = await this.#promises
      .readdir(this.folder, this.#call)
      .catch(noneIfUnreadable);
    const own = path.basename(this.path);
    const earlier = names
      .filter((name) => name !== own && this.has(name))
      .sort();
    const members = await Promise.all(
      earlier.map((name) => this.#member(path.join(this.folder, name))),
    );
    return { names: earlier, members, current: await this.current() };
  }

  /** The file at the path itself; null: there is none now. */
  current(): Promise<Member | null> {
    return this.#member(this.path);
  }

  async #member(file: string): Promise<Member | null> {
    const stats = await this.#promises
      .stat(file, { bigint: true, ...this.#call })
      .catch(nullIfGone);
    if (stats === null || !stats.isFile()) return null;
    const { ino, birthtimeNs, mtimeNs, size } = stats;
    return {
      ...{ path: file, ino, birthNs: birthtimeNs, mtimeNs, size: Number(size) },
    };
  }
}

/** The names in the folder, and what each was when it was looked at; null: gone by then, or not a file. */
interface Look {
  names: string[];
  members: (Member | null)[];
  current: Member | null;
}

const isSameLook = (a: Look, b: Look): boolean =>
  isSameOrNone(a.current, b.current) &&
  a.names.length === b.names.length &&
  a.names.every(
    (name, i) =>
      name === b.names[i] && isSameOrNone(a.members[i]!, b.members[i]!),
  );

const keyOf = ({ ino, birthNs }: Member): string => `${ino} ${birthNs}`;

/** A number of a file is used again once that is removed; the time of its birth is not. */
export const isSame = (
  a: Pick<Member, "ino" | "birthNs">,
  b: Pick<Member, "ino" | "birthNs">,
): boolean => a.ino === b.ino && a.birthNs === b.birthNs;

const isSameOrNone = (a: Member | null, b: Member | null): boolean =>
  a === null || b === null ? a === b : isSame(a, b);

/** Of files in their order those that were made, or where that is not known written, after another: it need not be there any more. */
export function youngerOf(files: Member[], than: Member): Member[] {
  const at = files.findIndex((file) => isSame(file, than));
  if (at >= 0) return files.slice(at + 1);
  return files.filter((file) => byAge(than, file) < 0);
}

function byAge(a: Member, b: Member): number {
  const known = a.birthNs !== 0n && b.birthNs !== 0n;
  const [first, second] = known
    ? [a.birthNs, b.birthNs]
    : [a.mtimeNs, b.mtimeNs];
  if (first !== second) return first < second ? -1 : 1;
  return byName(a.path, b.path);
}

/** Of files made in the same instant: log.2 is older than log.1, and a date is older than a later one. */
function byName(a: string, b: string): number {
  const order = a.localeCompare(b, "en", { numeric: true });
  return isCounter(a) && isCounter(b) ? -order : order;
}

const isCounter = (file: string): boolean => /\D\d{1,3}(?:\.\w*)?$/.test(file);

function rotationsOf(own: string): (name: string) => boolean {
  const extension = path.extname(own);
  const stem = own.slice(0, own.length - extension.length);
  const isBetween = (name: string, before: string, after: string): boolean =>
    name.length > before.length + after.length &&
    name.startsWith(before) &&
    name.endsWith(after) &&
    ROTATED.test(name.slice(before.length, name.length - after.length));
  return (name) => isBetween(name, own, "") || isBetween(name, stem, extension);
}

function nullIfGone(error: NodeJS.ErrnoException): null {
  if (GONE.has(error.code)) return null;
  throw error;
}

/** A folder that may be searched but not read has a log all the same. */
function noneIfUnreadable(error: NodeJS.ErrnoException): string[] {
  if (GONE.has(error.code) || DENIED.has(error.code)) return [];
  throw error;
}

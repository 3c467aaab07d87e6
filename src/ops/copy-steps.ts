// What copying a file or a tree consists of, as fs.cp does it: a generator that yields one step at
// a time and is given its outcome. It knows the order and the rules, not who takes the steps: a
// worker takes them synchronously, the loop's side by requests (where there is a filter to call).
import { dirname, isAbsolute, join, parse, relative } from "node:path";
import { absolute, type ByteText } from "./byte-text.ts";
import {
  DIRECTORY,
  isBelow,
  kindOf,
  refuse,
  sameFile,
  within,
} from "./copy-rules.ts";
import { stepsOf, type Steps } from "./steps.ts";

export interface CopyOptions {
  dereference: boolean;
  errorOnExist: boolean;
  force: boolean;
  mode: number;
  preserveTimestamps: boolean;
  recursive: boolean;
  verbatimSymlinks: boolean;
  /** Whether there is a filter to call. */
  filtered: boolean;
}

/** In the order of their bits in the operand of cptree; native-aio/src/copy-tree.h has the same. */
const SWITCHES = [
  "dereference",
  "errorOnExist",
  "force",
  "preserveTimestamps",
  "recursive",
  "verbatimSymlinks",
] as const;

/** An operand of cptree: what is no work for native code is left alone, and the result is 1. */
export const ONLY_NATIVE = 1 << (SWITCHES.length + 1);

/** The options that are on or off, and what the running Node's cp does, as one number. */
export function copySwitches(options: CopyOptions): number {
  let bits = Number(TIMES_OF_FOLDERS) << SWITCHES.length;
  SWITCHES.forEach((name, bit) => (bits |= Number(options[name]) << bit));
  return bits;
}

export function copyOptions(switches: number, mode: number): CopyOptions {
  const options = { mode, filtered: false } as CopyOptions;
  SWITCHES.forEach(
    (name, bit) => (options[name] = (switches & (1 << bit)) > 0),
  );
  return options;
}

/** Where the two paths start, as absolute paths; "" is the process's own folder. */
export interface CopyStarts {
  src: ByteText;
  dest: ByteText;
  /** Nothing above the target's folder may be looked at. */
  within: boolean;
}

export interface CopyStats {
  mode: number;
  dev: bigint;
  ino: bigint;
  atimeMs: number;
  mtimeMs: number;
}

/** What each step takes, and its outcome. All paths and names are bytes. */
export interface CopySteps {
  filter(src: ByteText, dest: ByteText): boolean;
  /** Of the target by default; null where there is nothing, other errors are thrown. */
  stat(path: ByteText, follow: boolean, ofSource?: boolean): CopyStats | null;
  /** The same of the source, but that nothing is an error too. */
  find(path: ByteText, follow: boolean): CopyStats;
  names(path: ByteText): ByteText[];
  mkdir(path: ByteText): void;
  mkdirp(path: ByteText): void;
  copyFile(src: ByteText, dest: ByteText, mode: number): void;
  chmod(path: ByteText, mode: number): void;
  utimes(path: ByteText, atime: number, mtime: number): void;
  readlink(path: ByteText, ofTarget?: boolean): ByteText;
  symlink(target: ByteText, path: ByteText, type: string | undefined): void;
  unlink(path: ByteText): void;
}

export type Copying<T = void> = Steps<T>;

const take = stepsOf<CopySteps>();

const major = Number.parseInt(process.versions.node, 10);
/** What Node's cp came to do in later releases, done where the running one does it. */
const REFUSES_FOLDERS = major >= 22;
const ONLY_FOLDER_LINKS = major >= 24;
const TIMES_OF_FOLDERS = major >= 26;
/** There, copying a file brings its mode along. */
const COPIES_MODE = process.platform === "linux";
const WINDOWS = process.platform === "win32";
const MODE_BITS = 0o7777;
const OWNER_WRITES = 0o200;

const CURRENT: CopyStarts = { src: "", dest: "", within: false };

interface Plan extends CopyOptions {
  starts: CopyStarts;
}

interface Pair {
  source: CopyStats;
  target: CopyStats | null;
}

export function* copySteps(
  src: ByteText,
  dest: ByteText,
  options: CopyOptions,
  starts: CopyStarts = CURRENT,
): Copying {
  const plan = { ...options, starts };
  const pair = yield* check(src, dest, plan, false);
  if (pair === null) return;
  yield* checkAbove(pair.source, src, dest, starts);
  const above = dirname(dest);
  if ((yield* take("stat", above, true)) === null) yield* take("mkdirp", above);
  yield* copyOne(pair, src, dest, plan);
}

/** null: the filter does not want it. A folder just made has nothing in it to look at. */
function* check(
  src: ByteText,
  dest: ByteText,
  options: Plan,
  fresh: boolean,
): Copying<Pair | null> {
  if (options.filtered && !(yield* take("filter", src, dest))) return null;
  const follow = options.dereference;
  const source = yield* take("find", src, follow);
  if (fresh) return { source, target: null };
  const target = yield* take("stat", dest, follow);
  const folder = kindOf(source) === DIRECTORY;
  if (target !== null) {
    if (sameFile(source, target)) throw refuse.same(dest);
    const ontoFolder = kindOf(target) === DIRECTORY;
    if (folder && !ontoFolder) throw refuse.folderOntoFile(src, dest);
    if (!folder && ontoFolder) throw refuse.fileOntoFolder(src, dest);
  }
  const { starts } = options;
  if (folder && within(absolute(starts.src, src), absolute(starts.dest, dest)))
    throw refuse.intoItself(src, dest);
  return { source, target };
}

/** No folder above the target may be the source, by whatever path it is reached. */
function* checkAbove(
  source: CopyStats,
  src: ByteText,
  dest: ByteText,
  starts: CopyStarts,
): Copying {
  const end = absolute(starts.src, dirname(src));
  let above = absolute(starts.dest, dirname(dest));
  while (above !== end && above !== parse(above).root) {
    if (starts.within && !isBelow(starts.dest, above)) return;
    const path = starts.dest === "" ? above : relative(starts.dest, above);
    const stats = yield* take("stat", path, true);
    if (stats === null) return;
    if (sameFile(source, stats)) throw refuse.intoItself(src, dest);
    above = dirname(above);
  }
}

function* copyOne(
  { source, target }: Pair,
  src: ByteText,
  dest: ByteText,
  options: Plan,
): Copying {
  switch (kindOf(source)) {
    case "folder":
      if (!options.recursive) throw refuse.folder(src);
      return yield* copyFolder(source, target, src, dest, options);
    case "file":
    case "device":
      return yield* copyFile(source, target, src, dest, options);
    case "link":
      return yield* copyLink(target, src, dest, options);
    case "socket":
      throw refuse.socket(dest);
    case "fifo":
      throw refuse.fifo(dest);
    default:
      throw refuse.unknown(dest);
  }
}

function* copyFolder(
  source: CopyStats,
  target: CopyStats | null,
  src: ByteText,
  dest: ByteText,
  options: Plan,
): Copying {
  const { errorOnExist, force, filtered } = options;
  if (target === null) yield* take("mkdir", dest);
  else if (REFUSES_FOLDERS && errorOnExist && !force) throw refuse.exists(dest);
  const fresh = target === null && !filtered;
  for (const name of yield* take("names", src)) {
    const from = join(src, name);
    const to = join(dest, name);
    const pair = yield* check(from, to, options, fresh);
    if (pair !== null) yield* copyOne(pair, from, to, options);
  }
  if (TIMES_OF_FOLDERS && options.preserveTimestamps)
    yield* copyTimes(src, dest);
  if (target === null) yield* take("chmod", dest, source.mode & MODE_BITS);
}

function* copyFile(
  source: CopyStats,
  target: CopyStats | null,
  src: ByteText,
  dest: ByteText,
  options: CopyOptions,
): Copying {
  if (target !== null) {
    if (options.force) yield* take("unlink", dest);
    else if (options.errorOnExist) throw refuse.exists(dest);
    else return;
  }
  const mode = source.mode & MODE_BITS;
  yield* take("copyFile", src, dest, options.mode);
  if (options.preserveTimestamps) {
    // Windows opens a file to set its times, and cannot where it is read-only.
    if (!COPIES_MODE && (mode & OWNER_WRITES) === 0)
      yield* take("chmod", dest, mode | OWNER_WRITES);
    yield* copyTimes(src, dest);
  }
  if (!COPIES_MODE) yield* take("chmod", dest, mode);
}

/** Looked at again: reading the source has changed when it was last read. */
function* copyTimes(src: ByteText, dest: ByteText): Copying {
  const { atimeMs, mtimeMs } = yield* take("find", src, true);
  yield* take("utimes", dest, atimeMs / 1000, mtimeMs / 1000);
}

function* copyLink(
  target: CopyStats | null,
  src: ByteText,
  dest: ByteText,
  { verbatimSymlinks, starts }: Plan,
): Copying {
  let leadsTo = yield* take("readlink", src);
  if (!verbatimSymlinks && !isAbsolute(leadsTo))
    leadsTo = absolute(starts.src, dirname(src), leadsTo);
  const type = yield* linkType(src);
  if (target === null) return yield* take("symlink", leadsTo, dest, type);
  let led: ByteText;
  try {
    led = yield* take("readlink", dest, true);
  } catch (error) {
    // No link: making one in its place says what is wrong with that.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EINVAL" && code !== "UNKNOWN") throw error;
    return yield* take("symlink", leadsTo, dest, type);
  }
  if (!isAbsolute(led)) led = absolute(starts.dest, dirname(dest), led);
  const source = yield* take("stat", src, true, true);
  const folder = source !== null && kindOf(source) === DIRECTORY;
  if ((folder || !ONLY_FOLDER_LINKS) && within(leadsTo, led))
    throw refuse.linkIntoItself(leadsTo, led, dest);
  if (source === null) yield* take("find", src, true);
  // Removing the old link would take away what the new one leads to.
  if (folder && within(led, leadsTo))
    throw refuse.linkAbove(leadsTo, led, dest);
  yield* take("unlink", dest);
  yield* take("symlink", leadsTo, dest, type);
}

function* linkType(src: ByteText): Copying<string | undefined> {
  if (!WINDOWS || !ONLY_FOLDER_LINKS) return undefined;
  const stats = yield* take("stat", src, true, true);
  return stats !== null && kindOf(stats) === DIRECTORY ? "dir" : "file";
}

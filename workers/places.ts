// Where a path of a request leads: turned into one that Node's own functions take, by the descriptor
// of the folder that it starts from. It knows paths, not what is done with them.
//
//   plain folder      a/b   ->  /proc/self/fd/FOLDER/a/b     (no /proc: the folder's path in front)
//   kept within it    a/b   ->  /proc/self/fd/F              F: all of a/b, opened within the limits
//                           or  /proc/self/fd/P/b            P: a, opened so; b is not followed
import fs from "node:fs";
import { isAbsolute } from "node:path";
import { systemError } from "../src/request/errors.ts";

export type Path = string | Buffer;

/**
 * What becomes of a path's last part: it is followed where it is a link ("target"), it is not
 * ("itself"), it is a name that is made, removed or replaced ("name"), or the begin of one ("prefix").
 */
export type Way = "target" | "itself" | "name" | "prefix";

/** What a path was turned into; what shows it is to show what it was. */
export interface Placed {
  path: Path;
  begins: string;
  shown: string;
  /** To be closed when the path is not in use any more; -1: none. */
  fd: number;
}

export interface Start {
  /** RESOLVE_* of openat2; 0: paths lead where they lead. */
  readonly resolve: number;
  /** Its absolute path, as it is now; "" is the process's own folder. */
  readonly folder: string;
  place(path: Path, way: Way): Placed;
  /** As open, within the limits; null: the path is opened by what place() makes of it. */
  readonly open: ((path: Path, flags: number, mode: number) => number) | null;
}

/** Where each of two paths starts. */
export type Starts = readonly [Start, Start];

/** What executors use of Node's fs. */
export type PlacedFs = Pick<
  typeof fs,
  | `${"access" | "chmod" | "chown" | "copyFile" | "lchmod" | "lchown"}Sync`
  | `${"link" | "lstat" | "lutimes" | "mkdir" | "mkdtemp" | "open"}Sync`
  | `${"opendir" | "readdir" | "readlink" | "realpath" | "rename"}Sync`
  | `${"rmdir" | "stat" | "statfs" | "symlink" | "unlink" | "utimes"}Sync`
>;

/** native-aio/src/place.h: a descriptor or -errno. The path ends in NUL. */
export type OpenWithin = (
  folder: number,
  path: Uint8Array,
  flags: number,
  mode: number,
  resolve: number,
) => number;

const ENOSYS = -38;
/** Linux's alone, and the same for every processor that Node runs on. */
const O_PATH = 0o10000000;
const RESOLVE_NO_XDEV = 1;
const { O_DIRECTORY, O_NOFOLLOW } = fs.constants;
const DIRECTORY = O_PATH | O_DIRECTORY;

/** The process's own folder, or one that is named by a path in front of others. */
export class Prefixed implements Start {
  readonly resolve = 0;
  readonly open = null;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get folder(): string {
    return this.#prefix === "" ? "" : fs.realpathSync.native(this.#prefix);
  }

  place(path: Path): Placed {
    const prefix = this.#prefix;
    const plain =
      prefix === "" || path.length === 0 || isAbsolute(path.toString());
    if (plain) return { path, begins: "", shown: "", fd: -1 };
    return { path: joined(prefix, path), begins: prefix, shown: "", fd: -1 };
  }
}

function joined(before: string, path: Path): Path {
  if (typeof path === "string") return before + path;
  return Buffer.concat([Buffer.from(before), path]);
}

/** By their bytes, one character each. */
const bytesOf = (path: Path): string =>
  (typeof path === "string" ? Buffer.from(path) : path).toString("latin1");

/** A folder that no path leaves: the kernel says so for each. */
export class Within implements Start {
  readonly resolve: number;
  readonly #folder: number;
  readonly #openWithin: OpenWithin | null;

  constructor(folder: number, resolve: number, openWithin: OpenWithin | null) {
    this.#folder = folder;
    this.resolve = resolve;
    this.#openWithin = openWithin;
  }

  get folder(): string {
    return fs.realpathSync.native(`/proc/self/fd/${this.#folder}`);
  }

  readonly open = (path: Path, flags: number, mode: number): number => {
    const bytes = Buffer.concat([Buffer.from(path), Buffer.alloc(1)]);
    const fd =
      this.#openWithin === null
        ? ENOSYS
        : this.#openWithin(this.#folder, bytes, flags, mode, this.resolve);
    if (fd < 0) throw systemError(fd, "open", path);
    return fd;
  };

  place(path: Path, way: Way): Placed {
    const shown = path.toString();
    if (way === "target") return placed(this.open(path, O_PATH, 0), "", shown);
    const [above, last, slashes] = split(bytesOf(path), way === "prefix");
    // What ends in a slash or a dot is a folder, which is followed; there is no name in it.
    const followed = last === "." || last === ".." || last === "";
    if (way !== "prefix" && (followed || (way === "itself" && slashes !== "")))
      return placed(this.open(path, DIRECTORY, 0), "/.", shown);
    // The last part may be where another file system begins.
    if (way === "itself" && (this.resolve & RESOLVE_NO_XDEV) !== 0)
      fs.closeSync(this.open(path, O_PATH | O_NOFOLLOW, 0));
    const parent = Buffer.from(above, "latin1");
    const fd = this.open(parent, DIRECTORY, 0);
    const name = `/${last}${slashes}`;
    return typeof path === "string"
      ? placed(fd, Buffer.from(name, "latin1").toString(), shown)
      : placed(fd, Buffer.from(name, "latin1"), shown);
  }
}

/** What is above, the last part, and the slashes behind it. */
function split(
  path: string,
  prefix: boolean,
): [above: string, last: string, slashes: string] {
  let end = path.length;
  while (!prefix && end > 1 && path[end - 1] === "/") end--;
  const at = path.lastIndexOf("/", end - 1) + 1;
  const above = at === 0 ? "." : path.slice(0, at);
  return [above, path.slice(at, end), path.slice(end)];
}

function placed(fd: number, rest: Path, shown: string): Placed {
  const path = joined(`/proc/self/fd/${fd}`, rest);
  return { path, begins: path.toString(), shown, fd };
}

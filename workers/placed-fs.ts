// Node's synchronous functions for paths that start in a folder of the caller's: each path is placed
// (places.ts), and results and errors show what the caller gave. Which argument is what kind of path
// is a table; what the functions do stays Node's own.
import fs from "node:fs";
import { systemError } from "../src/request/errors.ts";
import { copyFile } from "./copy-file.ts";
import { copyWithin, mkdirpWithin } from "./placed-jobs.ts";
import type { Path, Placed, PlacedFs, Start, Starts, Way } from "./places.ts";

const ways = {
  accessSync: ["access", "target"],
  chmodSync: ["chmod", "target"],
  chownSync: ["chown", "target"],
  copyFileSync: ["copyfile", "target", "target"],
  lchmodSync: ["lchmod", "itself"],
  lchownSync: ["lchown", "itself"],
  linkSync: ["link", "itself", "name"],
  lstatSync: ["lstat", "itself"],
  lutimesSync: ["lutime", "itself"],
  mkdirSync: ["mkdir", "name"],
  mkdtempSync: ["mkdtemp", "prefix"],
  openSync: ["open", "target"],
  opendirSync: ["opendir", "target"],
  readdirSync: ["scandir", "target"],
  readlinkSync: ["readlink", "itself"],
  renameSync: ["rename", "name", "name"],
  rmdirSync: ["rmdir", "name"],
  statSync: ["stat", "target"],
  statfsSync: ["statfs", "target"],
  symlinkSync: ["symlink", null, "name"],
  unlinkSync: ["unlink", "name"],
  utimesSync: ["utime", "target"],
} as const satisfies Record<
  Exclude<keyof PlacedFs, "realpathSync">,
  readonly [syscall: string, ...(Way | null)[]]
>;

type AnyFunction = (...args: unknown[]) => unknown;
type Thrown = NodeJS.ErrnoException & { dest?: string };
/** For paths that lead where they lead. */
export const plainFs: PlacedFs = { ...fs, copyFileSync: copyFile };
const plainly = plainFs as unknown as Record<string, AnyFunction>;
const { native } = fs.realpathSync;

/** `starts` is read at each call: one such object serves all requests of a worker. */
export function placedFs(starts: () => Starts): PlacedFs {
  const made: Record<string, unknown> = {};
  for (const [name, [syscall, ...each]] of Object.entries(ways))
    made[name] = placing(starts, plainly[name]!, syscall, each);
  const realpath = placing(starts, native as AnyFunction, "realpath", [
    "target",
  ]);
  const api = {
    ...made,
    // The walk link by link has no meaning from a descriptor on.
    realpathSync: Object.assign(realpath, { native: realpath }),
  } as unknown as PlacedFs;
  const plain = { ...api };
  api.openSync = ((path: Path, flags: number, mode: number) => {
    const [{ open }] = starts();
    return open === null
      ? plain.openSync(path, flags, mode)
      : open(path, flagsOf(flags), mode);
  }) as typeof fs.openSync;
  api.mkdirSync = ((path: Path, options: number | fs.MakeDirectoryOptions) => {
    const recursive = typeof options === "object" && options.recursive;
    if (!recursive || starts()[0].resolve === 0)
      return plain.mkdirSync(path, options as number);
    return mkdirpWithin(api, path.toString(), options.mode as number);
  }) as typeof fs.mkdirSync;
  api.copyFileSync = (src, dest, mode = 0) => {
    const { open } = starts()[1];
    if (open === null) plain.copyFileSync(src, dest, mode);
    else copyWithin(starts(), plain, [src as Path, dest as Path], mode);
  };
  return api;
}

const flagsOf = (flags: number | string): number =>
  flags === "r+" ? fs.constants.O_RDWR : Number(flags);

function placing(
  starts: () => Starts,
  run: AnyFunction,
  syscall: string,
  each: readonly (Way | null)[],
): AnyFunction {
  return (...args) => {
    const places: Placed[] = [];
    const given = args.slice(0, each.length) as Path[];
    try {
      each.forEach((way, i) => {
        if (way === null) return;
        const start = starts()[i as 0 | 1];
        args[i] = place(start, given, i, way, syscall, places);
      });
      const value = run(...args);
      if (!(value instanceof fs.Dir)) return shown(value, places);
      letGoWhenClosed(value, places.splice(0));
      return value;
    } catch (error) {
      if (isNothing(error, args[1])) return undefined;
      throw mended(error as Thrown, places);
    } finally {
      letGo(places);
    }
  };
}

/** What cannot be placed fails as the call itself would, with what the caller gave. */
function place(
  start: Start,
  given: readonly Path[],
  i: number,
  way: Way,
  syscall: string,
  places: Placed[],
): Path {
  let placed: Placed;
  try {
    placed = start.place(given[i]!, way);
  } catch (error) {
    const { errno } = error as Thrown;
    if (errno === undefined) throw error;
    const dest = TWO_PATHS.has(syscall) ? given[1] : null;
    throw systemError(errno, syscall, given[0], dest);
  }
  places.push(placed);
  return placed.path;
}

const TWO_PATHS = new Set(["copyfile", "link", "rename", "symlink"]);

/** Where nothing is there, and that is no error to the caller. */
function isNothing(error: unknown, options: unknown): boolean {
  const { throwIfNoEntry } = (options ?? {}) as fs.StatSyncOptions;
  return throwIfNoEntry === false && (error as Thrown).code === "ENOENT";
}

function asGiven(path: string, places: readonly Placed[]): string {
  for (const { begins, shown } of places)
    if (begins !== "" && path.startsWith(begins))
      return shown + path.slice(begins.length);
  return path;
}

/** The message shows paths, too; it is made again of the rest. */
function mended(error: Thrown, places: readonly Placed[]): Thrown {
  if (error.path !== undefined) error.path = asGiven(error.path, places);
  if (error.dest !== undefined)
    error.dest = asGiven(error.dest, places.slice(-1));
  return error;
}

/** Names that were made: mkdtemp's, the first folder of mkdir's. */
function shown(value: unknown, places: readonly Placed[]): unknown {
  if (typeof value === "string") return asGiven(value, places);
  if (!Buffer.isBuffer(value)) return value;
  return Buffer.from(asGiven(value.toString("latin1"), places), "latin1");
}

function letGo(places: readonly Placed[]): void {
  for (const { fd } of places) if (fd !== -1) fs.closeSync(fd);
}

/** Entries without a type are looked at by the folder's path, as long as it is open. */
function letGoWhenClosed(dir: fs.Dir, places: readonly Placed[]): void {
  const close = dir.closeSync.bind(dir);
  dir.closeSync = () => {
    close();
    letGo(places);
  };
}

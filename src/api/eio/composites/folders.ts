// Composites on folders: scandir and rmtree as IO::AIO has them, cptree and mvtree, which it lacks. Each is made of
// requests of the door; none knows a system call.
import type { Stats } from "node:fs";
import { fileURLToPath } from "node:url";
import { eioConstants } from "../constants.ts";
import type { EioGroup } from "../group.ts";
import type { EioDirent } from "../request.ts";
import { Failed, composite, type Composite, type Going } from "./compose.ts";
import { move } from "./files.ts";

/** What scandir makes of a folder. */
export interface EioScan<Name = string> {
  dirs: Name[];
  nondirs: Name[];
}

const { EIO_READDIR_DENTS, EIO_READDIR_DIRS_FIRST } = eioConstants;
const { EIO_DT_DIR, EIO_DT_UNKNOWN } = eioConstants;
/** By default, so many files are looked at at once. */
const SCAN_MAX_REQS = 4;
/** As many entries of one folder are removed at once. */
const REMOVE_MAX_REQS = 16;
/** A folder is known by its parent's link and its own dot. */
const OWN_LINKS = 2;

type Name = string | Buffer;

/** A path below another one, which may be [wd, path]. */
function below(folder: unknown, name: Name): unknown {
  if (Array.isArray(folder)) return [folder[0], below(folder[1], name)];
  if (folder instanceof URL) return below(fileURLToPath(folder), name);
  if (typeof folder === "string" && typeof name === "string")
    return `${folder}/${name}`;
  const bytes = (part: unknown): Buffer => Buffer.from(part as string);
  return Buffer.concat([bytes(folder), bytes("/"), bytes(name)]);
}

function* scandir(go: Going, [path, most]: readonly unknown[]): Composite {
  const flags = EIO_READDIR_DENTS | EIO_READDIR_DIRS_FIRST;
  const { value } = yield* go.expect("readdirx", path, flags);
  const entries = value as EioDirent<Name>[];
  const scan: EioScan<Name> = { dirs: [], nondirs: [] };
  const unknown: Name[] = [];
  for (const { name, type } of entries)
    if (type === EIO_DT_UNKNOWN) unknown.push(name);
    else (type === EIO_DT_DIR ? scan.dirs : scan.nondirs).push(name);
  if (unknown.length !== 0) {
    const limit = typeof most === "number" && most > 0 ? most : SCAN_MAX_REQS;
    yield* lookAt(go, path, unknown, scan, limit);
  }
  go.grp.value = scan;
  return 0;
}

/** Stats the likeliest folders first, until there are as many as the links of the folder say. */
function* lookAt(
  go: Going,
  path: unknown,
  names: Name[],
  { dirs, nondirs }: EioScan<Name>,
  most: number,
): Composite {
  const { value } = yield* go.expect("stat", path);
  const { nlink } = value as Stats;
  // File systems without links for folders say 1.
  let left = nlink < OWN_LINKS ? Infinity : nlink - OWN_LINKS - dirs.length;
  let next = 0;
  const feed = (grp: EioGroup): void => {
    if (left <= 0) nondirs.push(...names.slice(next));
    if (left <= 0) next = names.length;
    const name = names[next++];
    if (name === undefined) return;
    const looked = go.make("lstat", [below(path, name)], (req) => {
      const folder = req.result === 0 && (req.value as Stats).isDirectory();
      if (folder) left--;
      (folder ? dirs : nondirs).push(name);
    });
    grp.add(looked);
  };
  yield* go.fed(feed, most);
  go.check();
  return 0;
}

function* rmtree(go: Going, [path]: readonly unknown[]): Composite {
  // A link is not followed: what it leads to is not this tree.
  const found = yield* go.expect("lstat", path);
  if ((found.value as Stats).isDirectory()) {
    const scanned = yield* go.within(scandir, path, 0);
    if (scanned.result === 0)
      yield* empty(go, path, scanned.value as EioScan<Name>);
  }
  return (yield* go.expect("rmdir", path)).result;
}

function* empty(
  go: Going,
  path: unknown,
  { dirs, nondirs }: EioScan<Name>,
): Composite {
  const ignored = (): void => {};
  const inside = [
    ...dirs.map((name) => () => go.start(rmtree, [below(path, name)], ignored)),
    ...nondirs.map(
      (name) => () => go.make("unlink", [below(path, name)], ignored),
    ),
  ];
  let next = 0;
  yield* go.fed((grp) => {
    const begin = inside[next++];
    if (begin !== undefined) grp.add(begin());
  }, REMOVE_MAX_REQS);
  return 0;
}

function* mvtree(go: Going, [src, dst]: readonly unknown[]): Composite {
  const renamed = yield* go.try("rename", src, dst);
  if (renamed.result === 0) return 0;
  if (renamed.code !== "EXDEV") throw Failed.of(renamed);
  const { value } = yield* go.expect("lstat", src);
  if ((value as Stats).isFile()) return yield* move(go, [src, dst]);
  // As rename(2): only a folder that is empty is replaced.
  const there = yield* go.try("rmdir", dst);
  if (there.result < 0 && there.code !== "ENOENT") throw Failed.of(there);
  const copied = yield* go.try("cptree", src, dst);
  if (copied.result < 0) {
    yield* go.cleanup(rmtree, dst);
    throw Failed.of(copied);
  }
  const removed = yield* go.within(rmtree, src);
  if (removed.result < 0) throw Failed.of(removed);
  return 0;
}

const path = ["path", "path"] as const;
const newPath = ["new_path", "path"] as const;

export const folderComposites = {
  scandir: composite(
    [path, ["maxreq", "offset"]],
    ["dents", "lstat", "stat"],
    "Splits what is in a folder: `value` has `dirs` and `nondirs`. Files are looked at only where the folder tells no types, `maxreq` (0 or less: 4) at once.",
    "EioScan",
    scandir,
  ),
  rmtree: composite(
    [path],
    ["lstat", "dents", "unlink", "rmdir"],
    "Removes a folder and what is in it; the result is that of the last rmdir. Links are removed, not followed.",
    "undefined",
    rmtree,
    "buffer",
  ),
  mvtree: composite(
    [path, newPath],
    ["rename", "cptree", "rmdir"],
    "Renames a file or a tree, or copies it and removes it where that is another file system. After an error the partial copy is removed.",
    "undefined",
    mvtree,
    "buffer",
  ),
};

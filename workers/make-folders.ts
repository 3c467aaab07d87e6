// mkdir with those above it, whose errors are those of Node's asynchronous function: it names the folder that could
// not be made, and its synchronous one the whole path. It does not know where the request's path starts.
import type fs from "node:fs";
import { dirname } from "node:path";
import {
  bytesOf,
  pathOf,
  textOf,
  type ByteText,
} from "../src/ops/byte-text.ts";
import { errnoOf, systemError } from "../src/request/errors.ts";
import type { Frame } from "./frame.ts";
import type { PlacedFs } from "./places.ts";

/** Failures of a folder that would be made in one that is there. */
const OF_ONE_FOLDER = new Set(["EACCES", "ENOSPC", "EPERM"]);

/** The first folder that was made. */
export function makeFolders(f: Frame): string | undefined {
  try {
    return makeAll(f.fs, f.path, f.a);
  } catch (error) {
    throw asynchronous(error as NodeJS.ErrnoException, f);
  }
}

/**
 * By Node's, when the first that is missing is made. Where none can be made in a folder that is there (/proc), and the
 * failure is ENOENT, Node before 26 tries again for ever; all other failures are for it to meet.
 */
export function makeAll(
  files: PlacedFs,
  path: string | Buffer,
  mode?: number,
): string | undefined {
  const { missing, there } = nearest(files, bytesOf(path));
  let first: string | undefined;
  try {
    files.mkdirSync(pathOf(missing), mode);
    first = textOf(missing);
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && leadsTo(files, there))
      throw systemError(errno!, "mkdir", textOf(missing));
  }
  const next = files.mkdirSync(path, { recursive: true, mode });
  return first ?? next;
}

const leadsTo = (files: PlacedFs, path: ByteText): boolean =>
  files.statSync(pathOf(path), { throwIfNoEntry: false }) !== undefined;

function asynchronous(error: NodeJS.ErrnoException, f: Frame): Error {
  const { code = "", errno } = error;
  const path = bytesOf(f.path);
  if (code === "ENOENT") {
    const { there, stats } = nearest(f.fs, path);
    // A link that leads nowhere.
    if (stats?.isSymbolicLink() && !leadsTo(f.fs, there))
      return systemError(errnoOf("ENOTDIR"), "mkdir", textOf(there));
  } else if (OF_ONE_FOLDER.has(code)) {
    const { missing } = nearest(f.fs, path);
    return systemError(errno!, "mkdir", textOf(missing));
  }
  return error;
}

interface Nearest {
  /** The nearest of the names above that is there, */
  there: ByteText;
  /** what it is (undefined: nothing is known of it), */
  stats: fs.Stats | undefined;
  /** and the name below it. */
  missing: ByteText;
}

function nearest(files: PlacedFs, path: ByteText): Nearest {
  let missing = path;
  for (;;) {
    const there = dirname(missing);
    let stats: fs.Stats | undefined;
    try {
      stats = files.lstatSync(pathOf(there));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT") return { there, stats, missing: path };
    }
    if (stats !== undefined || there === dirname(there))
      return { there, stats, missing };
    missing = there;
  }
}

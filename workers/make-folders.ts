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

/** Failures of a folder that would be made in one that is there. */
const OF_ONE_FOLDER = new Set(["EACCES", "ENOSPC", "EPERM"]);

/** The first folder that was made. */
export function makeFolders(f: Frame): string | undefined {
  try {
    return f.fs.mkdirSync(f.path, { recursive: true, mode: f.a });
  } catch (error) {
    throw asynchronous(error as NodeJS.ErrnoException, f);
  }
}

function asynchronous(error: NodeJS.ErrnoException, f: Frame): Error {
  const { code = "", errno } = error;
  const path = bytesOf(f.path);
  if (code === "ENOENT") {
    const { there, stats } = nearest(f, path);
    // A link that leads nowhere.
    if (stats?.isSymbolicLink())
      return systemError(errnoOf("ENOTDIR"), "mkdir", textOf(there));
  } else if (OF_ONE_FOLDER.has(code)) {
    const { missing } = nearest(f, path);
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

function nearest(f: Frame, path: ByteText): Nearest {
  let missing = path;
  for (;;) {
    const there = dirname(missing);
    let stats: fs.Stats | undefined;
    try {
      stats = f.fs.lstatSync(pathOf(there));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT") return { there, stats, missing: path };
    }
    if (stats !== undefined || there === dirname(there))
      return { there, stats, missing };
    missing = there;
  }
}

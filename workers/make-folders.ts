// mkdir with those above it, whose errors are those of Node's asynchronous function. It knows one
// difference between that and the synchronous one: which of the names it blames.
import type fs from "node:fs";
import { dirname } from "node:path";
import { errnoOf, systemError } from "../src/request/errors.ts";
import type { Frame } from "./frame.ts";

/** The first folder that was made. */
export function makeFolders(f: Frame): string | undefined {
  try {
    return f.fs.mkdirSync(f.path, { recursive: true, mode: f.a });
  } catch (error) {
    const dangling =
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? linkAbove(f, f.path.toString())
        : null;
    if (dangling === null) throw error;
    throw systemError(errnoOf("ENOTDIR"), "mkdir", dangling);
  }
}

/** The nearest of the names above that is there, if it is a link: then it leads nowhere. */
function linkAbove(f: Frame, path: string): string | null {
  for (let above = dirname(path); above !== dirname(above);) {
    let stats: fs.Stats | undefined;
    try {
      stats = f.fs.lstatSync(above);
    } catch {
      above = dirname(above);
      continue;
    }
    return stats.isSymbolicLink() ? above : null;
  }
  return null;
}

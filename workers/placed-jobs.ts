// What Node does in several steps by itself, for folders that no path leaves: each step is placed by itself, so that
// none leads out of it, whatever happens between two of them. How a step is placed is not known here.
import fs from "node:fs";
import { dirname } from "node:path";
import { systemError } from "../src/request/errors.ts";
import type { Path, PlacedFs, Start, Starts } from "./places.ts";

const { COPYFILE_EXCL } = fs.constants;
const { O_CREAT, O_EXCL, O_WRONLY } = fs.constants;
/** Until the copy gives the file the mode of its source. */
const OWN_MODE = 0o600;

const codeOf = (error: unknown): string | undefined =>
  (error as NodeJS.ErrnoException).code;

/** Returns the first folder that was made, as Node's does. */
export function mkdirpWithin(
  files: PlacedFs,
  path: string,
  mode: number,
): string | undefined {
  const above = dirname(path);
  try {
    files.mkdirSync(path, mode);
    return path;
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || above === path || path === "")
      return existing(files, path, error);
  }
  const first = mkdirpWithin(files, above, mode);
  try {
    files.mkdirSync(path, mode);
    return first ?? path;
  } catch (error) {
    existing(files, path, error);
    return first;
  }
}

/** A folder that is there is as good as one that was made. */
function existing(files: PlacedFs, path: string, error: unknown): undefined {
  const maybe = { throwIfNoEntry: false } as const;
  const there =
    codeOf(error) === "EEXIST" && files.statSync(path, maybe)?.isDirectory();
  if (there !== true) throw error;
}

/** The target is made first, within its folder; then there is something to copy onto. */
export function copyWithin(
  starts: Starts,
  files: PlacedFs,
  [src, dest]: [Path, Path],
  mode: number,
): void {
  const made = make(starts[1], src, dest, (mode & COPYFILE_EXCL) !== 0);
  try {
    files.copyFileSync(src, dest, mode & ~COPYFILE_EXCL);
  } catch (error) {
    if (made) remove(starts[1], dest);
    throw error;
  }
}

function make(start: Start, src: Path, dest: Path, alone: boolean): boolean {
  const open = (flags: number): void =>
    fs.closeSync(start.open!(dest, O_WRONLY | O_CREAT | flags, OWN_MODE));
  try {
    try {
      open(O_EXCL);
      return true;
    } catch (error) {
      if (alone || codeOf(error) !== "EEXIST") throw error;
      open(0);
      return false;
    }
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    throw systemError(errno!, "copyfile", src, dest);
  }
}

/** What stands in the way of that is not the error that the caller gets. */
function remove(start: Start, dest: Path): void {
  const { path, fd } = start.place(dest, "name");
  try {
    fs.unlinkSync(path);
  } catch {
    return;
  } finally {
    fs.closeSync(fd);
  }
}

// rm in one crossing, with Node's results and errors: depth first, by the types that the folders
// give, so that a file costs one call. What cannot be removed does not keep its neighbours.
import os from "node:os";
import { NodeSystemError } from "../src/util/node-system-error.ts";
import type { Frame } from "./frame.ts";
import { pathOf } from "./paths.ts";
import type { PlacedFs } from "./places.ts";

type Path = string | Buffer;

const RETRIED = new Set(["EBUSY", "EMFILE", "ENFILE", "ENOTEMPTY", "EPERM"]);
const NOT_EMPTY = new Set(["ENOTEMPTY", "EEXIST", "EPERM"]);
const TYPED = { withFileTypes: true } as const;
const TYPED_RAW = { withFileTypes: true, encoding: "buffer" } as const;
/** Between two looks at whether the caller still waits. */
const SLICE_MS = 50;

const sleeping = new Int32Array(new SharedArrayBuffer(4));

export function removeTree(f: Frame): number {
  const recursive = f.a !== 0;
  const force = f.b !== 0;
  const path = pathOf(f);
  const stats = f.fs.lstatSync(path, { throwIfNoEntry: !force });
  if (stats === undefined) return 0;
  if (stats.isDirectory() && !recursive)
    throw new NodeSystemError("ERR_FS_EISDIR", {
      code: "EISDIR",
      message: "is a directory",
      path: path.toString(),
      syscall: "rm",
      errno: os.constants.errno.EISDIR,
    });
  new Remover(f).remove(path, stats.isDirectory());
  return 0;
}

const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? "";

class Remover {
  readonly #frame: Frame;
  readonly #files: PlacedFs;
  readonly #maxRetries: number;
  readonly #retryDelayMs: number;

  constructor(frame: Frame) {
    this.#frame = frame;
    this.#files = frame.fs;
    this.#maxRetries = frame.c;
    this.#retryDelayMs = frame.d;
  }

  /** As often as may be; what is gone already is well. */
  remove(path: Path, folder: boolean): void {
    for (let retries = 0; ;) {
      try {
        if (folder) this.#folder(path);
        else this.#file(path);
        return;
      } catch (error) {
        const code = codeOf(error);
        if (RETRIED.has(code) && retries < this.#maxRetries) {
          this.#sleep(++retries * this.#retryDelayMs);
          if (this.#frame.cancelled) return;
          folder = isFolder(this.#files, path);
          continue;
        }
        if (code === "ENOENT") return;
        throw error;
      }
    }
  }

  #file(path: Path): void {
    try {
      this.#files.unlinkSync(path);
    } catch (error) {
      const code = codeOf(error);
      if (code === "ENOENT") return;
      // A folder that was made in its place, or that only root may unlink.
      if (code !== "EISDIR" && code !== "EPERM") throw error;
      if (WINDOWS && code === "EPERM") this.#writable(path, error);
      else this.#folder(path, error);
    }
  }

  /** Windows keeps what is read-only. */
  #writable(path: Path, error: unknown): void {
    let folder;
    try {
      this.#files.chmodSync(path, 0o666);
      folder = this.#files.statSync(path).isDirectory();
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return;
      throw error;
    }
    if (folder) this.#folder(path, error);
    else this.#files.unlinkSync(path);
  }

  /**
   * What is in a folder goes only if that is all that keeps it: one that could not be removed when empty (where something is mounted, or
   * what is above may not be changed) stays as it is. `first` is why it was taken for a folder, and stands if it is none.
   */
  #folder(path: Path, first?: unknown): void {
    try {
      this.#files.rmdirSync(path);
      return;
    } catch (error) {
      const code = codeOf(error);
      if (code === "ENOTDIR") {
        if (first !== undefined) throw first;
        // A link with a slash behind it looks like a folder, and is not to be emptied as one.
        return;
      }
      if (!NOT_EMPTY.has(code)) throw error;
    }
    this.#contents(list(this.#files, path));
    if (!this.#frame.cancelled) this.#files.rmdirSync(path);
  }

  #contents(entries: [Path, boolean][]): void {
    let failed: { error: unknown } | null = null;
    for (const [path, folder] of entries) {
      if (this.#frame.cancelled) return;
      try {
        this.remove(path, folder);
      } catch (error) {
        failed ??= { error };
      }
    }
    if (failed !== null) throw failed.error;
  }

  #sleep(ms: number): void {
    for (let left = ms; left > 0 && !this.#frame.cancelled; left -= SLICE_MS)
      Atomics.wait(sleeping, 0, 0, Math.min(left, SLICE_MS));
  }
}

const WINDOWS = process.platform === "win32";

function isFolder(files: PlacedFs, path: Path): boolean {
  return (
    files.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  );
}

/** Paths below a folder, as text where all names are text, and whether each is a folder. */
function list(files: PlacedFs, path: Path): [Path, boolean][] {
  if (typeof path === "string") {
    const entries = files.readdirSync(path, TYPED);
    if (!entries.some(({ name }) => name.includes("\ufffd")))
      return entries.map((entry) => [
        `${path}/${entry.name}`,
        entry.isDirectory(),
      ]);
  }
  const prefix = Buffer.concat([Buffer.from(path), Buffer.from("/")]);
  return files
    .readdirSync(path, TYPED_RAW)
    .map((entry) => [
      Buffer.concat([prefix, entry.name as unknown as Buffer]),
      entry.isDirectory(),
    ]);
}

// The files that cases work on: made in a folder of their own, warmed or dropped from the page cache, and
// removed however the bench ends. It knows works by what files they want.
import { randomFillSync } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createEio } from "node-eio";
import { isDataWork, writes, type Case } from "./case.ts";
import type { Group, Job } from "./job.ts";
import { EnvironmentError, UsageError, environmentError } from "./usage.ts";

const CHUNK_BYTES = 1 << 20;
/** Files for work on paths, where nobody says how many. */
const PATHS_BY_DEFAULT = 256;
/** Entries of a folder that is listed. */
const ENTRIES_BY_DEFAULT = 100;
const FOLDERS_MAX = 256;
const DROP_ALL = "/proc/sys/vm/drop_caches";

export class Data {
  readonly #folders: string[] = [];
  readonly #made = new Map<string, string[]>();
  readonly #dropAll: boolean;

  constructor(dropAll: boolean) {
    this.#dropAll = dropAll;
  }

  /** Makes what the group works on, unless an earlier one had the same. */
  async caseOf({ job, draft }: Group): Promise<Case> {
    const scratch = this.#folder(job);
    const paths = isDataWork(draft.work)
      ? await this.#dataFiles(job, writes(draft.work))
      : await this.#pathFiles(job, draft, scratch);
    const fileBytes = isDataWork(draft.work)
      ? Math.min(...paths.map(sizeOf))
      : draft.blockBytes;
    if (isDataWork(draft.work) && fileBytes < draft.blockBytes)
      throw new UsageError(
        `${paths[0]} has ${fileBytes} bytes, less than one block`,
      );
    const out = path.join(scratch, "out");
    fs.mkdirSync(out, { recursive: true });
    return { ...draft, paths, fileBytes, scratch: out };
  }

  /** Before each run that is not cold: what is in the page cache stays there. */
  async warm({ cold, paths, direct, work }: Case): Promise<void> {
    if (!cold && !direct && isDataWork(work))
      for (const file of paths) await warm(file);
  }

  /** Out of the page cache, after what is not on the disk yet was written there. */
  async drop({ paths }: Case): Promise<void> {
    if (this.#dropAll) {
      try {
        fs.writeFileSync(DROP_ALL, "3");
      } catch (error) {
        throw new EnvironmentError(
          `--drop-caches needs root: ${(error as Error).message}`,
        );
      }
      return;
    }
    const eio = createEio({ backend: "pool" });
    try {
      for (const file of paths) {
        const handle = await eio.promises.open(file);
        await handle.sync();
        await eio.sys.fadvise(
          handle.fd,
          0,
          0,
          eio.sys.constants.POSIX_FADV_DONTNEED,
        );
        await handle.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOSYS")
        throw new EnvironmentError(
          "--cold needs the native addon, which is not here; as root --drop-caches does without",
        );
      throw error;
    } finally {
      await eio.close();
    }
  }

  #folder({ dir }: Job): string {
    const parent = path.resolve(dir ?? os.tmpdir());
    const there = this.#folders.find(
      (folder) => path.dirname(folder) === parent,
    );
    if (there !== undefined) return there;
    const made = attempt(`${parent}`, () =>
      fs.mkdtempSync(path.join(parent, "node-eio-bench-")),
    );
    this.#folders.push(made);
    return made;
  }

  async #dataFiles(job: Job, write: boolean): Promise<string[]> {
    if (job.file !== null) return [given(job.file, write, job.overwrite)];
    const count = job.files ?? 1;
    const each = Math.floor(job.sizeBytes / count);
    const folder = this.#folder(job);
    return this.#once(`data ${folder} ${count} ${each}`, async (number) => {
      const names = Array.from({ length: count }, (_, i) =>
        path.join(folder, `data${number}-${i}`),
      );
      for (const name of names) await fill(name, each);
      return names;
    });
  }

  async #pathFiles(
    job: Job,
    draft: Group["draft"],
    scratch: string,
  ): Promise<string[]> {
    const { work, blockBytes, depth, threads } = draft;
    const count =
      job.files ?? (work === "readdir" ? ENTRIES_BY_DEFAULT : PATHS_BY_DEFAULT);
    if (work === "writefile")
      return Array.from({ length: count }, () => scratch);
    const folders =
      work === "readdir" ? Math.min(depth * threads, FOLDERS_MAX) : 1;
    const bytes = work === "readfile" ? blockBytes : 0;
    return this.#once(
      `paths ${scratch} ${count} ${folders} ${bytes}`,
      async (number) => {
        const made: string[] = [];
        for (let i = 0; i < folders; i++) {
          const folder = path.join(scratch, `paths${number}-${i}`);
          fs.mkdirSync(folder);
          const names = Array.from({ length: count }, (_, j) =>
            path.join(folder, `file${j}`),
          );
          for (const name of names) await fill(name, bytes);
          if (work === "readdir") made.push(folder);
          else made.push(...names);
        }
        return made;
      },
    );
  }

  async #once(
    key: string,
    make: (number: number) => Promise<string[]>,
  ): Promise<string[]> {
    let paths = this.#made.get(key);
    if (paths === undefined) {
      paths = await make(this.#made.size);
      this.#made.set(key, paths);
    }
    return paths;
  }

  /** At once and whatever state they are in: the process may be about to end. */
  remove(): void {
    for (const folder of this.#folders.splice(0))
      // A child that was just killed may have made one more file.
      fs.rmSync(folder, {
        recursive: true,
        force: true,
        maxRetries: 5,
        retryDelay: 20,
      });
  }
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw environmentError(error as NodeJS.ErrnoException, what) ?? error;
  }
}

/** A file of the caller's: there, a file, and not written to unless that was said. */
function given(file: string, write: boolean, overwrite: boolean): string {
  if (write && !overwrite)
    throw new UsageError(
      `writing to ${file} destroys what is in it: say so with --overwrite`,
    );
  return attempt(file, () => {
    const stats = fs.statSync(file);
    if (!stats.isFile() && !stats.isBlockDevice())
      throw new UsageError(`${file} is no file to read blocks of`);
    fs.accessSync(
      file,
      write ? fs.constants.R_OK | fs.constants.W_OK : fs.constants.R_OK,
    );
    return path.resolve(file);
  });
}

function sizeOf(file: string): number {
  const fd = fs.openSync(file, "r");
  try {
    const stats = fs.fstatSync(fd);
    if (!stats.isBlockDevice()) return stats.size;
    return (
      Number(
        fs.readFileSync(`/sys/class/block/${path.basename(file)}/size`, "utf8"),
      ) * 512
    );
  } finally {
    fs.closeSync(fd);
  }
}

/** Data that does not compress, and that is on the disk when this is over. */
async function fill(file: string, bytes: number): Promise<void> {
  const chunk = randomFillSync(
    Buffer.allocUnsafe(Math.min(bytes, CHUNK_BYTES)),
  );
  try {
    const handle = await fs.promises.open(file, "w");
    try {
      for (let at = 0; at < bytes;) {
        const { bytesWritten } = await handle.write(
          chunk,
          0,
          Math.min(chunk.length, bytes - at),
          at,
        );
        at += bytesWritten;
      }
      if (bytes >= CHUNK_BYTES) await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw environmentError(error as NodeJS.ErrnoException, file) ?? error;
  }
}

async function warm(file: string): Promise<void> {
  const handle = await fs.promises.open(file, "r");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return;
    }
  } finally {
    await handle.close();
  }
}

// A lock of the system's on a file, or on a range of it. It belongs to an open file of its own (OFD): nobody else's close()
// gives it away, and the system takes it back however the process ends. Who may try when is not known here.
import { constants } from "node:fs";
import { misuseError } from "../../util/errors.ts";
import { held, type HasDescriptor } from "../handles/descriptor.ts";
import { keepWhenCollected } from "../handles/finalizer.ts";
import type { EioSys } from "../sys/sys.ts";
import type { Submitter } from "../submitter.ts";
import type { Terms } from "../terms.ts";
import type { EioPromises, FileHandle } from "../types.ts";
import { acquire } from "./acquire.ts";
import type { Lines } from "./line.ts";
import type { Lock } from "./lock.ts";
import { waitInThread } from "./lock-threads.ts";
import { readLockOptions, readLockPath, type LockOptions } from "./options.ts";

/** What locks need of their instance. */
export interface LockFiles {
  readonly promises: EioPromises;
  readonly sys: EioSys;
}

const { O_CREAT, O_RDONLY, O_RDWR } = constants;
const MODE = 0o666;
const TRY_MAX_MS = 25;
/** What was tried so often, in some 7 ms, is waited for by a thread, where one may. */
const TRIES_ALONE = 4;
const taken = new Set(["EAGAIN", "EACCES"]);
const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? "";

/** The operating system's lock on a file or a range of it; returned by `eio.lock()`. */
export class FileLock implements Lock {
  readonly path: string;
  readonly shared: boolean;
  /** Never aborts: a lock that the system has granted is kept. */
  readonly signal: AbortSignal = new AbortController().signal;
  readonly #release: () => Promise<void>;
  #released: Promise<void> | undefined;

  /** @internal See lockFile. */
  constructor(path: string, shared: boolean, release: () => Promise<void>) {
    this.path = path;
    this.shared = shared;
    this.#release = release;
  }

  /** Releases the lock. */
  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

export async function lockFile(
  files: LockFiles,
  engine: Submitter,
  lines: Lines,
  file: unknown,
  options: LockOptions | undefined,
  terms: Terms,
): Promise<FileLock> {
  const { shared, wait, start, length } = readLockOptions(options);
  const { given: path, name } = readLockPath(file, terms);
  const { F_RDLCK, F_WRLCK } = files.sys.constants;
  const tries = new Tries(files, engine, terms, {
    path,
    wait,
    flags: shared ? O_RDONLY : O_RDWR,
    type: shared ? F_RDLCK : F_WRLCK,
    range: { offset: start, length },
  });
  const { place, got } = await acquire<FileHandle>(lines, {
    ...{ path, name, wait, terms },
    claim: {
      priority: terms.priority ?? 0,
      shared,
      start,
      end: length === 0 ? Infinity : start + length,
    },
    syscall: "fcntl",
    tryMaxMs: TRY_MAX_MS,
    attempt: () => tries.attempt(),
    undo: (handle) => handle.close(),
    giveUp: () => tries.giveUp(),
  });
  keepWhenCollected((got as unknown as HasDescriptor)[held]);
  return new FileLock(Buffer.from(path).toString(), shared, async () => {
    try {
      await got.close();
    } finally {
      lines.leave(name, place);
    }
  });
}

interface What {
  path: string | Uint8Array;
  /** Somebody waits until it is had. */
  wait: boolean;
  flags: number;
  type: number;
  range: { offset: number; length: number };
}

/** One try after the other, on a file that stays open meanwhile; the last of them may wait. */
class Tries {
  readonly #files: LockFiles;
  readonly #engine: Submitter;
  readonly #terms: Terms;
  readonly #what: What;
  #handle: FileHandle | null = null;
  #count = 0;
  readonly #over = new AbortController();

  constructor(files: LockFiles, engine: Submitter, terms: Terms, what: What) {
    this.#files = files;
    this.#engine = engine;
    this.#terms = terms;
    this.#what = what;
  }

  /** null: somebody else has it. */
  async attempt(): Promise<FileHandle | null> {
    for (;;) {
      const handle =
        this.#handle ??
        (await openToLock(this.#files, this.#what, this.#terms));
      this.#handle = null;
      let isOurs = false;
      try {
        isOurs = (await this.#tryLock(handle)) || (await this.#waitFor(handle));
        const { path } = this.#what;
        if (
          isOurs &&
          (await isStillThere(this.#files, path, handle, this.#terms))
        )
          return handle;
      } catch (error) {
        await handle.close();
        throw error;
      }
      if (isOurs || this.#over.signal.aborted) await handle.close();
      else this.#handle = handle;
      if (!isOurs) return null;
    }
  }

  giveUp(): void {
    this.#over.abort();
    void this.#handle?.close();
    this.#handle = null;
  }

  /** false: it is to be tried again. Who gives up, or closes the instance, closes the file. */
  async #waitFor(handle: FileHandle): Promise<boolean> {
    const { type, range, wait } = this.#what;
    const { signal } = this.#over;
    if (!wait || ++this.#count < TRIES_ALONE || signal.aborted) return false;
    const closing = new AbortController();
    const forget = this.#engine.onClose(() => closing.abort());
    const ends = AbortSignal.any([signal, closing.signal]);
    try {
      return await waitInThread(handle, type, range, ends, this.#terms);
    } catch (error) {
      if (!ends.aborted) throw error;
      this.#over.abort();
      return false;
    } finally {
      forget();
    }
  }

  async #tryLock(handle: FileHandle): Promise<boolean> {
    const { path, type, range } = this.#what;
    try {
      await this.#files.sys.ofdLock(handle, type, {
        ...this.#terms.options,
        ...range,
        wait: false,
      });
    } catch (error) {
      if (taken.has(codeOf(error))) return false;
      throw codeOf(error) === "ENOSYS" ? unavailable(path, error) : error;
    }
    return true;
  }
}

async function openToLock(
  files: LockFiles,
  what: What,
  terms: Terms,
): Promise<FileHandle> {
  const handle = await openOrMake(files, what, terms);
  // Whoever waits for it waits for its close.
  (handle as unknown as HasDescriptor)[held].closeTerms = terms.withoutEnd;
  return handle;
}

/** A file that is there need not be writable by whoever shares the lock; one that is not is made. */
async function openOrMake(
  { promises }: LockFiles,
  { path, flags }: What,
  terms: Terms,
): Promise<FileHandle> {
  const open = promises.open as unknown as (
    path: string | Uint8Array,
    flags: number,
    mode: number,
    terms: Terms,
  ) => Promise<FileHandle>;
  try {
    return await open(path, flags, MODE, terms);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    return await open(path, flags | O_CREAT, MODE, terms);
  }
}

/** If it was removed or replaced, whoever comes next locks another file, and does not meet us. */
async function isStillThere(
  { promises }: LockFiles,
  path: string | Uint8Array,
  handle: FileHandle,
  terms: Terms,
): Promise<boolean> {
  const stat = promises.stat as unknown as (
    path: string | Uint8Array,
    terms: Terms,
  ) => ReturnType<FileHandle["stat"]>;
  const [ours, there] = await Promise.all([
    handle.stat(terms as object),
    stat(path, terms).catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return null;
      throw error;
    }),
  ]);
  return ours.ino === there?.ino && ours.dev === there.dev;
}

function unavailable(path: string | Uint8Array, cause: unknown): Error {
  const shown = Buffer.from(path as string).toString();
  const { message } = cause as Error;
  const error = misuseError("ERR_EIO_LOCK_UNAVAILABLE", shown, message);
  return Object.assign(error, { cause });
}

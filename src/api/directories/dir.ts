// Our Dir: what opendir gives, with fs.Dir's methods and errors. It is listed when it is opened, so
// reading never waits for a disk (but for trees); it still yields to the loop every bufferSize
// entries, as Node's does, and closing it is a matter of memory only.
import fs from "node:fs";
import { join } from "node:path";
import { coded, invalidArgType } from "../argument-errors.ts";
import type { Wanted } from "../encoding.ts";
import { DirEntries, isFolder, listingOfDirents } from "./dir-entries.ts";
import type { AnyDirent } from "./dirent.ts";
import type { Start } from "../working-directories/start.ts";
import { Listing } from "./listing.ts";
import { nextTick, setImmediate } from "../../util/node-timers.ts";

export type ListMore = (path: string) => Promise<Listing>;

export interface DirOptions {
  /** As the caller gave it. */
  path: unknown;
  encoding: Wanted;
  bufferSize: number;
  recursive: boolean;
  /** Lists a folder below this one. */
  more: ListMore;
  /** Where the path starts, if not in the process's own folder. */
  start: Start | null;
}

type ReadCallback = (error: Error | null, entry?: AnyDirent | null) => void;
type CloseCallback = (error: Error | null) => void;

const closed = (): Error =>
  coded(new Error("Directory handle was closed"), "ERR_DIR_CLOSED");
const concurrent = (): Error =>
  coded(
    new Error(
      "Cannot do synchronous work on directory handle with concurrent asynchronous operations",
    ),
    "ERR_DIR_CONCURRENT_OPERATION",
  );

function checkCallback(callback: unknown): void {
  if (typeof callback !== "function")
    throw invalidArgType("callback", "of type function", callback);
}

/** For what is no Dir: Node has words for it. */
const nodePath = Object.getOwnPropertyDescriptor(fs.Dir.prototype, "path")!
  .get as (this: unknown) => unknown;

export class Dir {
  readonly #options: DirOptions;
  readonly #entries: DirEntries;
  /** How many entries may be handed out before the loop has its turn again. */
  #ready = 0;
  /** What came while a read was under way; null while none is. */
  #waiting: (() => void)[] | null = null;
  #closed = false;

  constructor(listing: Listing, options: DirOptions) {
    this.#options = options;
    this.#entries = new DirEntries(options.encoding);
    this.#entries.add(listing, options.path);
  }

  get path(): unknown {
    return #options in this ? this.#options.path : nodePath.call(this);
  }

  read(callback?: ReadCallback): Promise<AnyDirent | null> | undefined {
    if (callback === undefined) return this.#readPromised();
    if (this.#closed) throw closed();
    checkCallback(callback);
    this.#read(callback);
    return undefined;
  }

  async #readPromised(): Promise<AnyDirent | null> {
    if (this.#closed) throw closed();
    if (this.#ready > 0 && this.#waiting === null && !this.#options.recursive) {
      this.#ready--;
      return this.#entries.take();
    }
    return new Promise((resolve, reject) => {
      this.#read((error, entry) => {
        if (error === null) resolve(entry!);
        else reject(error);
      });
    });
  }

  #read(callback: ReadCallback): void {
    if (this.#waiting !== null) {
      this.#waiting.push(() => {
        if (this.#closed) callback(closed());
        else this.#read(callback);
      });
      return;
    }
    if (this.#ready > 0) {
      this.#ready--;
      const entry = this.#entries.take();
      if (entry === null || !this.#descends(entry))
        return nextTick(callback, null, entry);
      this.#waiting = [];
      return void this.#listBelow(entry, callback);
    }
    this.#waiting = [];
    setImmediate(() => {
      this.#ready = this.#options.bufferSize - 1;
      const entry = this.#entries.take();
      if (entry !== null && this.#descends(entry))
        return void this.#listBelow(entry, callback);
      this.#goOn();
      callback(null, entry);
    });
  }

  /** Lets those that came meanwhile have their turn, after the callback of this one. */
  #goOn(): void {
    nextTick(() => {
      const waiting = this.#waiting!;
      this.#waiting = null;
      for (const next of waiting) next();
    });
  }

  readonly #descends = (entry: AnyDirent): boolean =>
    this.#options.recursive && isFolder(entry);

  async #listBelow(entry: AnyDirent, callback: ReadCallback): Promise<void> {
    let error: Error | null = null;
    try {
      const path = join(entry.parentPath, entry.name);
      this.#entries.add(await this.#options.more(path), path);
    } catch (thrown) {
      error = thrown as Error;
    }
    this.#goOn();
    // Outside of this promise: what a callback throws is an uncaught exception.
    nextTick(callback, error, error === null ? entry : undefined);
  }

  readSync(): AnyDirent | null {
    this.#checkSync();
    const entry = this.#entries.take();
    if (entry !== null && this.#descends(entry)) {
      const path = join(entry.parentPath, entry.name);
      this.#entries.add(listNow(path, this.#options.start), path);
    }
    return entry;
  }

  close(callback?: CloseCallback): Promise<void> | undefined {
    if (callback === undefined) return this.#closePromised();
    checkCallback(callback);
    if (this.#closed) nextTick(callback, closed());
    else if (this.#waiting !== null)
      this.#waiting.push(() => void this.close(callback));
    else {
      this.#end();
      setImmediate(callback, null);
    }
    return undefined;
  }

  async #closePromised(): Promise<void> {
    if (this.#closed) throw closed();
    await new Promise<void>((resolve, reject) => {
      void this.close((error) => (error === null ? resolve() : reject(error)));
    });
  }

  closeSync(): void {
    this.#checkSync();
    this.#end();
  }

  #checkSync(): void {
    if (this.#closed) throw closed();
    if (this.#waiting !== null) throw concurrent();
  }

  #end(): void {
    this.#closed = true;
    this.#entries.clear();
  }

  async *entries(): AsyncGenerator<AnyDirent, void> {
    try {
      for (;;) {
        const entry = await this.#readPromised();
        if (entry === null) break;
        yield entry;
      }
    } finally {
      await this.#closePromised();
    }
  }

  [Symbol.dispose](): void {
    if (!this.#closed) this.closeSync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) await this.#closePromised();
  }
}

// An iteration is `entries`, as with Node's; and ours are `instanceof fs.Dir` too.
Object.defineProperty(Dir.prototype, Symbol.asyncIterator, {
  value: Dir.prototype.entries,
  enumerable: false,
  writable: true,
  configurable: true,
});
Object.setPrototypeOf(Dir.prototype, fs.Dir.prototype as object);

/** For readSync below the first folder. */
function listNow(path: string, start: Start | null): Listing {
  const dir = fs.opendirSync(start?.pathNow(path, "readSync") ?? path, {
    encoding: "latin1" as "utf8",
  });
  const entries: AnyDirent[] = [];
  try {
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync())
      entries.push(entry as AnyDirent);
  } finally {
    dir.closeSync();
  }
  const { bytes, count } = listingOfDirents(entries);
  return new Listing(bytes, count, true);
}

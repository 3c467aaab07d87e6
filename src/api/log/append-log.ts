// A log that records are appended to: those that come while others are written share one write, which returns when it is on the disk. It
// knows when something is written, synced, cut or removed; how records lie in files is not known here.
//
//   append() --> pending --one batch at a time--> written, and on the disk: append() resolves, readers see it
import {
  clearTimeout,
  queueMicrotask,
  setTimeout,
} from "../../util/node-timers.ts";
import { misuseError } from "../../util/errors.ts";
import { invalidArgType } from "../argument-errors.ts";
import type { Lock } from "../locks/lock.ts";
import { syncFolder } from "../sync-folder.ts";
import type { FileHandle } from "../types.ts";
import {
  FRAME_BYTES,
  HEADER_BYTES,
  RECORD_MAX_BYTES,
  putFrame,
} from "./frame.ts";
import type { ReadOptions } from "./options.ts";
import { untilWoken } from "../waiting.ts";
import { readRecords, type LogRecord, type ReadLogOptions } from "./reader.ts";
import type { Recovered } from "./recover.ts";
import type { LogFiles } from "./files.ts";
import {
  createSegment,
  listSegments,
  writeAll,
  writeThrough,
  type Segment,
} from "./segments.ts";

/** A batch is written as one piece. */
const BATCH_MAX_BYTES = 1 << 22;
const RECORD_KINDS = "of type string or an instance of Buffer or Uint8Array";
/** Behind a batch: nothing that lay there before follows it. */
const END_BYTES = FRAME_BYTES;
/** After these there is the same on the disk as before. */
const noRoom = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
/** Node calls EOPNOTSUPP by its other name. */
const cannotAllocate = new Set(["ENOSYS", "ENOTSUP", "ENOSPC", "EINVAL"]);

interface Pending {
  data: Uint8Array;
  resolve: (appended: { offset: number }) => void;
  reject: (error: unknown) => void;
}

const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? "";

const writesThrough = ({ sync }: ReadOptions): boolean =>
  sync === "group" && writeThrough !== null;

/** What segments are opened with besides. */
export const openFlags = (options: ReadOptions): number =>
  writesThrough(options) ? writeThrough! : 0;

/** A log of records that are on the disk when `append()` resolves; returned by `eio.appendLog()`. */
export class AppendLog {
  /** The folder that contains its segments. */
  readonly path: string;
  readonly #files: LogFiles;
  readonly #options: ReadOptions;
  /** null: there are no locks here. */
  readonly #lock: Lock | null;
  #segment: Segment;
  #handle: FileHandle;
  /** Behind the last record that was written. */
  #end: number;
  /** Behind the last record that is on the disk. */
  #durable: number;
  /** The file has space up to here. */
  #allocated = 0;
  #pending: Pending[] = [];
  #flushing: Promise<void> | null = null;
  /** The batch that is being written. */
  #writing: Promise<void> = Promise.resolve();
  /** Records that were given, and those of them that were written, or were not to be. */
  #given = 0;
  #settled = 0;
  #failure: { why: string; cause?: unknown } | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | null = null;
  /** Readers at the end. */
  readonly #waiting = new Set<() => void>();

  /** @internal See openLog. */
  constructor(
    files: LogFiles,
    path: string,
    options: ReadOptions,
    lock: Lock | null,
    opened: Recovered,
  ) {
    this.#files = files;
    this.path = path;
    this.#options = options;
    this.#lock = lock;
    this.#segment = opened.segment;
    this.#handle = opened.handle;
    this.#end = this.#durable = opened.end;
  }

  /** The offset after the last record that readers can see. */
  get end(): number {
    return this.#visible();
  }

  #visible(): number {
    return this.#options.sync === "group" ? this.#durable : this.#end;
  }

  /** Resolves when the record is on the disk (see the option `sync`). Do not change its bytes until then. */
  append(record: string | Uint8Array): Promise<{ offset: number }> {
    return new Promise((resolve, reject) => {
      const data = typeof record === "string" ? Buffer.from(record) : record;
      if (!(data instanceof Uint8Array))
        throw invalidArgType("record", RECORD_KINDS, record);
      if (this.#failure !== null || this.#closing !== null)
        throw this.#closed();
      if (data.byteLength > RECORD_MAX_BYTES)
        throw misuseError(
          "ERR_EIO_TOO_LARGE",
          "A record",
          data.byteLength,
          RECORD_MAX_BYTES,
        );
      this.#pending.push({ data, resolve, reject });
      this.#given++;
      // What is appended in the same turn goes along.
      if (this.#flushing === null && this.#pending.length === 1)
        queueMicrotask(() => this.#begin());
    });
  }

  #closed(): Error {
    const { why, cause } = this.#failure ?? { why: "close() was called" };
    const error = misuseError("ERR_EIO_LOG_CLOSED", this.path, why);
    return cause === undefined ? error : Object.assign(error, { cause });
  }

  #begin(): void {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null;
      // Those of the microtasks in between.
      if (this.#pending.length !== 0) this.#begin();
    });
  }

  async #flush(): Promise<void> {
    while (this.#pending.length !== 0) {
      this.#writing = this.#settle(this.#take());
      await this.#writing;
    }
  }

  async #settle(batch: Pending[]): Promise<void> {
    try {
      if (this.#failure !== null) throw this.#closed();
      await this.#write(batch);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.#settled += batch.length;
  }

  /** As many as go into one segment: this one, or the next if it has no room for the first. */
  #take(): Pending[] {
    const { maxBytes } = this.#options;
    const room = maxBytes - (this.#end - this.#segment.start);
    let bytes = 0;
    let count = 0;
    let most = BATCH_MAX_BYTES;
    for (const { data } of this.#pending) {
      bytes += FRAME_BYTES + data.byteLength;
      if (count === 0) most = Math.min(most, bytes > room ? maxBytes : room);
      else if (bytes > most) break;
      count++;
    }
    return this.#pending.splice(0, count);
  }

  async #write(batch: Pending[]): Promise<void> {
    const bytes = batch.reduce(
      (sum, { data }) => sum + FRAME_BYTES + data.byteLength,
      0,
    );
    const used = this.#end - this.#segment.start;
    if (used !== 0 && used + bytes > this.#options.maxBytes)
      await this.#rotate();
    const { start, salt } = this.#segment;
    const target = Buffer.allocUnsafe(bytes + END_BYTES).fill(0, bytes);
    const offsets: number[] = [];
    const durable = this.#durable;
    let at = 0;
    for (const { data } of batch) {
      const offset = this.#end + at;
      offsets.push(offset);
      at = putFrame(target, at, data, { offset, durable, salt });
    }
    const position = HEADER_BYTES + this.#end - start;
    await this.#allocate(position + target.length);
    if (writesThrough(this.#options))
      await this.#writeThrough(target, position);
    else await writeAll(this.#handle, target, position);
    if (this.#options.sync === "group" && writeThrough === null)
      await this.#datasync();
    this.#end += bytes;
    if (this.#options.sync === "group") this.#durable = this.#end;
    else if (this.#options.sync === "interval") this.#syncLater();
    batch.forEach(({ resolve }, i) => resolve({ offset: offsets[i]! }));
    this.#announce();
  }

  #announce(): void {
    for (const wake of this.#waiting) wake();
  }

  /** So that an fdatasync has no new size to write. Where it cannot be done, the write itself takes the space. */
  async #allocate(end: number): Promise<void> {
    const ahead = this.#options.allocateBytes;
    if (ahead === 0 || end <= this.#allocated) return;
    const whole = HEADER_BYTES + this.#options.maxBytes + END_BYTES;
    const to = Math.max(end, Math.min(end + ahead, whole));
    this.#allocated = to;
    try {
      await this.#files.sys.fallocate(this.#handle, 0, 0, to);
    } catch (error) {
      if (!cannotAllocate.has(codeOf(error))) throw error;
    }
  }

  /** A write and its sync in one. Where there was no room the next batch takes the same place; after any other failure see #datasync(). */
  async #writeThrough(bytes: Buffer, position: number): Promise<void> {
    try {
      await writeAll(this.#handle, bytes, position);
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      if (errno !== undefined && !noRoom.has(codeOf(error)))
        this.#fail("a write to the disk failed", error);
      throw error;
    }
  }

  /** After a failure nobody knows what is on the disk: the pages may count as clean. */
  async #datasync(): Promise<void> {
    try {
      await this.#handle.datasync();
    } catch (error) {
      this.#fail("an fdatasync failed", error);
      throw error;
    }
  }

  #fail(why: string, cause: unknown): void {
    this.#failure ??= { why, cause };
    this.#announce();
  }

  #syncLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.sync().catch(() => {});
    }, this.#options.intervalMs);
  }

  /** Writes everything appended before this call to the disk; it does not wait for later appends. */
  async sync(): Promise<void> {
    const given = this.#given;
    if (this.#settled < given) this.#begin();
    while (this.#settled < given) await this.#writing;
    if (this.#failure !== null) throw this.#closed();
    const end = this.#end;
    if (this.#durable >= end) return;
    await this.#datasync();
    this.#durable = Math.max(this.#durable, end);
  }

  /** The old segment is complete and synced before there is a new one. */
  async #rotate(): Promise<void> {
    const old = this.#handle;
    await this.#finish();
    const { segment, handle } = await createSegment(
      this.#files,
      this.path,
      this.#end,
      openFlags(this.#options),
    );
    this.#segment = segment;
    this.#handle = handle;
    this.#allocated = 0;
    await old.close();
    await this.#retain();
  }

  async #finish(): Promise<void> {
    const { start } = this.#segment;
    await this.#handle.truncate(HEADER_BYTES + this.#end - start);
    this.#allocated = 0;
    try {
      await this.#handle.sync();
    } catch (error) {
      this.#fail("an fsync failed", error);
      throw error;
    }
    this.#durable = this.#end;
  }

  async #retain(): Promise<void> {
    const { retainBytes } = this.#options;
    if (retainBytes !== Infinity) await this.trim(this.#end - retainBytes);
  }

  /** Removes the segments that end before the offset. */
  async trim(before: number): Promise<void> {
    const segments = await listSegments(this.#files, this.path);
    for (const [i, { path }] of segments.entries()) {
      const next = segments[i + 1];
      if (next === undefined || next.start > before) break;
      // Two may do it at once: a new segment does, too.
      await this.#files.promises.unlink(path).catch((error: unknown) => {
        if (codeOf(error) !== "ENOENT") throw error;
      });
    }
    if ((segments[1]?.start ?? Infinity) <= before)
      await syncFolder(this.#files, this.path);
  }

  /** Reads the records in order, from an offset or from the oldest; with `follow`, also new ones as they are acknowledged. */
  read(options: ReadLogOptions = {}): AsyncGenerator<LogRecord, void, void> {
    return readRecords(
      {
        files: this.#files,
        folder: this.path,
        end: () => this.#visible(),
        more: (offset, signal) => this.#more(offset, signal),
      },
      options,
    );
  }

  async #more(
    offset: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    if (this.#visible() > offset) return true;
    // What was appended before close() is still read.
    const isOver = this.#closing !== null && this.#settled === this.#given;
    if (isOver || this.#failure !== null) return false;
    const { onClose } = this.#files;
    await untilWoken({ signal, onClose }, (wake) => {
      this.#waiting.add(wake);
      return () => this.#waiting.delete(wake);
    });
    return this.#visible() > offset || this.#closing === null;
  }

  /** Waits for pending appends, and releases the space that was allocated ahead. */
  close(): Promise<void> {
    this.#closing ??= this.#closeFiles();
    return this.#closing;
  }

  async #closeFiles(): Promise<void> {
    // The batch of this turn starts in a microtask, which may be yet to come.
    if (this.#pending.length !== 0) this.#begin();
    while (this.#flushing !== null) await this.#flushing;
    clearTimeout(this.#timer);
    try {
      if (this.#failure === null) await this.#finish();
    } finally {
      this.#announce();
      await this.#handle.close();
      await this.#lock?.release();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

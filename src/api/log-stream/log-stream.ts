// A stream for log lines with sonic-boom's interface: what comes while something is written is joined and written next. It knows
// when something is written, and nothing of what.
//
//   write() --> pieces --one at a time--> current --written, synced on request--> drain
//                                            ^_______ EAGAIN: later, again
import { EventEmitter } from "node:events";
import path from "node:path";
import { AtExit } from "../../util/at-exit.ts";
import {
  clearInterval,
  clearTimeout,
  nextTick,
  setInterval,
  setTimeout,
} from "../../util/node-timers.ts";
import { coded, invalidArgType } from "../argument-errors.ts";
import { eio } from "../create.ts";
import {
  readLogStreamOptions,
  type LogFs,
  type LogStreamOptions,
} from "./options.ts";
import { Pieces } from "./pieces.ts";

type Data = string | Uint8Array;
type FlushCallback = (error?: Error | null) => void;

/** Those with something to write: it is written on the thread that exits, behind what was submitted before. */
const atExit = new AtExit<LogStream>((streams) => {
  for (const stream of streams) stream.flushAtExit();
});

const RETRY_MS = 100;
/** Producers are to slow down from here on. */
const FULL_BYTES = 16_387;
const STDOUT = 1;
const STDERR = 2;
const busy = new Set(["EAGAIN", "EBUSY"]);
const never = new Int32Array(new SharedArrayBuffer(4));
const NOTHING = new Uint8Array(0);

const destroyed = (): Error =>
  coded(new Error("The log stream was destroyed"), "ERR_STREAM_DESTROYED");
const invalidState = (why: string): Error =>
  coded(new Error(`Invalid state: ${why}`), "ERR_INVALID_STATE");

/** A stream for log lines with sonic-boom's interface, which writes and syncs without blocking the loop. */
export class LogStream extends EventEmitter {
  /** -1 until the file is open. */
  fd = -1;
  file: string | null = null;
  destroyed = false;
  writable = true;
  readonly minLength: number;
  readonly maxLength: number;
  readonly maxWrite: number;
  readonly sync: boolean;
  readonly append: boolean;
  readonly mode: number | string | undefined;
  readonly mkdir: boolean;
  readonly #fs: LogFs;
  readonly #options: ReturnType<typeof readLogStreamOptions>;
  readonly #pieces: Pieces;
  /** Being written, or to be tried again. */
  #current: Uint8Array = NOTHING;
  /** Also while a file is being opened. */
  #isWriting = false;
  /** A thread works on the descriptor: it stays open until that returns. */
  #isInFlight = false;
  #isOpening = false;
  #isReopening = false;
  #isEnding = false;
  #drains = false;
  #retries = 0;
  #flushes: FlushCallback[] = [];
  /** What waits for more is to be written, too. */
  #flushesAll = false;
  #timer: NodeJS.Timeout | undefined;
  #nextTry: NodeJS.Timeout | undefined;

  constructor(options?: LogStreamOptions) {
    super();
    const read = (this.#options = readLogStreamOptions(options));
    this.#fs = (options?.eio ?? eio).fs;
    this.#pieces = new Pieces(read.maxWrite);
    this.minLength = read.minLength;
    this.maxLength = read.maxLength;
    this.maxWrite = read.maxWrite;
    this.sync = read.sync;
    this.append = read.append;
    this.mode = read.mode;
    this.mkdir = read.mkdir;
    if (typeof read.target === "number") {
      this.fd = read.target;
      nextTick(() => this.emit("ready"));
    } else {
      this.file = read.target;
      this.#open();
    }
    if (read.periodicFlush === 0) return;
    this.#timer = setInterval(() => this.flush(), read.periodicFlush);
    this.#timer.unref();
  }

  /** The number of bytes that are not written yet. */
  get #length(): number {
    return this.#current.byteLength + this.#pieces.bytes;
  }

  // --- the file ---

  /** It could not be opened: what is written waits for reopen(). */
  get #isUnopened(): boolean {
    return this.fd === -1 && this.file !== null && !this.#isOpening;
  }

  #open(): void {
    const { file, mkdir, append, mode } = this;
    const folder = path.dirname(file!);
    const flags = append ? "a" : "w";
    const before = this.fd;
    this.#isOpening = this.#isWriting = true;
    if (this.sync) {
      try {
        if (mkdir) this.#fs.mkdirSync(folder, { recursive: true });
        this.fd = this.#fs.openSync(file!, flags, mode);
      } catch (error) {
        this.#notOpened();
        nextTick(() => {
          if (this.listenerCount("error") !== 0) this.emit("error", error);
        });
        throw error;
      }
      return nextTick(() => this.#opened(before));
    }
    const opened = (error: Error | null, fd: number): void => {
      if (error !== null) {
        this.#notOpened();
        this.#reportFailure(error);
      } else {
        this.fd = fd;
        this.#opened(before);
      }
    };
    const open = (): void => this.#fs.open(file!, flags, mode, opened);
    if (!mkdir) return open();
    this.#fs.mkdir(folder, { recursive: true }, (error) =>
      error === null ? open() : opened(error, -1),
    );
  }

  #notOpened(): void {
    this.#isOpening = this.#isWriting = this.#isReopening = false;
  }

  #opened(before: number): void {
    const wasReopening = this.#isReopening;
    this.#notOpened();
    if (before !== -1 && before !== this.fd) this.#close(before);
    this.emit("ready");
    if (this.destroyed || this.#isWriting) return;
    if (this.#length > this.minLength || this.#flushesAll) this.#write();
    else if (wasReopening) nextTick(() => this.emit("drain"));
  }

  #close(fd: number, done?: () => void): void {
    this.#fs.close(fd, (error) => {
      if (error !== null && error !== undefined) this.emit("error", error);
      else done?.();
    });
  }

  /** Continues in the file of this name, or reopens the current name: for use after a rotation. */
  reopen(file?: string | null): void {
    if (this.destroyed) throw destroyed();
    if (this.#isOpening) {
      this.once("ready", () => this.reopen(file));
      return;
    }
    if (this.#isEnding) return;
    if (this.file === null)
      throw invalidState("a descriptor cannot be reopened, a file can");
    if (typeof file === "string") this.file = file;
    this.#isReopening = true;
    if (!this.#isWriting) this.#open();
  }

  // --- writing ---

  /** Returns false if the producer should wait for `drain`. */
  write(data: Data): boolean {
    if (this.destroyed) throw destroyed();
    const isText = this.#options.contentMode === "utf8";
    const given = isText ? String(data) : data;
    const bytes =
      typeof given === "string" ? Buffer.byteLength(given) : given.byteLength;
    if (this.maxLength !== 0 && this.#length + bytes > this.maxLength)
      this.emit("drop", given);
    else {
      this.#pieces.add(given, bytes);
      atExit.add(this);
      if (!this.#isWriting && this.#length >= this.minLength) this.#write();
    }
    return this.#length < Math.max(this.minLength, FULL_BYTES);
  }

  #write(): void {
    if (this.destroyed || this.#isUnopened) return;
    this.#isWriting = true;
    if (this.#current.byteLength === 0) this.#current = this.#pieces.take();
    const current = this.#current;
    // Who flushes nothing hears of it later all the same.
    if (current.byteLength === 0) return nextTick(() => this.#written());
    if (!this.sync) {
      this.#isInFlight = true;
      this.#fs.write(this.fd, current, (error, written) => {
        if (this.#isLeft()) return;
        if (error === null || error === undefined) this.#wrote(written);
        else this.#failed(error);
      });
      return;
    }
    let written: number;
    try {
      written = this.#fs.writeSync(this.fd, current);
    } catch (error) {
      return this.#failed(error as Error);
    }
    this.#wrote(written);
  }

  #wrote(bytes: number): void {
    this.#retries = 0;
    this.#current = this.#current.subarray(bytes);
    this.emit("write", bytes);
    if (this.destroyed) return;
    if (this.#current.byteLength !== 0) return this.#write();
    if (!this.#options.fsync) return this.#written();
    if (!this.sync) {
      this.#isInFlight = true;
      this.#fs.fsync(this.fd, (error) => {
        if (this.#isLeft()) return;
        if (error === null || error === undefined) this.#written();
        else this.#failed(error);
      });
      return;
    }
    try {
      this.#fs.fsyncSync(this.fd);
    } catch (error) {
      return this.#failed(error as Error);
    }
    this.#written();
  }

  /** The thread has returned. true: the stream was destroyed meanwhile, and its file is closed now. */
  #isLeft(): boolean {
    this.#isInFlight = false;
    if (this.destroyed) this.#closeFile();
    return this.destroyed;
  }

  /** A piece is complete: what is next? */
  #written(): void {
    this.#isWriting = false;
    if (this.destroyed) return;
    const left = this.#length;
    if (left === 0) atExit.delete(this);
    if (this.#isReopening) return this.#open();
    const all = this.#isEnding || this.#flushesAll;
    if (all ? left !== 0 : left > this.minLength) this.#write();
    else if (this.#isEnding) this.#finish();
    else this.#drain();
  }

  #drain(): void {
    this.#flushesAll = false;
    for (const flushed of this.#flushes.splice(0))
      if (this.#options.fsync) flushed();
      else
        try {
          this.#fs.fsync(this.fd, flushed);
        } catch (error) {
          flushed(error as Error);
        }
    if (!this.sync) return void this.emit("drain");
    if (this.#drains) return;
    this.#drains = true;
    nextTick(() => {
      this.#drains = false;
      this.emit("drain");
    });
  }

  #failed(error: Error): void {
    if (this.#isRetried(error)) {
      if (!this.sync) {
        this.#nextTry = setTimeout(() => this.#write(), RETRY_MS);
        return;
      }
      Atomics.wait(never, 0, 0, RETRY_MS);
      return this.#write();
    }
    // It stays in front, for whoever writes next.
    this.#isWriting = false;
    const wasFlushed = this.#reportFailure(error);
    if (this.#isEnding && !this.destroyed && wasFlushed) this.#write();
  }

  /** Whether somebody was waiting for a flush: whoever flushes is notified by the callback. */
  #reportFailure(error: Error): boolean {
    const flushes = this.#flushes.splice(0);
    for (const flushed of flushes) flushed(error);
    if (flushes.length === 0 || this.listenerCount("error") !== 0)
      this.emit("error", error);
    return flushes.length !== 0;
  }

  #isRetried(error: Error): boolean {
    if (!busy.has((error as NodeJS.ErrnoException).code ?? "")) return false;
    const { maxWriteRetries, retryEAGAIN } = this.#options;
    this.#retries++;
    if (maxWriteRetries !== 0 && this.#retries > maxWriteRetries) return false;
    const { byteLength } = this.#current;
    return retryEAGAIN(error, byteLength, this.#pieces.bytes);
  }

  // --- flushing ---

  /** Writes all waiting data. The callback is called when everything is on the disk. */
  flush(flushed?: FlushCallback | null): void {
    if (flushed != null && typeof flushed !== "function")
      throw invalidArgType("callback", "of type function", flushed);
    if (this.destroyed) {
      if (flushed == null) throw destroyed();
      return flushed(destroyed());
    }
    if (this.minLength <= 0 && this.#length === 0 && !this.#isWriting)
      return flushed?.();
    if (this.#isUnopened)
      return flushed?.(invalidState("the file could not be opened"));
    if (flushed != null) this.#flushes.push(flushed);
    this.#flushesAll = true;
    if (!this.#isWriting) this.#write();
  }

  /** Writes all waiting data on this thread. Data that another thread is writing at this moment may end up after it. */
  flushSync(): void {
    if (this.destroyed) throw destroyed();
    if (this.fd < 0) throw invalidState("the file is not open yet");
    // What is only to be tried again is with no thread, and comes first.
    const inFlight = this.#isInFlight ? this.#current : NOTHING;
    if (this.#isInFlight) this.#current = NOTHING;
    try {
      this.#writeAllNow();
    } finally {
      if (inFlight.byteLength !== 0) this.#current = inFlight;
    }
    if (this.#options.fsync) this.#fs.fsyncSync(this.fd);
    if (this.#length === 0) atExit.delete(this);
  }

  #writeAllNow(): void {
    while (this.#length !== 0) {
      if (this.#current.byteLength === 0) this.#current = this.#pieces.take();
      try {
        const written = this.#fs.writeSync(this.fd, this.#current);
        this.#current = this.#current.subarray(written);
        this.#retries = 0;
      } catch (error) {
        if (!this.#isRetried(error as Error)) throw error;
        Atomics.wait(never, 0, 0, RETRY_MS);
      }
    }
  }

  /** @internal What was submitted is done by now; what waits is written here. */
  flushAtExit(): void {
    try {
      if (this.fd < 0)
        this.fd = this.#fs.openSync(
          this.file!,
          this.append ? "a" : "w",
          this.mode,
        );
      this.flushSync();
    } catch {
      // There is nobody left to be notified.
    }
  }

  // --- the end ---

  /** Writes all waiting data, and closes the file: `finish`, `close`. */
  end(): void {
    if (this.destroyed) throw destroyed();
    if (this.#isOpening) {
      this.once("ready", () => this.end());
      return;
    }
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (this.#isWriting) return;
    if (this.#length !== 0 && this.fd >= 0) this.#write();
    else this.#finish();
  }

  /** Closes the file without writing the waiting data. */
  destroy(): void {
    if (this.destroyed) return;
    this.#finish();
  }

  #finish(): void {
    if (this.fd === -1) {
      this.once("ready", () => this.#finish());
      return;
    }
    clearInterval(this.#timer);
    clearTimeout(this.#nextTry);
    const isWhole = this.#length === 0;
    this.destroyed = true;
    this.#pieces.clear();
    atExit.delete(this);
    if (!isWhole) {
      this.#isEnding = false;
      for (const flushed of this.#flushes.splice(0)) flushed(destroyed());
    }
    if (!this.#isInFlight) this.#closeFile();
  }

  #closeFile(): void {
    const { fd } = this;
    const flushes = this.#flushes.splice(0);
    const done = (): void => {
      if (this.#isEnding) this.emit("finish");
      this.emit("close");
    };
    try {
      // A pipe cannot be synced, and need not be.
      this.#fs.fsync(fd, (error) => {
        for (const flushed of flushes) flushed(error);
        if (fd === STDOUT || fd === STDERR) done();
        else this.#close(fd, done);
      });
    } catch {
      done();
    }
  }
}

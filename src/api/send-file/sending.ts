// One range of a file on its way into a socket, past JavaScript's memory: on the loop's own thread what
// is in the page cache, by a worker what is not, and waiting where the socket is full.
//
//      in the cache: sendfile here --+
//   step                             +--> all sent: done   (EAGAIN: watch the socket, then step)
//      not in it: the op, a worker --+
//
// It does not know what was written to the socket before, or what comes after.
import type { Socket } from "node:net";
import {
  loadNative,
  type Addon,
  type Writable,
} from "../../backends/native.ts";
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { errnoOf, systemError } from "../../request/errors.ts";
import { Request, type Owner } from "../../request/request.ts";
import { decodeCount } from "../../request/results.ts";
import { misuseError } from "../../util/errors.ts";
import { errorOf } from "../submit.ts";
import { applyTerms, type Terms } from "../terms.ts";
import { countSent, hasRoom, whenThereIsRoom } from "./loop-budget.ts";

/** In one call on the loop's thread. */
const HERE_MAX_BYTES = 512 << 10;
/** In one call of a worker, which may wait for the disk as long as it takes. */
const WORKER_MAX_BYTES = 1 << 20;

const EAGAIN = errnoOf("EAGAIN");
const ENODATA = -61;

/** What is sent: the descriptor stays open as long as somebody holds it. */
export interface FileRange {
  fd: number;
  owner: Owner | null;
  start: number;
  bytes: number;
  terms: Terms;
}

export type Done = (error: Error | null) => void;

/** A socket with the parts that libuv's handle has. */
export type HandledSocket = Socket & { _handle: { fd: number } | null };

export class Sending {
  sent = 0;
  readonly #engine: () => Submitter;
  readonly #addon: Addon;
  readonly #range: FileRange;
  #socket: HandledSocket | null = null;
  #done: Done | null = null;
  #watch: Writable | null = null;
  #working = false;

  constructor(engine: () => Submitter, range: FileRange) {
    this.#engine = engine;
    this.#addon = loadNative().addon!;
    this.#range = range;
    range.owner?.hold();
  }

  get bytes(): number {
    return this.#range.bytes;
  }

  /** Sends; `done` is called once, perhaps before this returns. */
  begin(socket: HandledSocket, done: Done): void {
    this.#socket = socket;
    this.#done = done;
    this.#step();
  }

  /** Ends it, also when it has not begun; what was sent stays sent. */
  end(error: Error | null): void {
    const { owner } = this.#range;
    const done = this.#done;
    this.#done = null;
    this.#range.owner = null;
    // A worker may be using the duplicate; the request holds the file itself.
    if (!this.#working) this.#letGo();
    owner?.drop();
    done?.(error);
  }

  readonly #step = (): void => {
    if (this.#done !== null) whenThereIsRoom(this.#send);
  };

  readonly #send = (): void => {
    while (this.#done !== null) {
      const handle = this.#socket!._handle;
      if (handle === null || handle.fd < 0) return this.end(gone(this.#socket));
      const { fd, start, bytes } = this.#range;
      const left = bytes - this.sent;
      if (left === 0) return this.end(null);
      const most = Math.min(left, HERE_MAX_BYTES);
      const position = start + this.sent;
      const count = this.#addon.sendFile(handle.fd, fd, position, most);
      if (count === ENODATA) return this.#sendByWorker(position, left);
      if (!this.#moved(count)) return;
      countSent(count);
      if (!hasRoom()) return this.#step();
    }
  };

  /** What the kernel said of one call; whether there may be more to send now. */
  #moved(count: number): boolean {
    if (count > 0) {
      this.sent += count;
      this.#refreshTimeout();
      return true;
    }
    if (count === EAGAIN) this.#waitForRoom();
    else if (count < 0) this.end(systemError(count, "sendfile"));
    else {
      const { bytes, sent } = this;
      this.end(misuseError("ERR_EIO_FILE_CHANGED", bytes, sent));
    }
    return false;
  }

  /** What moves is not idle: as the stream's own writes do. */
  #refreshTimeout(): void {
    const { timeout } = this.#socket!;
    if (timeout) this.#socket!.setTimeout(timeout);
  }

  #waitForRoom(): void {
    const watch = this.#watched();
    if (typeof watch === "number")
      return this.end(systemError(watch, "sendfile"));
    watch.arm();
  }

  #watched(): Writable | number {
    if (this.#watch !== null) return this.#watch;
    const fd = this.#socket!._handle!.fd;
    const watch = this.#addon.watchWritable(fd, this.#step);
    if (typeof watch !== "number") this.#watch = watch;
    return watch;
  }

  /** By the duplicate: the socket's own descriptor may be closed, and be another's, any moment. */
  #sendByWorker(position: number, left: number): void {
    const watch = this.#watched();
    if (typeof watch === "number")
      return this.end(systemError(watch, "sendfile"));
    const request: Request = new Request(ops.sendfile.code, decodeCount, () => {
      this.#working = false;
      if (this.#done === null) return this.#letGo();
      const { result } = request;
      if (result < 0 && result !== EAGAIN) return this.end(errorOf(request));
      if (this.#moved(result)) this.#step();
    });
    request.fd = watch.fd;
    request.a = this.#range.fd;
    request.position = position;
    request.b = Math.min(left, WORKER_MAX_BYTES);
    request.owner = this.#range.owner;
    this.#working = true;
    try {
      // An abort destroys the target, and that ends this.
      const terms = this.#range.terms.withoutEnd;
      this.#engine().submit(applyTerms(request, terms));
    } catch (error) {
      this.#working = false;
      this.end(error as Error);
    }
  }

  #letGo(): void {
    this.#watch?.close();
    this.#watch = null;
  }
}

/** What became of the socket, as Node's own writes say it. */
export function gone(socket: Socket | null): Error {
  return (
    socket?.errored ??
    Object.assign(new Error("The other side has gone"), {
      code: "ERR_STREAM_PREMATURE_CLOSE",
    })
  );
}

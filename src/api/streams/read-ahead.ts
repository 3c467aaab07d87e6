// Reads of a stream that are in flight before it asks for them, delivered in order: for regular
// files only, which it finds out. It knows the stream as something that takes chunks.
//
//    delivered | ready  ready  running  running | not asked for yet
//              ^ position                       ^ next         at most `window` in between
import type { Stats } from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import { ops } from "../../ops/table.ts";
import { DATA_MAX_BYTES } from "../../request/codec.ts";
import { Phase, Request, type Owner } from "../../request/request.ts";
import { decodeInto } from "../../request/results.ts";
import { errorOf } from "../run.ts";
import { decodeStats } from "../stats.ts";
import { applyTerms, type Terms } from "../terms.ts";

/** Reads in flight or ready, at most. */
const WINDOW_MAX = 8;
/** Bytes in flight or ready, at most, where one read does not exceed them. */
const AHEAD_MAX_BYTES = 2 << 20;

/** Where the chunks go. */
export interface Sink {
  chunk(chunk: Buffer): void;
  end(): void;
  fail(error: Error): void;
}

export interface Source {
  engine: () => Engine;
  /** Who else has to know that the descriptor is in use. */
  owner: Owner | null;
  terms: Terms;
}

export class ReadAhead implements Owner {
  readonly #source: Source;
  readonly #sink: Sink;
  #fd = -1;
  /** In the order of the file. */
  #reads: Request[] = [];
  #next = 0;
  /** Reads beyond it go one at a time, and find that the file ends or has grown; -1: not known. */
  #size = -1;
  #window = 1;
  #wanted = false;
  #holds = 0;
  #idle: (() => void) | null = null;

  constructor(source: Source, sink: Sink) {
    this.#source = source;
    this.#sink = sink;
  }

  /** Whether the file is known to be one that can be read ahead. */
  get ready(): boolean {
    return this.#size !== -1;
  }

  /** Asks what kind of file it is, once; the stream reads on meanwhile. */
  begin(fd: number): void {
    if (this.#fd !== -1) return;
    this.#fd = fd;
    const request = new Request(ops.fstat.code, decodeStats, () => {
      const stats = request.value as Stats | undefined;
      if (stats?.isFile()) this.#size = stats.size;
    });
    request.fd = fd;
    request.owner = this;
    const { engine, terms } = this.#source;
    engine().submit(applyTerms(request, terms.withoutEnd));
  }

  /** Asks for what lies at `position`: delivered before this returns where it is ready. */
  want(position: number, bytes: number, end: number): void {
    const head = this.#reads[0];
    if (head !== undefined && head.position !== position) this.#discard();
    if (this.#reads.length === 0) this.#next = position;
    const first = this.#reads[0];
    if (first !== undefined && first.phase === Phase.settled) {
      this.#fill(bytes, end);
      this.#deliver();
      return;
    }
    // The consumer is faster than the reads are: more of them at once.
    if (first !== undefined)
      this.#window = Math.min(this.#window * 2, WINDOW_MAX);
    else if (this.#window === 1) this.#window = 2;
    this.#wanted = true;
    this.#fill(bytes, end);
  }

  /** Gives up what is under way; tells when nothing uses the descriptor any more. */
  stop(idle: () => void): void {
    this.#wanted = false;
    this.#discard();
    if (this.#holds === 0) idle();
    else this.#idle = idle;
  }

  hold(): void {
    this.#holds++;
    this.#source.owner?.hold();
  }

  drop(): void {
    this.#holds--;
    this.#source.owner?.drop();
    if (this.#holds !== 0 || this.#idle === null) return;
    const idle = this.#idle;
    this.#idle = null;
    idle();
  }

  #fill(bytes: number, end: number): void {
    const step = Math.min(bytes, DATA_MAX_BYTES);
    const window = Math.max(
      1,
      Math.min(this.#window, Math.floor(AHEAD_MAX_BYTES / step)),
    );
    // Several at once, rarely: each submission may have to wake a worker.
    if (this.#reads.length > window >>> 1) return;
    while (this.#reads.length < window && this.#next <= end) {
      if (this.#next >= this.#size && this.#reads.length !== 0) return;
      this.#submit(Math.min(step, end - this.#next + 1));
    }
  }

  #submit(bytes: number): void {
    const { engine, terms } = this.#source;
    const request = new Request(ops.read.code, decodeInto, this.#settle);
    request.fd = this.#fd;
    request.owner = this;
    request.data = Buffer.allocUnsafeSlow(bytes);
    request.position = this.#next;
    const termed = applyTerms(request, terms);
    this.#next += bytes;
    this.#reads.push(request);
    engine().submit(termed);
  }

  readonly #settle = (request: Request): void => {
    if (this.#wanted && request === this.#reads[0]) this.#deliver();
  };

  #deliver(): void {
    const request = this.#reads.shift()!;
    const { result } = request;
    this.#wanted = false;
    if (result <= 0) {
      this.#discard();
      if (result < 0) this.#sink.fail(errorOf(request));
      else this.#sink.end();
      return;
    }
    const data = request.data as Buffer;
    if (result === data.byteLength) return this.#sink.chunk(data);
    // What follows was read too far on. A copy, so that a small chunk keeps no large one alive.
    this.#discard();
    const short = Buffer.allocUnsafeSlow(result);
    data.copy(short, 0, 0, result);
    this.#sink.chunk(short);
  }

  #discard(): void {
    const reads = this.#reads;
    this.#reads = [];
    if (reads.length === 0) return;
    const engine = this.#source.engine();
    for (const request of reads) engine.cancel(request, undefined);
  }
}

// Reads of a stream that are in flight before it needs them, delivered in order: for regular
// files only, which it finds out. It knows the stream as something that takes chunks.
//
//    delivered | ready  ready  running  running | not requested yet
//              ^ position                       ^ next         at most `window` in between
//
// A read takes more the longer the stream is, and is delivered in chunks of the requested size, each with memory of its own, as Node's
// have: whoever has one may transfer it to a thread, and takes all of its `buffer` for the chunk.
import { AsyncResource } from "node:async_hooks";
import type { Stats } from "node:fs";
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import {
  Phase,
  Request,
  type Decode,
  type Owner,
} from "../../request/request.ts";
import { apart, decodeParts } from "../../request/results.ts";
import { errorOf } from "../submit.ts";
import type { Keeper } from "../../engine/memory-budget.ts";
import { bufferOver } from "../encoding.ts";
import { decodeStats } from "../files/stats.ts";
import { applyTerms, type Terms } from "../terms.ts";
import { nextTick } from "../../util/node-timers.ts";

/** Reads in flight or ready, at most. */
const WINDOW_MAX = 8;
/** Bytes in flight or ready, at most, where one read does not exceed them. */
const AHEAD_MAX_BYTES = 2 << 20;
/** One read grows to this, where more is not requested at once. */
const READ_MAX_BYTES = 1 << 20;
/** And to so many chunks. */
const CHUNKS_MAX = 16;

/** Where the chunks go. */
export interface Sink {
  chunk(chunk: Buffer): void;
  end(): void;
  fail(error: Error): void;
}

export interface Source {
  engine: () => Submitter;
  /** Who else has to know that the descriptor is in use. */
  owner: Owner | null;
  terms: Terms;
}

export class ReadAhead implements Owner, Keeper {
  readonly #source: Source;
  readonly #sink: Sink;
  #fd = -1;
  /** In the order of the file. */
  #reads: Request[] = [];
  #next = 0;
  /** Reads beyond it go one at a time, and find that the file ends or has grown; -1: not known. */
  #size = -1;
  #window = 1;
  /** What the next read takes. */
  #readBytes = 0;
  /** Of the first read: delivered already. */
  #taken = 0;
  #chunkBytes = 0;
  /** For chunks of that size. */
  #decode: Decode = decodeParts(0);
  #wanted = false;
  #holds = 0;
  #idle: (() => void) | null = null;
  /** Others want the memory, and have it in the next tick. */
  #reclaimed = false;

  constructor(source: Source, sink: Sink) {
    this.#source = source;
    this.#sink = sink;
  }

  /** Whether the file is known to be one that can be read ahead. */
  get ready(): boolean {
    return this.#size !== -1;
  }

  /** Looks what kind of file it is, once; the stream reads on meanwhile. */
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

  /** Requests what lies at `position`: delivered before this returns where it is ready. */
  want(position: number, bytes: number, end: number): void {
    const head = this.#reads[0];
    if (head !== undefined && head.position + this.#taken !== position)
      this.#discard();
    if (bytes !== this.#chunkBytes) this.#deliverBy(bytes);
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

  /** What is cut already has another size. */
  #deliverBy(bytes: number): void {
    this.#discard();
    this.#chunkBytes = bytes;
    this.#decode = decodeParts(bytes);
  }

  /**
   * Gives up what is under way; reports when nothing uses the descriptor any more, in the context of this call. Until then the
   * process stays alive.
   */
  stop(idle: () => void): void {
    this.#wanted = false;
    this.#discard();
    if (this.#holds === 0) return idle();
    const letGo = this.#source.engine().awaitOrphan(() => {});
    this.#idle = AsyncResource.bind(() => {
      letGo();
      idle();
    });
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
    const isScarce = this.#source.engine().memoryBudget?.isScarce === true;
    if (isScarce) {
      // What is wanted now, and nothing else: others would take it away again.
      this.#window = 1;
      this.#readBytes = bytes;
    }
    this.#readBytes = Math.max(this.#readBytes, bytes);
    const window = Math.max(
      1,
      Math.min(this.#window, Math.floor(AHEAD_MAX_BYTES / this.#readBytes)),
    );
    // Several at once, rarely: each submission may have to wake a thread.
    if (this.#reads.length > window >>> 1) return;
    while (this.#reads.length < window && this.#next <= end) {
      if (this.#next >= this.#size && this.#reads.length !== 0) return;
      this.#submit(this.#sizeOfNext(bytes, end));
      if (this.#readBytes < Math.min(READ_MAX_BYTES, bytes * CHUNKS_MAX))
        this.#readBytes += bytes;
    }
  }

  /** No memory for what is not there: up to the end of the file, and then as much as is requested. */
  #sizeOfNext(bytes: number, end: number): number {
    const left = this.#size - this.#next;
    const wanted = left > bytes ? Math.min(this.#readBytes, left) : bytes;
    return Math.min(wanted, end - this.#next + 1);
  }

  #submit(bytes: number): void {
    const { engine, terms } = this.#source;
    const request = new Request(ops.readBlock.code, this.#decode, this.#settle);
    request.fd = this.#fd;
    request.owner = this;
    request.a = bytes;
    request.calls = true;
    request.position = this.#next;
    const termed = applyTerms(request, terms);
    this.#next += bytes;
    this.#reads.push(request);
    engine().submit(termed);
  }

  readonly #settle = (request: Request): void => {
    // What a worker of the pool has sent is in one piece, and no Buffer.
    if (request.value instanceof Uint8Array)
      request.value = apart(bufferOver(request.value), this.#chunkBytes);
    if (request.result > 0 && this.#reads.includes(request))
      this.#source.engine().memoryBudget?.keep(request, this);
    if (this.#wanted && request === this.#reads[0]) this.#deliver();
  };

  #deliver(): void {
    const request = this.#reads[0]!;
    const { result } = request;
    this.#wanted = false;
    if (result <= 0) {
      this.#discard();
      if (result < 0) this.#sink.fail(errorOf(request));
      else this.#sink.end();
      return;
    }
    const parts = request.value as Buffer[];
    const chunk = parts.shift()!;
    this.#taken += chunk.byteLength;
    if (parts.length === 0) {
      this.#giveBack(this.#reads.shift()!);
      this.#taken = 0;
      // What follows was read too far on.
      if (result < request.a) this.#discard();
    }
    this.#sink.chunk(chunk);
  }

  #discard(): void {
    this.#taken = 0;
    this.#drop(this.#reads.splice(0));
  }

  #drop(reads: Request[]): void {
    if (reads.length === 0) return;
    const engine = this.#source.engine();
    for (const request of reads)
      if (!engine.cancel(request, undefined)) this.#giveBack(request);
  }

  #giveBack(request: Request): void {
    this.#source.engine().memoryBudget?.giveBack(request);
  }

  /** What is wanted is on its way to the consumer; the rest is read again when its time comes. */
  reclaim(): void {
    if (this.#reclaimed) return;
    this.#reclaimed = true;
    nextTick(() => {
      this.#reclaimed = false;
      const [head] = this.#reads;
      if (head === undefined) return;
      if (!this.#wanted) return this.#discard();
      this.#next = head.position + head.a;
      this.#drop(this.#reads.splice(1));
    });
  }
}

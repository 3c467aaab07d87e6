// An open descriptor and who still needs it: it is closed when its owner has closed it and the
// last request let go. It knows no operation but close, and not the handle that it belongs to.
import fs from "node:fs";
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { Request, type Owner } from "../../request/request.ts";
import { decodeNone } from "../../request/results.ts";
import type { Access } from "../descriptors/transfers.ts";
import { dropFd } from "../descriptors/environment.ts";
import { noteClosed, placeOf } from "../observe/handles.ts";
import { settlePromise } from "../submit.ts";
import { applyTerms, termsOf, type Terms } from "../terms.ts";

const closeWithNode = fs.close;
const closeNowWithNode = fs.closeSync;

/** Where a handle keeps its descriptor: for those who work with handles of ours. */
export const held = Symbol("descriptor");

export interface HasDescriptor {
  readonly [held]: Descriptor;
}

export function hasDescriptor(value: unknown): value is HasDescriptor {
  return typeof value === "object" && value !== null && held in value;
}

export class Descriptor implements Owner {
  readonly engine: Submitter;
  /** For requests: who holds. */
  readonly owner: Owner = this;
  /** Where data may not simply be read and written. */
  access: Access | null = null;
  /** Taken by a stream: there is one at a time. */
  locked = false;
  /** Why it is no longer open, where it was not closed. */
  goneBecause: string | null = null;
  /** The stack of its close(), where handles are tracked. */
  closedBy: { stack?: string } | null = null;
  /** What was opened, as it was given; null: not known. */
  path: string | Uint8Array | null = null;
  /** Of its close; null: those of the scope. */
  closeTerms: Terms | null = null;
  #fd: number;
  /** One for being open, one for each request that works on it, one for each stream of it. */
  #holds = 1;
  /** Those of streams, which lead back to the handle: they end with it where it is collected. */
  #streams = 0;
  #closing: Promise<void> | null = null;
  /** To be called when requests have let go of it. */
  #letGo: (() => void) | null = null;
  #closed: (outcome?: never) => void = () => {};

  constructor(engine: Submitter, fd: number) {
    this.engine = engine;
    this.#fd = fd;
  }

  /** -1 from the moment that it is being closed. */
  get fd(): number {
    return this.#fd;
  }

  get closing(): boolean {
    return this.#closing !== null;
  }

  /** What close() returned while requests were still at work. */
  get closed(): Promise<void> | null {
    return this.#closing;
  }

  get busy(): boolean {
    return this.#holds > 1;
  }

  hold(): void {
    this.#holds++;
  }

  drop(): void {
    if (--this.#holds !== 0) return;
    this.#close();
    this.#letGo?.();
  }

  holdForStream(): void {
    this.#streams++;
    this.hold();
  }

  dropForStream(): void {
    this.#streams--;
    this.drop();
  }

  /** Closes it when the handle was collected, and its streams with it. */
  async closeAlone(): Promise<void> {
    while (this.#streams > 0) this.dropForStream();
    await this.close();
  }

  /**
   * The same promise for every caller while requests are still at work. If the instance is closed and does not wait for those any longer,
   * neither does the promise; what holds the descriptor is closed should they ever let go of it.
   */
  close(): Promise<void> {
    if (this.#fd === -1) return Promise.resolve();
    if (this.#closing !== null) return this.#closing;
    this.closedBy = placeOf(this.engine, this.close);
    const closing = new Promise<void>((resolve) => (this.#closed = resolve));
    this.#closing = closing;
    this.drop();
    if (this.#holds !== 0)
      this.#letGo = this.engine.awaitOrphan(() => this.#closed());
    return closing;
  }

  /** The descriptor without anybody who would close it. */
  give(): number {
    const fd = this.#fd;
    this.#fd = -1;
    dropFd(fd);
    noteClosed(this.engine, this);
    return fd;
  }

  /** Whoever is at work on it. */
  closeNow(): void {
    if (this.#fd !== -1) closeNowWithNode(this.give());
  }

  #close(): void {
    if (this.#fd === -1) return this.#closed();
    const fd = this.give();
    const request = new Request(ops.close.code, decodeNone, settlePromise);
    request.fd = fd;
    request.resolve = this.#closed;
    try {
      const terms = this.closeTerms ?? termsOf(this.engine, undefined);
      this.engine.submit(applyTerms(request, terms));
    } catch {
      // The engine is closed already; the descriptor is not to outlive it.
      closeWithNode(fd, () => this.#closed());
    }
  }
}

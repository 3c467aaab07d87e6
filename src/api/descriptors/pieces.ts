// How much data one request may carry, and data that is larger: sent or filled piece by piece, one after another. It
// knows when to go on, not what the op is.
import type { Submitter } from "../submitter.ts";
import { DATA_MAX_BYTES, DIRECT_MAX_BYTES } from "../../request/codec.ts";
import { Request, type Decode, type Owner } from "../../request/request.ts";
import { promised, rejectLate } from "../submit.ts";
import { applyTerms, type Terms } from "../terms.ts";

/** Transfers of a descriptor that has rules of its own: one that bypasses the page cache. */
export interface Access {
  /** What a plain request's memory has to be aligned to; 0: it takes a transfer(). */
  plainAlign(code: number, position: number, bytes: number): number;
  /** As transferAll(). */
  transfer(
    code: number,
    data: Uint8Array,
    position: number,
    terms: Terms,
  ): Promise<number>;
}

/** An open file as requests need it. */
export interface Target {
  readonly engine: Submitter;
  readonly fd: number;
  /** Who keeps the descriptor open meanwhile; null for one that its user keeps open. */
  readonly owner: Owner | null;
  readonly access?: Access | null;
}

/**
 * As much as one system call takes, where the data stays in the caller's memory: the request is then carried out to its end even
 * if the loop is blocked or the process exits. What may end by a signal or at a time goes through shared memory of ours, which has
 * less room, for its caller to have the memory back at that moment.
 */
export function requestMaxBytes(engine: Submitter, terms: Terms): number {
  return !engine.lends || terms.ends ? DATA_MAX_BYTES : DIRECT_MAX_BYTES;
}

/** Reads or writes, and which way the bytes go. */
export interface Transfer {
  code: number;
  decode: Decode;
}

/** Failures that say nothing about the file are reported even when something was done before. */
const settleCount = (request: Request): void => {
  if (request.result >= 0) return request.resolve!(request.result as never);
  if (request.context === 0 || request.reason !== undefined)
    return rejectLate(request);
  request.resolve!(0 as never);
};

/** One request; `done` is how much of the whole is done already. */
function transferPiece(
  target: Target,
  { code, decode }: Transfer,
  data: Uint8Array,
  position: number,
  done: number,
  terms: Terms,
): Promise<number> {
  const request = new Request(code, decode, settleCount);
  request.fd = target.fd;
  request.owner = target.owner;
  request.data = data;
  request.position = position;
  request.context = done;
  return promised(target.engine, applyTerms(request, terms));
}

/**
 * As one system call would: until everything is done, something is done in part, or fails. What
 * was done counts; only a first piece that fails, or a cancel, is an error.
 */
export async function transferAll(
  target: Target,
  transfer: Transfer,
  data: Uint8Array,
  position: number,
  terms: Terms,
): Promise<number> {
  if (target.access)
    return target.access.transfer(transfer.code, data, position, terms);
  target.owner?.hold();
  try {
    const maxBytes = requestMaxBytes(target.engine, terms);
    let done = 0;
    for (;;) {
      const piece = data.subarray(done, done + maxBytes);
      const at = position === -1 ? -1 : position + done;
      const { byteLength } = piece;
      const count = await transferPiece(
        target,
        transfer,
        piece,
        at,
        done,
        terms,
      );
      done += count;
      if (count < byteLength || done >= data.byteLength) return done;
    }
  } finally {
    target.owner?.drop();
  }
}

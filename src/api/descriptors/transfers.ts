// Reads and writes of an open file: what arguments mean, one request where it carries all, piece by piece where not. It does
// not know whether the caller gets a promise or is called back.
import { ops } from "../../ops/table.ts";
import {
  BUFFERS_MAX,
  DATA_MAX_BYTES,
  DIRECT_MAX_BYTES,
} from "../../request/codec.ts";
import { Request, type Decode, type Owner } from "../../request/request.ts";
import { decodeCount, decodeInto } from "../../request/results.ts";
import { promised, rejectLate, settlePromise } from "../submit.ts";
import type { Submitter } from "../submitter.ts";
import { applyTerms, type RequestWithTerms, type Terms } from "../terms.ts";
import {
  allBytes,
  bytesAt,
  lengthOf,
  Scattering,
  textBytes,
  type View,
} from "./buffers.ts";

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

/** Reads or writes, and which way the bytes go. */
export interface Transfer {
  code: number;
  decode: Decode;
}

export const reading: Transfer = { code: ops.read.code, decode: decodeInto };
export const writing: Transfer = { code: ops.write.code, decode: decodeCount };

/** What Node reads into when it was given nothing to read into. */
export const OWN_BUFFER_BYTES = 16384;
const INT32_MAX = 0x7fffffff;

/** A position to read at, -1 for the current one; NaN where Node is to judge. */
export function readPosition(position: unknown): number {
  if (typeof position === "number")
    return Number.isSafeInteger(position) && position >= -1 ? position : NaN;
  if (position === null || position === undefined) return -1;
  if (typeof position !== "bigint") return NaN;
  return position >= -1n && position <= Number.MAX_SAFE_INTEGER
    ? Number(position)
    : NaN;
}

/** A position to write at, or of a readv: for these Node takes everything odd for the current one. */
export const writePosition = (position: unknown): number =>
  Number.isSafeInteger(position) && (position as number) >= 0
    ? (position as number)
    : -1;

/** What is to be written, and the options of the call. */
export interface Write {
  data: Uint8Array;
  position: number;
  options: unknown;
}

interface Place {
  offset?: unknown;
  length?: unknown;
  position?: unknown;
}

/** (buffer, offset, length, position, options), (buffer, options) or (text, position, encoding, options); null: not taken. */
export function writeArguments(
  buffer: unknown,
  offset: unknown,
  length: unknown,
  position: unknown,
  options: unknown,
): Write | null {
  if (!ArrayBuffer.isView(buffer)) {
    const data = textBytes(buffer, length);
    return data === null
      ? null
      : { data, position: writePosition(offset), options: position };
  }
  if (typeof offset === "object") {
    // As in Node, with null the arguments after it do not count either.
    options = offset ?? options;
    ({ offset, length, position } = (offset ?? {}) as Place);
  }
  const start = (offset ?? 0) as number;
  if (!Number.isSafeInteger(start) || start < 0) return null;
  const bytes = typeof length === "number" ? length : buffer.byteLength - start;
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > INT32_MAX) return null;
  if (bytes > buffer.byteLength - start) return null;
  const data = bytesAt(buffer, start, bytes);
  return { data, position: writePosition(position), options };
}

/**
 * What one request may carry: as much as one system call takes, where the data stays in the caller's memory. It is then carried out
 * to its end even if the loop is blocked or the process exits. What may end by a signal or at a time goes through shared
 * memory of ours, which has less room, for its caller to have the memory back at that moment.
 */
export function requestMaxBytes(submitter: Submitter, terms: Terms): number {
  return !submitter.lends || terms.ends ? DATA_MAX_BYTES : DIRECT_MAX_BYTES;
}

/** The one request that carries it all; null: it takes transferAll(). */
export function plainTransfer(
  target: Target,
  { code, decode }: Transfer,
  data: Uint8Array,
  position: number,
  terms: Terms,
  settle: (request: Request) => void,
): Request | null {
  const { byteLength } = data;
  const align = target.access?.plainAlign(code, position, byteLength) ?? 1;
  const maxBytes = target.access
    ? DATA_MAX_BYTES
    : requestMaxBytes(target.engine, terms);
  if (byteLength > maxBytes || align === 0) return null;
  const request = new Request(code, decode, settle);
  request.fd = target.fd;
  request.owner = target.owner;
  request.data = data;
  if (code === ops.read.code) request.room = byteLength;
  request.position = position;
  request.align = align;
  return request;
}

/** Failures that say nothing about the file are reported even when something was done before. */
const settleCount = (request: Request): void => {
  if (request.result >= 0) return request.resolve!(request.result as never);
  if (request.context === 0 || request.reason !== undefined)
    return rejectLate(request);
  request.resolve!(0 as never);
};

/**
 * As one system call would: until everything is done, something is done in part, or fails. What
 * was done counts; only a first piece that fails, or a cancel, is an error.
 */
export async function transferAll(
  target: Target,
  { code, decode }: Transfer,
  data: Uint8Array,
  position: number,
  terms: Terms,
): Promise<number> {
  if (target.access) return target.access.transfer(code, data, position, terms);
  target.owner?.hold();
  try {
    const maxBytes = requestMaxBytes(target.engine, terms);
    for (let done = 0; ;) {
      const piece = data.subarray(done, done + maxBytes);
      const request = new Request(code, decode, settleCount);
      request.fd = target.fd;
      request.owner = target.owner;
      request.data = piece;
      request.position = position === -1 ? -1 : position + done;
      request.context = done;
      const { byteLength } = piece;
      const count = await promised<number>(
        target.engine,
        applyTerms(request, terms),
      );
      done += count;
      if (count < byteLength || done >= data.byteLength) return done;
    }
  } finally {
    target.owner?.drop();
  }
}

/** A readv: several views as one transfer. */
export async function readViews(
  target: Target,
  views: readonly View[],
  position: unknown,
  terms: Terms,
): Promise<number> {
  const scattering = views.length === 1 ? null : new Scattering(views);
  const data = scattering?.bytes ?? allBytes(views[0]!);
  const at = writePosition(position);
  const count = await transferAll(target, reading, data, at, terms);
  scattering?.spread(count);
  return count;
}

/** What is less is put together, which costs less than their addresses. */
const VECTOR_WORTH_BYTES = 1 << 15;

/**
 * A writev of several buffers from where they lie; null: they are put together. That takes a copy, but it is the way where
 * the caller may want them back before the end.
 */
export function writeInPlace(
  target: Target,
  views: readonly View[],
  position: unknown,
  terms: Terms,
): RequestWithTerms | null {
  if (target.access || !target.engine.lends || terms.ends) return null;
  if (views.length < 2 || views.length > BUFFERS_MAX) return null;
  const bytes = lengthOf(views);
  if (bytes < VECTOR_WORTH_BYTES || bytes > DIRECT_MAX_BYTES) return null;
  const request = new Request(ops.writev.code, decodeCount, settlePromise);
  request.fd = target.fd;
  request.owner = target.owner;
  request.buffers = views.map(allBytes);
  request.position = writePosition(position);
  return applyTerms(request, terms);
}

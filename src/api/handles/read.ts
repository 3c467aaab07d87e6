// Reads through a handle: read in all its argument forms, and readv. null means "not taken": then
// Node's own method is called. No async function and no closure on the way of a plain read.
import { ops } from "../../ops/table.ts";
import { DATA_MAX_BYTES } from "../../request/codec.ts";
import { outward } from "../../request/errors.ts";
import { Request } from "../../request/request.ts";
import { decodeInto } from "../../request/results.ts";
import { invalidArgType, outOfRange } from "../argument-errors.ts";
import {
  allBytes,
  areViews,
  bytesAt,
  firstViews,
  lengthOf,
  scatter,
  type View,
} from "../descriptors/buffers.ts";
import {
  requestMaxBytes,
  transferAll,
  type Transfer,
} from "../descriptors/pieces.ts";
import { handleReadPosition, writePosition } from "../descriptors/positions.ts";
import { promised, rejectLate } from "../submit.ts";
import { applyTerms, termsOf, type Terms } from "../terms.ts";
import type { Descriptor } from "./descriptor.ts";

export interface ReadResult<T = unknown> {
  bytesRead: number;
  buffer: T;
}

/** From Node 24 on a length is what is left of it as an int32, as it has always been in fs.read. */
const LENGTHS_ARE_INT32 = Number.parseInt(process.versions.node, 10) >= 24;

/** What Node reads into when it was given nothing to read into. */
const OWN_BUFFER_BYTES = 16384;

export const reading: Transfer = { code: ops.read.code, decode: decodeInto };

/** Without a prototype, as Node's; this way it stays a fast object. */
const readResult = (bytesRead: number, buffer: unknown): ReadResult =>
  Object.setPrototypeOf({ bytesRead, buffer }, null) as ReadResult;

function settleRead(request: Request): void {
  if (request.result < 0) rejectLate(request);
  else request.resolve!(readResult(request.result, request.context) as never);
}

interface ReadOptions {
  buffer?: unknown;
  offset?: unknown;
  length?: unknown;
  position?: unknown;
}

export function read(
  descriptor: Descriptor,
  buffer: unknown,
  offset: unknown,
  length: unknown,
  position: unknown,
  options: unknown,
): Promise<ReadResult> | null {
  if (!ArrayBuffer.isView(buffer)) {
    if (
      buffer !== undefined &&
      (typeof buffer !== "object" || Array.isArray(buffer))
    )
      return null;
    options = buffer;
    buffer = (options as ReadOptions | null)?.buffer;
    if (buffer === undefined) buffer = Buffer.alloc(OWN_BUFFER_BYTES);
    if (!ArrayBuffer.isView(buffer)) return null;
    ({ offset, length, position } = (options ?? {}) as ReadOptions);
  } else if (typeof offset === "object" && offset !== null) {
    options = offset;
    ({ offset, length, position } = options as ReadOptions);
  }
  return readInto(
    descriptor,
    buffer as View,
    offset ?? 0,
    length,
    position,
    options,
  );
}

function readInto(
  descriptor: Descriptor,
  buffer: View,
  offset: unknown,
  length: unknown,
  position: unknown,
  options: unknown,
): Promise<ReadResult> | null {
  if (typeof offset !== "number" || !Number.isSafeInteger(offset) || offset < 0)
    return null;
  length ??= buffer.byteLength - offset;
  if (LENGTHS_ARE_INT32) length = (length as number) | 0;
  if (typeof length !== "number" || !Number.isSafeInteger(length))
    throw wrongLength(length);
  const at = handleReadPosition(position);
  if (at !== at) return null;
  if (length === 0) return Promise.resolve(readResult(0, buffer));
  if (length < 0 || offset + length > buffer.byteLength) return null;
  const data = bytesAt(buffer, offset, length);
  const { access, engine } = descriptor;
  const align = access?.plainAlign(ops.read.code, at, length) ?? 1;
  const terms = termsOf(engine, options);
  const maxBytes = access ? DATA_MAX_BYTES : requestMaxBytes(engine, terms);
  if (length > maxBytes || align === 0)
    return outward(readLarge(descriptor, data, at, terms, buffer));
  const request = new Request(ops.read.code, decodeInto, settleRead);
  request.fd = descriptor.fd;
  request.owner = descriptor;
  request.data = data;
  request.room = length;
  request.position = at;
  request.align = align;
  request.context = buffer;
  return promised(engine, applyTerms(request, terms));
}

async function readLarge(
  descriptor: Descriptor,
  data: Uint8Array,
  position: number,
  terms: Terms,
  buffer: View,
): Promise<ReadResult> {
  return readResult(
    await transferAll(descriptor, reading, data, position, terms),
    buffer,
  );
}

/** Node (20) has no words for these: it aborts the process. */
const wrongLength = (length: unknown): Error =>
  typeof length === "number"
    ? outOfRange("length", "an integer", length)
    : invalidArgType("length", "of type number", length);

export interface ReadvResult {
  bytesRead: number;
  buffers: readonly View[];
}

export function readv(
  descriptor: Descriptor,
  buffers: unknown,
  position: unknown,
  options: unknown,
): Promise<ReadvResult> | null {
  if (!areViews(buffers) || buffers.length === 0) return null;
  return readVector(descriptor, buffers, writePosition(position), options);
}

async function readVector(
  descriptor: Descriptor,
  buffers: readonly View[],
  position: number,
  options: unknown,
): Promise<ReadvResult> {
  const single = buffers.length === 1;
  const data = single
    ? allBytes(buffers[0]!)
    : Buffer.allocUnsafeSlow(lengthOf(firstViews(buffers)));
  const terms = termsOf(descriptor.engine, options);
  const bytesRead = await transferAll(
    descriptor,
    reading,
    data,
    position,
    terms,
  );
  if (!single) scatter(data, bytesRead, buffers);
  return Object.setPrototypeOf({ bytesRead, buffers }, null) as ReadvResult;
}

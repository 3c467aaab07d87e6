// Writes through a handle: write of bytes and of text, and writev. null means "not taken": then
// Node's own method is called. No async function and no closure on the way of a plain write.
import { ops } from "../../ops/table.ts";
import { DATA_MAX_BYTES } from "../../request/codec.ts";
import { outward } from "../../request/errors.ts";
import { Request } from "../../request/request.ts";
import { decodeCount } from "../../request/results.ts";
import {
  allBytes,
  areViews,
  bytesAt,
  gather,
  type View,
} from "../descriptors/buffers.ts";
import {
  requestMaxBytes,
  transferAll,
  type Transfer,
} from "../descriptors/pieces.ts";
import { writePosition } from "../descriptors/positions.ts";
import { textBytes } from "../descriptors/text.ts";
import { writtenInPlace } from "../descriptors/vectors.ts";
import { promised, rejectLate, settlePromise } from "../submit.ts";
import { applyTerms, termsOf, type Terms } from "../terms.ts";
import type { Descriptor } from "./descriptor.ts";

export interface WriteResult<T = unknown> {
  bytesWritten: number;
  buffer: T;
}

const INT32_MAX = 0x7fffffff;

export const writing: Transfer = { code: ops.write.code, decode: decodeCount };

const writeResult = (bytesWritten: number, buffer: unknown): WriteResult =>
  Object.setPrototypeOf({ bytesWritten, buffer }, null) as WriteResult;

function settleWrite(request: Request): void {
  if (request.result < 0) rejectLate(request);
  else request.resolve!(writeResult(request.result, request.context) as never);
}

interface WriteOptions {
  offset?: unknown;
  length?: unknown;
  position?: unknown;
}

export function write(
  descriptor: Descriptor,
  buffer: unknown,
  offset: unknown,
  length: unknown,
  position: unknown,
  options: unknown,
): Promise<WriteResult> | null {
  if (!ArrayBuffer.isView(buffer)) {
    if ((buffer as View | null | undefined)?.byteLength === 0)
      return Promise.resolve(writeResult(0, buffer));
    // The text's arguments: (text, position, encoding, options)
    const data = textBytes(buffer, length);
    return data === null
      ? null
      : writeBytes(descriptor, data, writePosition(offset), position, buffer);
  }
  if (buffer.byteLength === 0) return Promise.resolve(writeResult(0, buffer));
  if (typeof offset === "object") {
    // As in Node, with null the arguments after it do not count either.
    options = offset ?? options;
    ({ offset, length, position } = (offset ?? {}) as WriteOptions);
  }
  offset ??= 0;
  if (typeof offset !== "number" || !Number.isSafeInteger(offset) || offset < 0)
    return null;
  if (typeof length !== "number") length = buffer.byteLength - offset;
  const bytes = length as number;
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > INT32_MAX) return null;
  if (offset > buffer.byteLength || bytes > buffer.byteLength - offset)
    return null;
  return writeBytes(
    descriptor,
    bytesAt(buffer, offset, bytes),
    writePosition(position),
    options,
    buffer,
  );
}

function writeBytes(
  descriptor: Descriptor,
  data: Uint8Array,
  position: number,
  options: unknown,
  buffer: unknown,
): Promise<WriteResult> {
  const { access, engine } = descriptor;
  const align =
    access?.plainAlign(ops.write.code, position, data.byteLength) ?? 1;
  const terms = termsOf(engine, options);
  const maxBytes = access ? DATA_MAX_BYTES : requestMaxBytes(engine, terms);
  if (data.byteLength > maxBytes || align === 0)
    return outward(writeLarge(descriptor, data, position, terms, buffer));
  const request = new Request(ops.write.code, decodeCount, settleWrite);
  request.fd = descriptor.fd;
  request.owner = descriptor;
  request.data = data;
  request.position = position;
  request.align = align;
  request.context = buffer;
  return promised(engine, applyTerms(request, terms));
}

async function writeLarge(
  descriptor: Descriptor,
  data: Uint8Array,
  position: number,
  terms: Terms,
  buffer: unknown,
): Promise<WriteResult> {
  return writeResult(
    await transferAll(descriptor, writing, data, position, terms),
    buffer,
  );
}

export interface WritevResult {
  bytesWritten: number;
  buffers: readonly View[];
}

export function writev(
  descriptor: Descriptor,
  buffers: unknown,
  position: unknown,
  options: unknown,
): Promise<WritevResult> | null {
  return areViews(buffers)
    ? writeVector(descriptor, buffers, writePosition(position), options)
    : null;
}

async function writeVector(
  descriptor: Descriptor,
  buffers: readonly View[],
  position: number,
  options: unknown,
): Promise<WritevResult> {
  const { engine, access } = descriptor;
  const terms = termsOf(engine, options);
  let bytesWritten = 0;
  if (!access && writtenInPlace(engine, buffers, terms)) {
    const request = new Request(ops.writev.code, decodeCount, settlePromise);
    request.fd = descriptor.fd;
    request.owner = descriptor;
    request.buffers = buffers.map(allBytes);
    request.position = position;
    bytesWritten = await promised(engine, applyTerms(request, terms));
  } else if (buffers.length !== 0)
    bytesWritten = await transferAll(
      descriptor,
      writing,
      gather(buffers),
      position,
      terms,
    );
  return Object.setPrototypeOf({ bytesWritten, buffers }, null) as WritevResult;
}

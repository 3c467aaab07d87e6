// Reads and writes through a handle: read and write in all their argument forms, readv and writev. null means "not taken":
// then Node's own method is called. How data is carried is not known here.
import { outward } from "../../request/errors.ts";
import type { Request } from "../../request/request.ts";
import { invalidArgType, outOfRange } from "../argument-errors.ts";
import {
  areViews,
  bytesAt,
  gather,
  type View,
} from "../descriptors/buffers.ts";
import {
  OWN_BUFFER_BYTES,
  plainTransfer,
  reading,
  readPosition,
  readViews,
  transferAll,
  writeArguments,
  writeInPlace,
  writePosition,
  writing,
  type Transfer,
} from "../descriptors/transfers.ts";
import { promised, rejectLate } from "../submit.ts";
import { applyTerms, termsOf } from "../terms.ts";
import type { Descriptor } from "./descriptor.ts";

export interface ReadResult<T = unknown> {
  bytesRead: number;
  buffer: T;
}

export interface WriteResult<T = unknown> {
  bytesWritten: number;
  buffer: T;
}

export interface ReadvResult {
  bytesRead: number;
  buffers: readonly View[];
}

export interface WritevResult {
  bytesWritten: number;
  buffers: readonly View[];
}

const major = Number.parseInt(process.versions.node, 10);
/** From Node 24 on a length is what is left of it as an int32, as it has always been in fs.read. */
const LENGTHS_ARE_INT32 = major >= 24;
/** Up to Node 20 a handle's read took everything but a number for the current position. */
const READS_STRICTLY = major >= 22;

/** Makes results of a count and of what it counts, without a prototype, as Node's are: in the way that costs least (docs/decisions.md). */
const counted =
  <Result>(count: string, of: string) =>
  (counts: number, what: unknown): Result => {
    const result = Object.create(null) as Record<string, unknown>;
    result[count] = counts;
    result[of] = what;
    return result as Result;
  };
const readResult = counted<ReadResult>("bytesRead", "buffer");
const writeResult = counted<WriteResult>("bytesWritten", "buffer");
const readvResult = counted<ReadvResult>("bytesRead", "buffers");
const writevResult = counted<WritevResult>("bytesWritten", "buffers");

/** Promises a result of the count. No async function and no closure on the way of a plain transfer. */
class Way<Result> {
  readonly transfer: Transfer;
  readonly resultOf: (count: number, buffer: unknown) => Result;

  constructor(
    transfer: Transfer,
    resultOf: (count: number, buffer: unknown) => Result,
  ) {
    this.transfer = transfer;
    this.resultOf = resultOf;
  }

  readonly #settle = (request: Request): void => {
    if (request.result < 0) return rejectLate(request);
    const result = this.resultOf(request.result, request.context);
    request.resolve!(result as never);
  };

  run(
    descriptor: Descriptor,
    data: Uint8Array,
    position: number,
    options: unknown,
    buffer: unknown,
  ): Promise<Result> {
    const { engine } = descriptor;
    const terms = termsOf(engine, options);
    const { transfer } = this;
    const request = plainTransfer(
      descriptor,
      transfer,
      data,
      position,
      terms,
      this.#settle,
    );
    if (request === null) {
      const all = transferAll(descriptor, transfer, data, position, terms);
      return outward(this.#resultOfAll(all, buffer));
    }
    request.context = buffer;
    return promised(engine, applyTerms(request, terms));
  }

  async #resultOfAll(all: Promise<number>, buffer: unknown): Promise<Result> {
    return this.resultOf(await all, buffer);
  }
}

const reads = new Way(reading, readResult);
const writes = new Way(writing, writeResult);

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
  const { byteLength } = buffer as View;
  const start = (offset ?? 0) as number;
  if (!Number.isSafeInteger(start) || start < 0) return null;
  length ??= byteLength - start;
  if (LENGTHS_ARE_INT32) length = (length as number) | 0;
  if (typeof length !== "number" || !Number.isSafeInteger(length))
    throw wrongLength(length);
  const at =
    READS_STRICTLY || typeof position === "number"
      ? readPosition(position)
      : -1;
  if (Number.isNaN(at)) return null;
  if (length === 0) return Promise.resolve(readResult(0, buffer));
  if (length < 0 || start + length > byteLength) return null;
  const data = bytesAt(buffer as View, start, length);
  return reads.run(descriptor, data, at, options, buffer);
}

/** Node (20) has no words for these: it aborts the process. */
const wrongLength = (length: unknown): Error =>
  typeof length === "number"
    ? outOfRange("length", "an integer", length)
    : invalidArgType("length", "of type number", length);

export function write(
  descriptor: Descriptor,
  buffer: unknown,
  offset: unknown,
  length: unknown,
  position: unknown,
  options: unknown,
): Promise<WriteResult> | null {
  if ((buffer as View | null | undefined)?.byteLength === 0)
    return Promise.resolve(writeResult(0, buffer));
  const write = writeArguments(buffer, offset, length, position, options);
  return write === null
    ? null
    : writes.run(descriptor, write.data, write.position, write.options, buffer);
}

export function readv(
  descriptor: Descriptor,
  buffers: unknown,
  position: unknown,
  options: unknown,
): Promise<ReadvResult> | null {
  return areViews(buffers) && buffers.length !== 0
    ? readVector(descriptor, buffers, position, options)
    : null;
}

async function readVector(
  descriptor: Descriptor,
  buffers: readonly View[],
  position: unknown,
  options: unknown,
): Promise<ReadvResult> {
  const terms = termsOf(descriptor.engine, options);
  const bytesRead = await readViews(descriptor, buffers, position, terms);
  return readvResult(bytesRead, buffers);
}

export function writev(
  descriptor: Descriptor,
  buffers: unknown,
  position: unknown,
  options: unknown,
): Promise<WritevResult> | null {
  return areViews(buffers)
    ? writeVector(descriptor, buffers, position, options)
    : null;
}

async function writeVector(
  descriptor: Descriptor,
  buffers: readonly View[],
  position: unknown,
  options: unknown,
): Promise<WritevResult> {
  const { engine } = descriptor;
  const terms = termsOf(engine, options);
  const request = writeInPlace(descriptor, buffers, position, terms);
  let bytesWritten = 0;
  if (request !== null) bytesWritten = await promised(engine, request);
  else if (buffers.length !== 0) {
    const at = writePosition(position);
    const data = gather(buffers);
    bytesWritten = await transferAll(descriptor, writing, data, at, terms);
  }
  return writevResult(bytesWritten, buffers);
}

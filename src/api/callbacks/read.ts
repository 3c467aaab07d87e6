// fs.read and fs.readv: all argument forms, delivered to a callback. What is not taken here is handed
// to Node's own function, which throws in its own words.
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeInto } from "../../request/results.ts";
import { acceptFd } from "../arguments.ts";
import {
  callNodeCallback,
  callbackOf,
  orAborted,
  type AnyFunction,
} from "../call-forms.ts";
import type { Callback } from "./call-in-context.ts";
import { called, settlePromise } from "../submit.ts";
import { applyTerms, termsOf } from "../terms.ts";
import {
  allBytes,
  areViews,
  bytesAt,
  firstViews,
  lengthOf,
  scatter,
  type View,
} from "../descriptors/buffers.ts";
import { requestMaxBytes, transferAll } from "../descriptors/pieces.ts";
import { readPosition, writePosition } from "../descriptors/positions.ts";
import { promisedAs, withBuffer } from "./callback-results.ts";
import { nextTick } from "../../util/node-timers.ts";

const OWN_BUFFER_BYTES = 16384;

const reading = { code: ops.read.code, decode: decodeInto };

interface ReadOptions {
  buffer?: unknown;
  offset?: unknown;
  length?: unknown;
  position?: unknown;
}

interface Read extends ReadOptions {
  options?: unknown;
}

/** The forms: (buffer, offset, length, position[, options]), (buffer, options), (options), (). */
function readArguments(given: unknown[]): Read | null {
  if (given.length >= 4) {
    const [buffer, offset, length, position, options] = given;
    return { buffer, offset, length, position, options };
  }
  if (given.length === 3) return null;
  const [first, second] = given;
  const isBuffer = ArrayBuffer.isView(first);
  if (given.length === 2 && !isBuffer) return null;
  const options = isBuffer ? second : first;
  if (options !== undefined && options !== null && !isPlainObject(options))
    return null;
  const read = (options ?? {}) as ReadOptions;
  const buffer = isBuffer
    ? first
    : read.buffer === undefined
      ? Buffer.alloc(OWN_BUFFER_BYTES)
      : read.buffer;
  const { offset = 0, position = null } = read;
  const { length = (buffer as View | null)?.byteLength } = read;
  return {
    buffer,
    offset,
    length:
      read.length === undefined && typeof length === "number"
        ? length - (offset as number)
        : length,
    position,
    options,
  };
}

const isPlainObject = (value: unknown): boolean =>
  typeof value === "object" && !Array.isArray(value);

export function readCalls(
  engine: () => Submitter,
): Record<string, AnyFunction> {
  function read(...args: unknown[]): void {
    const callback = args.at(-1) as Callback;
    const fd = acceptFd(args[0]);
    const read =
      typeof callback === "function" && !Number.isNaN(fd)
        ? readArguments(args.slice(1, -1))
        : null;
    if (read === null || !readInto(fd, read, callback))
      callNodeCallback("read", args);
  }

  /** False: not taken. */
  function readInto(fd: number, read: Read, callback: Callback): boolean {
    const { buffer, options } = read;
    if (!ArrayBuffer.isView(buffer)) return false;
    const offset = read.offset ?? 0;
    if (!Number.isSafeInteger(offset) || (offset as number) < 0) return false;
    // As Node: a length is what is left of it as an int32.
    const length = (read.length as number) | 0;
    const deliver = withBuffer(callback, buffer);
    const at = readPosition(read.position);
    if (Number.isNaN(at) || length < 0) return false;
    if (length === 0) {
      nextTick(deliver, null, 0);
      return true;
    }
    if ((offset as number) + length > buffer.byteLength) return false;
    const data = bytesAt(buffer, offset as number, length);
    const terms = termsOf(engine(), options);
    if (length > requestMaxBytes(engine(), terms)) {
      const target = { engine: engine(), fd, owner: null };
      callbackOf(transferAll(target, reading, data, at, terms), deliver);
      return true;
    }
    const request = new Request(ops.read.code, decodeInto, settlePromise);
    request.fd = fd;
    request.data = data;
    request.room = length;
    request.position = at;
    const termed = orAborted(deliver, () => applyTerms(request, terms));
    if (termed !== undefined) called(engine(), termed, deliver);
    return true;
  }

  function readv(...args: unknown[]): void {
    const callback = args.at(-1);
    const [given, buffers, position, options] = args.slice(0, -1);
    const fd = acceptFd(given);
    if (
      typeof callback !== "function" ||
      Number.isNaN(fd) ||
      !areViews(buffers) ||
      buffers.length === 0
    )
      return void callNodeCallback("readv", args);
    const single = buffers.length === 1;
    const data = single
      ? allBytes(buffers[0]!)
      : Buffer.allocUnsafeSlow(lengthOf(firstViews(buffers)));
    const target = { engine: engine(), fd, owner: null };
    const terms = termsOf(target.engine, options);
    const deliver = withBuffer(callback as Callback, buffers);
    callbackOf(
      transferAll(target, reading, data, writePosition(position), terms),
      deliver,
      (count) => {
        if (!single) scatter(data, count as number, buffers);
        return [count];
      },
    );
  }

  promisedAs(read, "bytesRead", "buffer");
  promisedAs(readv, "bytesRead", "buffers");
  return { read, readv };
}

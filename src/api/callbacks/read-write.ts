// fs.read, readv, write and writev: all argument forms, delivered to a callback. What is not taken here is handed to Node's
// own function, which throws in its own words; how data is carried is not known here.
import { acceptFd } from "../arguments.ts";
import {
  callNodeCallback,
  callbackOf,
  orAborted,
  type AnyFunction,
} from "../call-forms.ts";
import {
  areViews,
  bytesAt,
  gathered,
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
  type Target,
  type Transfer,
} from "../descriptors/transfers.ts";
import { called, settlePromise } from "../submit.ts";
import type { Submitter } from "../submitter.ts";
import { applyTerms, termsOf } from "../terms.ts";
import type { Callback } from "./call-in-context.ts";
import { promisedAs, withBuffer } from "./callback-results.ts";
import { nextTick } from "../../util/node-timers.ts";

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

/** Reads or writes all of the data. */
function transfer(
  target: Target,
  way: Transfer,
  data: Uint8Array,
  position: number,
  options: unknown,
  deliver: Callback,
): void {
  const terms = termsOf(target.engine, options);
  const request = plainTransfer(
    target,
    way,
    data,
    position,
    terms,
    settlePromise,
  );
  if (request === null) {
    callbackOf(transferAll(target, way, data, position, terms), deliver);
    return;
  }
  const termed = orAborted(deliver, () => applyTerms(request, terms));
  if (termed !== undefined) called(target.engine, termed, deliver);
}

/** False: not taken. */
function readInto(target: Target, read: Read, callback: Callback): boolean {
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
  transfer(target, reading, data, at, options, deliver);
  return true;
}

export function readWriteCalls(
  engine: () => Submitter,
): Record<string, AnyFunction> {
  const targetOf = (fd: number): Target => ({
    engine: engine(),
    fd,
    owner: null,
  });

  function read(...args: unknown[]): void {
    const callback = args.at(-1) as Callback;
    const fd = acceptFd(args[0]);
    const read =
      typeof callback === "function" && !Number.isNaN(fd)
        ? readArguments(args.slice(1, -1))
        : null;
    if (read === null || !readInto(targetOf(fd), read, callback))
      callNodeCallback("read", args);
  }

  function write(...args: unknown[]): void {
    const callback = args.at(-1);
    const fd = acceptFd(args[0]);
    const [buffer, offset, length, position, options] = args.slice(1, -1);
    const write =
      typeof callback === "function" && !Number.isNaN(fd)
        ? writeArguments(buffer, offset, length, position, options)
        : null;
    if (write === null) return void callNodeCallback("write", args);
    const deliver = withBuffer(callback as Callback, buffer);
    const { data, position: at } = write;
    transfer(targetOf(fd), writing, data, at, write.options, deliver);
  }

  /** The same arguments for both; what is not taken is Node's. */
  const vectorCall =
    (
      name: "readv" | "writev",
      run: (
        target: Target,
        buffers: View[],
        position: unknown,
        options: unknown,
        deliver: Callback,
      ) => void,
    ): AnyFunction =>
    (...args) => {
      const callback = args.at(-1);
      const [given, buffers, position, options] = args.slice(0, -1);
      const fd = acceptFd(given);
      if (
        typeof callback !== "function" ||
        Number.isNaN(fd) ||
        !areViews(buffers) ||
        buffers.length === 0
      )
        return void callNodeCallback(name, args);
      const deliver = withBuffer(callback as Callback, buffers);
      run(targetOf(fd), buffers, position, options, deliver);
    };

  const readv = vectorCall(
    "readv",
    (target, buffers, position, options, deliver) => {
      const terms = termsOf(target.engine, options);
      callbackOf(readViews(target, buffers, position, terms), deliver);
    },
  );

  const writev = vectorCall(
    "writev",
    (target, buffers, position, options, deliver) => {
      const terms = termsOf(target.engine, options);
      const request = writeInPlace(target, buffers, position, terms);
      if (request !== null) return called(target.engine, request, deliver);
      const { data, free } = gathered(buffers);
      const at = writePosition(position);
      transfer(target, writing, data, at, terms, (error, count) => {
        // After an error somebody may still be reading it: what was cancelled goes on in the kernel.
        if (!error) free();
        deliver(error, count);
      });
    },
  );

  promisedAs(read, "bytesRead", "buffer");
  promisedAs(readv, "bytesRead", "buffers");
  promisedAs(write, "bytesWritten", "buffer");
  // Node's own name for it, whatever its documentation says.
  promisedAs(writev, "bytesWritten", "buffer");
  return { read, readv, write, writev };
}

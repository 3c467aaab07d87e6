// fs.write and fs.writev: all argument forms, delivered to a callback. What is not taken here is handed
// to Node's own function, which throws in its own words.
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeCount } from "../../request/results.ts";
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
import { allBytes, areViews, bytesAt } from "../descriptors/buffers.ts";
import { gathered } from "../descriptors/gathered.ts";
import { requestMaxBytes, transferAll } from "../descriptors/pieces.ts";
import { writePosition } from "../descriptors/positions.ts";
import { textBytes } from "../descriptors/text.ts";
import { promisedAs, withBuffer } from "./callback-results.ts";
import { writtenInPlace } from "../descriptors/vectors.ts";

const INT32_MAX = 0x7fffffff;

const writing = { code: ops.write.code, decode: decodeCount };

interface Write {
  data: Uint8Array;
  position: unknown;
  options: unknown;
}

/** (buffer, offset, length, position[, options]) or (buffer, options). */
function bytesArguments(given: unknown[]): Write | null {
  const buffer = given[0] as NodeJS.ArrayBufferView;
  let [, offset, length, position, options] = given;
  if (typeof offset === "object") {
    // As in Node, with null the arguments after it do not count either.
    options = offset ?? options;
    ({ offset, length, position } = (offset ?? {}) as Record<string, unknown>);
  }
  offset ??= 0;
  const start = offset as number;
  if (!Number.isSafeInteger(offset) || start < 0) return null;
  const count = typeof length === "number" ? length : buffer.byteLength - start;
  if (!Number.isInteger(count) || count < 0 || count > INT32_MAX) return null;
  if (count > buffer.byteLength - start) return null;
  return { data: bytesAt(buffer, start, count), position, options };
}

/** (text[, position[, encoding[, options]]]) */
function textArguments(given: unknown[]): Write | null {
  const [text, position, encoding, options] = given;
  const data = textBytes(text, encoding);
  return data === null ? null : { data, position, options };
}

export function writeCalls(
  engine: () => Submitter,
): Record<string, AnyFunction> {
  function write(...args: unknown[]): void {
    const callback = args.at(-1);
    const fd = acceptFd(args[0]);
    if (typeof callback !== "function" || Number.isNaN(fd))
      return void callNodeCallback("write", args);
    const given = args.slice(1, -1);
    const write = ArrayBuffer.isView(given[0])
      ? bytesArguments(given)
      : textArguments(given);
    if (write === null) return void callNodeCallback("write", args);
    writeBytes(fd, write, withBuffer(callback as Callback, given[0]));
  }

  function writeBytes(
    fd: number,
    { data, position, options }: Write,
    deliver: Callback,
  ): void {
    const at = writePosition(position);
    const terms = termsOf(engine(), options);
    if (data.byteLength > requestMaxBytes(engine(), terms)) {
      const target = { engine: engine(), fd, owner: null };
      callbackOf(transferAll(target, writing, data, at, terms), deliver);
      return;
    }
    const request = new Request(ops.write.code, decodeCount, settlePromise);
    request.fd = fd;
    request.data = data;
    request.position = at;
    const termed = orAborted(deliver, () => applyTerms(request, terms));
    if (termed !== undefined) called(engine(), termed, deliver);
  }

  function writev(...args: unknown[]): void {
    const callback = args.at(-1);
    const [given, buffers, position, options] = args.slice(0, -1);
    const fd = acceptFd(given);
    if (
      typeof callback !== "function" ||
      Number.isNaN(fd) ||
      !areViews(buffers) ||
      buffers.length === 0
    )
      return void callNodeCallback("writev", args);
    const deliver = withBuffer(callback as Callback, buffers);
    const terms = termsOf(engine(), options);
    if (writtenInPlace(engine(), buffers, terms)) {
      const request = new Request(ops.writev.code, decodeCount, settlePromise);
      request.fd = fd;
      request.buffers = buffers.map(allBytes);
      request.position = writePosition(position);
      return called(engine(), applyTerms(request, terms), deliver);
    }
    const { data, free } = gathered(buffers);
    writeBytes(fd, { data, position, options }, (error, count) => {
      // After an error somebody may still be reading it: what was cancelled goes on in the kernel.
      if (!error) free();
      deliver(error, count);
    });
  }

  promisedAs(write, "bytesWritten", "buffer");
  // Node's own name for it, whatever its documentation says.
  promisedAs(writev, "bytesWritten", "buffer");
  return { write, writev };
}

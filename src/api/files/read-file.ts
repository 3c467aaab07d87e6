// readFile by path: open, read and close in one hop. It does not know who runs it, nor what a Buffer's memory is.
import { ops } from "../../ops/table.ts";
import type { Memory } from "../../request/memory.ts";
import { Request, type Decode } from "../../request/request.ts";
import { decodeBytes, isInBlock } from "../../request/results.ts";
import { textOf } from "../../request/text.ts";
import { acceptFlags, acceptPath } from "../arguments.ts";
import { acceptEncoding, bufferOver, REFUSED } from "../encoding.ts";
import type { Prepare } from "../call-forms.ts";
import { settlePromise } from "../submit.ts";
import { applyTerms, termsOf } from "../terms.ts";

/** Only what lay in the slot's room shows how much room is worth reserving. */
const decodeContent: Decode = (memory, slot, request) => {
  if (isInBlock(memory, slot)) request.present = contentOf;
  return decodeBytes(memory, slot, request);
};

/** Text without a Buffer in between. */
export const decodeEncoded: Decode = (memory: Memory, slot, request) => {
  if (isInBlock(memory, slot)) request.present = contentOf;
  const encoding = request.context as BufferEncoding;
  return textOf(memory, slot, request.result, encoding);
};

/** What was moved here by a worker is bytes, whatever the encoding. */
export function contentOf(request: Request): unknown {
  const { value, context } = request;
  if (!(value instanceof Uint8Array)) return value;
  const buffer = Buffer.isBuffer(value) ? value : bufferOver(value);
  return context === undefined
    ? buffer
    : buffer.toString(context as BufferEncoding);
}

/** How large the files of late were: that much shared memory is requested. */
const room = { bytes: 0, small: 0 };
const ROOM_MAX_BYTES = 1 << 18;
const SMALL_IN_A_ROW = 256;

function learn(bytes: number): void {
  if (bytes >= room.bytes) {
    room.bytes = Math.min(ROOM_MAX_BYTES, bytes + 1);
    room.small = 0;
  } else if (bytes < room.bytes >>> 2 && ++room.small > SMALL_IN_A_ROW) {
    room.bytes >>>= 1;
    room.small = 0;
  }
}

function presentContent(request: Request): unknown {
  const { value } = request;
  if (typeof value === "string") learn(value.length);
  else if (value instanceof Uint8Array) learn(value.byteLength);
  return contentOf(request);
}

/** Where an op is to return text, decoded by whoever reads the bytes. */
const textRegister: Record<number, "a" | "b"> = {
  [ops.slurp.code]: "b",
  [ops.slurpFd.code]: "a",
};

/** A slurp of a path or, with another op, of a descriptor. */
export function slurpRequest(
  code: number,
  encoding: BufferEncoding | undefined,
): Request {
  const decode = encoding === undefined ? decodeContent : decodeEncoded;
  const request = new Request(code, decode, settlePromise);
  if (encoding === "utf8" || encoding === "utf-8")
    request[textRegister[code]!] = 1;
  request.present = presentContent;
  request.context = encoding;
  request.room = room.bytes;
  return request;
}

/**
 * Left to Node's own function: memory of the caller's as `buffer`, an option of later releases, and the encoding
 * "buffer", which is none for a file's content and fails once that is read.
 */
export const readsOtherwise = (options: unknown): boolean => {
  if (typeof options !== "object" || options === null)
    return options === "buffer";
  const { buffer, encoding } = options as Record<string, unknown>;
  return buffer !== undefined || encoding === "buffer";
};

export const readFile: Prepare = ([path, options], engine) => {
  const taken = acceptPath(path);
  const encoding = acceptEncoding(options, "buffer");
  if (taken === null || encoding === REFUSED || readsOtherwise(options))
    return null;
  const request = slurpRequest(
    ops.slurp.code,
    encoding === "buffer" ? undefined : encoding,
  );
  request.path = taken;
  if (typeof options === "object" && options !== null) {
    request.a = acceptFlags((options as { flag?: unknown }).flag);
    if (Number.isNaN(request.a)) return null;
  }
  return applyTerms(request, termsOf(engine(), options));
};

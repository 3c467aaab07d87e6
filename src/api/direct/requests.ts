// The requests that direct access is made of: blocks read into a part of the caller's memory, whole
// blocks written, a length set. It knows one request at a time, and no order among them.
import type { Stats } from "node:fs";
import { ops } from "../../ops/table.ts";
import { copyBytes } from "../../request/copy.ts";
import { Request, type Decode } from "../../request/request.ts";
import {
  dataOffset,
  decodeCount,
  decodeInto,
  decodeNone,
} from "../../request/results.ts";
import type { Target } from "../descriptors/transfers.ts";
import { promised, rejectLate, settlePromise } from "../submit.ts";
import { decodeStats } from "../files/stats.ts";
import { applyTerms, type Terms } from "../terms.ts";

/** The value; where something was done before (`context`) a failure that is the file's is its end. */
const settleCount = (request: Request): void => {
  if (request.result >= 0) return request.resolve!(request.value as never);
  if (request.context === 0 || request.reason !== undefined)
    return rejectLate(request);
  request.resolve!(0 as never);
};

/** Of the blocks that were read, what comes after the first `head` bytes, as far as it was wanted. */
const decodeAfter =
  (head: number): Decode =>
  (memory, slot, request) => {
    const wanted = request.data!.byteLength;
    const count = Math.max(0, Math.min(request.result - head, wanted));
    const from = dataOffset(memory, slot) + head;
    copyBytes(request.data!, 0, memory.bytes.subarray(from, from + count));
    return count;
  };

/** Reads the blocks [start, end) for the bytes from `start + head` on; returns how many there were. */
export function readBlocks(
  target: Target,
  data: Uint8Array,
  start: number,
  end: number,
  head: number,
  align: number,
  done: number,
  terms: Terms,
): Promise<number> {
  const whole = data.byteLength === end - start;
  const decode = whole ? decodeInto : decodeAfter(head);
  const request = new Request(ops.read.code, decode, settleCount);
  request.data = data;
  request.room = end - start;
  return sent(target, request, start, align, done, terms);
}

/** Writes whole blocks; returns how many bytes were written. */
export function writeBlocks(
  target: Target,
  data: Uint8Array,
  start: number,
  align: number,
  done: number,
  terms: Terms,
): Promise<number> {
  const request = new Request(ops.write.code, decodeCount, settleCount);
  request.data = data;
  return sent(target, request, start, align, done, terms);
}

function sent(
  target: Target,
  request: Request,
  position: number,
  align: number,
  done: number,
  terms: Terms,
): Promise<number> {
  request.fd = target.fd;
  request.owner = target.owner;
  request.position = position;
  request.align = align;
  request.context = done;
  return promised(target.engine, applyTerms(request, terms));
}

export function setLength(
  target: Target,
  bytes: number,
  terms: Terms,
): Promise<void> {
  const request = new Request(ops.ftruncate.code, decodeNone, settlePromise);
  request.fd = target.fd;
  request.owner = target.owner;
  request.a = bytes;
  return promised(target.engine, applyTerms(request, terms));
}

export async function lengthNow(target: Target, terms: Terms): Promise<number> {
  const request = new Request(ops.fstat.code, decodeStats, settlePromise);
  request.fd = target.fd;
  request.owner = target.owner;
  const termed = applyTerms(request, terms);
  return (await promised<Stats>(target.engine, termed)).size;
}

// Reads what a worker or the kernel left in a slot. Called by the engine while the slot is still
// the request's; afterwards nothing may point into shared memory.
import { copyBytes } from "./copy.ts";
import { PART_ALIGN_BYTES, type Memory } from "./memory.ts";
import {
  BLOCK_BYTES,
  Outcome,
  SLOT_WORDS,
  Slot,
  allocStart,
  offsetIn,
} from "./layout.ts";
import type { Decode } from "./request.ts";

export type { Decode };

export const outBytes = (memory: Memory, slot: number): number =>
  memory.words[slot * SLOT_WORDS + Slot.outBytes]!;

export const dataOffset = (memory: Memory, slot: number): number =>
  offsetIn(memory.words, slot);

/** The first double of the slot's block. */
export const firstDouble = (slot: number): number => (slot * BLOCK_BYTES) >>> 3;

export const decodeNone: Decode = () => undefined;

export const decodeCount: Decode = (_memory, _slot, request) => request.result;

/**
 * Copies what was read into the caller's buffer; the value is the count. A buffer that was detached
 * or shrunk meanwhile takes what it can: Node's own read reports the same count then.
 */
export const decodeInto: Decode = (memory, slot, request) => {
  const count = request.result;
  if (memory.words[slot * SLOT_WORDS + Slot.direct] === 1) return count;
  const offset = dataOffset(memory, slot);
  // A buffer of the instance's own was filled in place.
  if (offset >= allocStart(memory.sizes)) return count;
  const end = offset + Math.min(count, request.data!.byteLength);
  copyBytes(request.data!, 0, memory.bytes.subarray(offset, end));
  return count;
};

/** Whether the value lies in a block of native memory, and not in the slot's own room. */
export const isInBlock = (memory: Memory, slot: number): boolean =>
  memory.words[slot * SLOT_WORDS + Slot.outcome] === Outcome.block;

/** What was left for the caller, where it lies: to be read now and not kept. */
export function leftBytes(memory: Memory, slot: number): Buffer {
  if (isInBlock(memory, slot)) return memory.blocks!.takeBlock(slot);
  const offset = dataOffset(memory, slot);
  return memory.bytes.subarray(offset, offset + outBytes(memory, slot));
}

/** A Buffer of the caller's own. */
export const decodeBytes: Decode = (memory, slot) => {
  if (isInBlock(memory, slot)) return memory.blocks!.takeBlock(slot);
  const bytes = outBytes(memory, slot);
  const offset = dataOffset(memory, slot);
  const buffer = Buffer.allocUnsafeSlow(bytes);
  copyBytes(buffer, 0, memory.bytes.subarray(offset, offset + bytes));
  return buffer;
};

function copyOf(bytes: Uint8Array): Buffer {
  const buffer = Buffer.allocUnsafeSlow(bytes.byteLength);
  copyBytes(buffer, 0, bytes);
  return buffer;
}

/** In parts of so many bytes, each with memory of its own: its taker may transfer it to a thread, and read all of its `buffer`. */
export function apart(bytes: Buffer, partBytes: number): Buffer[] {
  if (bytes.byteLength <= partBytes) return [bytes];
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += partBytes)
    parts.push(copyOf(bytes.subarray(at, at + partBytes)));
  return parts;
}

/** Buffers of the caller's own, as by apart(). */
export const decodeParts =
  (partBytes: number): Decode =>
  (memory, slot, request) =>
    isInBlock(memory, slot) &&
    outBytes(memory, slot) > partBytes &&
    partBytes % PART_ALIGN_BYTES === 0
      ? memory.blocks!.takeParts(slot, partBytes)
      : apart(decodeBytes(memory, slot, request) as Buffer, partBytes);

/** A string straight from shared memory; '' bytes with a negative count mean none. */
export const decodeText: Decode = (memory, slot) => {
  if (outBytes(memory, slot) < 0) return undefined;
  const bytes = leftBytes(memory, slot);
  return bytes.utf8Slice(0, bytes.length);
};

export const decodeNumbers: Decode = (memory, slot, request) => {
  const at = firstDouble(slot);
  return memory.doubles.slice(at, at + request.result);
};

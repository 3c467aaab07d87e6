// Lets a request transfer less than it wants to: its slot gets a smaller number. It knows where each op keeps that number,
// and not why it is to be smaller.
import type { OpName } from "../../ops/table.ts";
import {
  BLOCK_BYTES,
  Numbers,
  SLOT_WORDS,
  Slot,
} from "../../request/layout.ts";
import type { Memory } from "../../request/memory.ts";

/** Those whose callers receive a count, which may be less than they wanted. */
export const SHORTENABLE = [
  "read",
  "readBlock",
  "write",
  "writev",
  "sendfile",
  "splice",
  "copyFileRange",
] as const satisfies OpName[];

type Shorten = (
  memory: Memory,
  slot: number,
  limit: (bytes: number) => number,
) => void;

const ofData: Shorten = (memory, slot, limit) => {
  const at = slot * SLOT_WORDS + Slot.dataBytes;
  memory.words[at] = less(memory.words[at]!, limit);
};

const ofNumber =
  (which: number): Shorten =>
  (memory, slot, limit) => {
    const at = ((slot * SLOT_WORDS + Slot.numbers) >> 1) + which;
    memory.numbers[at] = less(memory.numbers[at]!, limit);
  };

/** Addresses and lengths, of 64 bits each, lie in the slot's block: only the first buffers stay. */
const ofBuffers: Shorten = (memory, slot, limit) => {
  const count = slot * SLOT_WORDS + Slot.dataBytes;
  const first = (slot * BLOCK_BYTES) >>> 3;
  const { bigints, words } = memory;
  const lengths = Array.from({ length: words[count]! }, (_, i) =>
    Number(bigints[first + 2 * i + 1]!),
  );
  let left = less(
    lengths.reduce((sum, bytes) => sum + bytes, 0),
    limit,
  );
  let kept = 0;
  while (kept < lengths.length && left > 0) {
    const bytes = Math.min(left, lengths[kept]!);
    bigints[first + 2 * kept + 1] = BigInt(bytes);
    left -= bytes;
    kept++;
  }
  words[count] = Math.max(1, kept);
};

const shorteners: Record<(typeof SHORTENABLE)[number], Shorten> = {
  read: ofData,
  write: ofData,
  writev: ofBuffers,
  readBlock: ofNumber(Numbers.a),
  sendfile: ofNumber(Numbers.b),
  splice: ofNumber(Numbers.c),
  copyFileRange: ofNumber(Numbers.c),
};

/** An empty transfer stays empty. */
const less = (bytes: number, limit: (bytes: number) => number): number =>
  bytes <= 1 ? bytes : Math.min(bytes, Math.max(1, limit(bytes)));

export function shorten(
  memory: Memory,
  slot: number,
  op: OpName,
  limit: (bytes: number) => number,
): void {
  if (Object.hasOwn(shorteners, op))
    shorteners[op as keyof typeof shorteners](memory, slot, limit);
}

// Offsets of 64 bits in registers that are doubles: from 2^53 on a double holds only multiples of a power of two, and
// what it lacks goes along in register d, as native-aio/src/slot.h reads it. It does not know what an offset is of.
import type { Request } from "./request.ts";

/** A double below 2^63 holds every multiple of 2 to this power. */
const WIDE_BITS = 11n;
const STEP = 1n << WIDE_BITS;

export const OFFSET_MIN = -(2n ** 63n);
export const OFFSET_MAX = 2n ** 63n - 1n;

/** Puts an offset into one of an op's registers; the op has no use of its own for d. */
export function putWide(
  request: Request,
  to: "position" | "a" | "b",
  offset: bigint,
): void {
  const low = BigInt.asUintN(Number(WIDE_BITS), offset);
  request[to] = Number(offset - low);
  request.d += Number(to === "position" ? low : low * STEP);
}

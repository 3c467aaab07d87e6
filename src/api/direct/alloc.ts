// alloc: Buffers that go to and from a disk without a copy, on every backend. It knows what may be
// requested; where the memory lies is the allocator's business.
import { inspect } from "node:util";
import type { Submitter } from "../submitter.ts";
import {
  ALIGN_MAX,
  ALLOC_MAX_BYTES,
  ALLOC_MIN_BYTES,
} from "../../request/allocator.ts";
import { misuseError } from "../../util/errors.ts";
import { invalidArgType, outOfRange } from "../argument-errors.ts";
import { checkNames } from "../option-names.ts";

export interface AllocOptions {
  /** The address is a multiple of it: a power of two up to 65536; 4096 by default. */
  align?: number | undefined;
}

export function alloc(
  engine: Submitter,
  bytes: number,
  options: AllocOptions = {},
): Buffer {
  checkNames(options, ["align"]);
  const { align = ALLOC_MIN_BYTES } = options;
  if (typeof bytes !== "number")
    throw invalidArgType("bytes", "of type number", bytes);
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > ALLOC_MAX_BYTES)
    throw outOfRange("bytes", `>= 0 && <= ${ALLOC_MAX_BYTES}`, bytes);
  if (!isAlignment(align))
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      "align",
      `a power of two from 1 to ${ALIGN_MAX}`,
      inspect(align),
    );
  return engine.allocator.take(bytes, align);
}

const isAlignment = (align: unknown): boolean =>
  typeof align === "number" &&
  Number.isInteger(align) &&
  align >= 1 &&
  align <= ALIGN_MAX &&
  (align & (align - 1)) === 0;

/** False: it is no buffer of alloc(), or it was released already. */
export function release(engine: Submitter, buffer: ArrayBufferView): boolean {
  if (!ArrayBuffer.isView(buffer))
    throw invalidArgType(
      "buffer",
      "an instance of Buffer, TypedArray, or DataView",
      buffer,
    );
  return engine.allocator.release(buffer);
}

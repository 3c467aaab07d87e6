// `maxMemory`: a number of bytes, or a text as "64mb". It does not know what the ceiling is for.
import { inspect } from "node:util";
import { misuseError } from "../../util/errors.ts";

/** Less would have one read or copy at a time. */
const MIN_BYTES = 1 << 20;
const UNITS: Record<string, number> = {
  ...{ b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 },
  ...{ k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 },
};

/** 0: there is no ceiling. */
export function readMaxMemory(given: unknown): number {
  if (given === undefined) return 0;
  const bytes = typeof given === "string" ? bytesIn(given) : given;
  if (
    typeof bytes !== "number" ||
    !(bytes >= MIN_BYTES && bytes <= Number.MAX_SAFE_INTEGER)
  )
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      "maxMemory",
      'bytes, or a text as "64mb", and at least 1mb',
      inspect(given),
    );
  return Math.floor(bytes);
}

function bytesIn(text: string): number {
  const parts = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const unit = parts?.[2]?.toLowerCase() || "b";
  return Number(parts?.[1]) * (UNITS[unit] ?? NaN);
}

// The options of a tail, checked, and the place in a log that it begins at or has come to. What is read from there is not known here.
import { checkNames } from "../option-names.ts";
import { checkInteger, checkOneOf, checkOption } from "../option-values.ts";
import {
  lastingNames,
  lastingOptions,
  type LastingOptions,
} from "../lasting-options.ts";
import type { RequestOptions } from "../request-options.ts";

/**
 * A position in a log, as JSON. It is found again even if the file has been renamed, as long as the file exists. `before` holds the last bytes
 * before the position, in base64: a file with other bytes there is not the one that was read.
 */
export interface TailPosition {
  ino: string;
  birth: string;
  offset: number;
  before: string;
  /** Birth time of the youngest other file of the log that the tail knew: younger files have not been read. Optional. */
  seen?: string | undefined;
}

export interface TailOptions
  extends LastingOptions, Pick<RequestOptions, "signal"> {
  /** Waits for more at the end of the log, across rotations. Default: false, which ends at the current end. */
  follow?: boolean | undefined;
  /** Where to start: `"start"` (the default) or `"end"` of the current file, an offset in it, or the `position` of an earlier tail. */
  from?: "start" | "end" | number | TailPosition | undefined;
  /** What the iteration returns: `"lines"` (the default), without line endings, or `"bytes"` in pieces of any size. */
  as?: "lines" | "bytes" | undefined;
  /** The encoding of lines; null returns Buffers. Default: `"utf8"`. */
  encoding?: BufferEncoding | null | undefined;
  /** Maximum length of a line; a longer one ends the tail with ERR_EIO_TOO_LARGE. Default: 16 MiB. */
  maxLineBytes?: number | undefined;
  /** Interval in milliseconds at which the file is checked even without a notification. Default: 500. */
  pollMs?: number | undefined;
  /** Returns whether a name in the log's folder is an earlier file of the log. Default: the log's own name with a number, a date, `old`, `bak` or `prev`. */
  rotated?: ((name: string) => boolean) | undefined;
}

export interface ReadTailOptions {
  follow: boolean;
  from: "start" | "end" | number | TailPosition;
  lines: boolean;
  encoding: BufferEncoding | null;
  maxLineBytes: number;
  pollMs: number;
  rotated: ((name: string) => boolean) | undefined;
  signal: AbortSignal | undefined;
  /** For each of its calls. */
  call: RequestOptions;
}

const MAX_LINE_BYTES = 16 << 20;
const POLL_MS = 500;
const POLL_MAX_MS = 0x7fffffff;
const own = {
  follow: true,
  from: true,
  as: true,
  encoding: true,
  maxLineBytes: true,
  pollMs: true,
  rotated: true,
  signal: true,
} satisfies Record<Exclude<keyof TailOptions, keyof LastingOptions>, true>;
const names = [...Object.keys(own), ...lastingNames];

export function readTailOptions(options: TailOptions): ReadTailOptions {
  checkNames(options, names);
  const { follow = false, from = "start", as = "lines" } = options;
  const { encoding = "utf8", rotated, signal } = options;
  const { maxLineBytes = MAX_LINE_BYTES, pollMs = POLL_MS } = options;
  checkOption("follow", follow, typeof follow === "boolean", "a boolean");
  checkOption(
    "from",
    from,
    isPlace(from),
    '"start", "end", an offset or a position',
  );
  checkOneOf("as", as, ["lines", "bytes"]);
  const decodes = encoding === null || Buffer.isEncoding(encoding);
  checkOption("encoding", encoding, decodes, "an encoding or null");
  const calls = rotated === undefined || typeof rotated === "function";
  checkOption("rotated", rotated, calls, "a function");
  checkInteger("maxLineBytes", maxLineBytes, 1, Number.MAX_SAFE_INTEGER);
  checkInteger("pollMs", pollMs, 1, POLL_MAX_MS);
  const lines = as === "lines";
  return {
    ...{ follow, from, lines, encoding, maxLineBytes, pollMs, rotated, signal },
    call: { ...lastingOptions(options), signal },
  };
}

function isPlace(from: unknown): boolean {
  if (from === "start" || from === "end") return true;
  if (typeof from !== "object" || from === null) return isOffset(from);
  const { ino, birth, offset, before, seen } = from as Record<string, unknown>;
  const isNumber = (text: unknown): boolean => /^\d+$/.test(String(text));
  const isText = typeof before === "string";
  const knows = seen === undefined || isNumber(seen);
  return (
    isNumber(ino) && isNumber(birth) && isOffset(offset) && isText && knows
  );
}

const isOffset = (value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0;

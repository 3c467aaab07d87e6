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
 * A place in a log, as JSON: it is found again in whatever the file is called by then, if it is kept. `before` holds the last bytes
 * in front of it, in base64: a file that has others there is not the one that was read.
 */
export interface TailPosition {
  ino: string;
  birth: string;
  offset: number;
  before: string;
}

export interface TailOptions
  extends LastingOptions, Pick<RequestOptions, "signal"> {
  /** Waits for more at the end, over every rotation; by default what is there now is all. */
  follow?: boolean | undefined;
  /** Where it begins: `"start"` (the default) or `"end"` of the file that is there now, an offset in it, or where another tail had come to. */
  from?: "start" | "end" | number | TailPosition | undefined;
  /** What it gives: `"lines"` (the default), without their ends, or `"bytes"` as they come. */
  as?: "lines" | "bytes" | undefined;
  /** Of lines: `"utf8"` by default; null gives them as Buffers. */
  encoding?: BufferEncoding | null | undefined;
  /** A line that is longer ends the tail with ERR_EIO_TOO_LARGE; 16 MiB by default. */
  maxLineBytes?: number | undefined;
  /** Milliseconds after which it looks without having been notified; 500 by default. */
  pollMs?: number | undefined;
  /** Whether a name in the log's folder is that of an earlier file of it; by default the log's own name with a number, a date or `old` behind it. */
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
  const { ino, birth, offset, before } = from as Record<string, unknown>;
  const isNumber = (text: unknown): boolean => /^\d+$/.test(String(text));
  const isText = typeof before === "string";
  return isNumber(ino) && isNumber(birth) && isOffset(offset) && isText;
}

const isOffset = (value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0;

// Everything that is left of an open file, read or written from the current position on: one
// request where it fits, piece by piece where not.
import { ops } from "../../ops/table.ts";
import { AbortError } from "../../request/errors.ts";
import type { Request } from "../../request/request.ts";
import { readsOtherwise, slurpRequest } from "../calls/read-file.ts";
import { bytesOf } from "../calls/write-file.ts";
import { REFUSED, acceptEncoding } from "../encoding.ts";
import { applyOptions, checkSignal } from "../request-options.ts";
import { invalidState } from "../handle/errors.ts";
import { deadlineOf, transferAll, type Target } from "./pieces.ts";
import { decodeCount } from "../../request/results.ts";

/** Node would write from memory that is somebody else's by now. */
const GONE = "The data was detached before it was written";

const writing = { code: ops.write.code, decode: decodeCount };

/** null: not taken. */
export function prepareReadRest(options: unknown): Request | null {
  if (typeof options === "function") options = undefined;
  const encoding = acceptEncoding(options, "buffer");
  if (encoding === REFUSED || readsOtherwise(options)) return null;
  const request = slurpRequest(
    ops.slurpFd.code,
    encoding === "buffer" ? undefined : encoding,
  );
  applyOptions(request, options);
  return request;
}

/**
 * Node's readFile makes several trips and looks at its signal in between: an abort that comes in
 * the turn after the call is always seen. Ours may be done before that turn.
 */
export async function notAbortedInTurn(signal: AbortSignal): Promise<void> {
  await new Promise(setImmediate);
  if (signal.aborted) throw new AbortError(signal.reason);
}

type Chunks = AsyncIterable<unknown> | Iterable<unknown>;

interface WriteRestOptions {
  encoding?: unknown;
  flush?: unknown;
  signal?: AbortSignal;
}

export interface Data {
  data: Uint8Array | Chunks;
  encoding: BufferEncoding;
  options: WriteRestOptions | undefined;
}

function isChunks(data: unknown): data is Chunks {
  if (typeof data !== "object" || data === null) return false;
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}

/** null: not taken. */
export function prepareData(data: unknown, options: unknown): Data | null {
  if (typeof options === "function") options = undefined;
  const encoding = acceptEncoding(options, "utf8");
  if (encoding === REFUSED || encoding === "buffer") return null;
  const told =
    typeof options === "object" && options !== null
      ? (options as WriteRestOptions)
      : undefined;
  const flush = told?.flush ?? false;
  if (typeof flush !== "boolean") return null;
  if (told?.signal !== undefined) checkSignal(told.signal);
  const bytes = bytesOf(data, encoding);
  if (bytes !== null) return { data: bytes, encoding, options: told };
  return isChunks(data) ? { data, encoding, options: told } : null;
}

/** Writes all, however often the system takes only a part. */
export async function writeRest(
  target: Target,
  { data, encoding, options }: Data,
): Promise<void> {
  const left = deadlineOf(options);
  target.owner?.hold();
  try {
    if (data instanceof Uint8Array) return await writeAll(target, data, left);
    for await (const chunk of data) {
      checkAborted(options);
      const bytes = ArrayBuffer.isView(chunk)
        ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.from(chunk as string, encoding);
      await writeAll(target, bytes, left);
      checkAborted(options);
    }
  } finally {
    target.owner?.drop();
  }
}

async function writeAll(
  target: Target,
  bytes: Uint8Array,
  left: () => unknown,
): Promise<void> {
  const { byteLength } = bytes;
  let done = 0;
  while (done < byteLength) {
    if (bytes.byteLength < byteLength) throw invalidState(GONE);
    done += await transferAll(
      target,
      writing,
      bytes.subarray(done),
      -1,
      left(),
    );
  }
}

function checkAborted(options: WriteRestOptions | undefined): void {
  const signal = options?.signal;
  if (signal?.aborted) throw new AbortError(signal.reason);
}

// Everything that is left of an open file, read or written from the current position on: one request where it fits,
// piece by piece where not. It does not know who opened it, or whether the caller gets a promise.
import { ops } from "../../ops/table.ts";
import { AbortError, errnoOf, systemError } from "../../request/errors.ts";
import { Request } from "../../request/request.ts";
import { decodeNone } from "../../request/results.ts";
import { readsOtherwise, slurpRequest } from "../files/read-file.ts";
import { bytesOf } from "./buffers.ts";
import { REFUSED, acceptEncoding } from "../encoding.ts";
import { orEnd } from "../or-end.ts";
import { promised, settlePromise } from "../submit.ts";
import { applyTerms, type RequestWithTerms, type Terms } from "../terms.ts";
import { invalidState } from "../handles/errors.ts";
import { transferAll, writing, type Target } from "./transfers.ts";
import { setImmediate } from "../../util/node-timers.ts";

/** Node would write from memory that is somebody else's by now. */
const GONE = "The data was detached before it was written";

/** null: not taken. The terms are read when it is known that it is. */
export function prepareReadRest(
  options: unknown,
  terms: () => Terms,
): RequestWithTerms | null {
  if (typeof options === "function") options = undefined;
  const encoding = acceptEncoding(options, "buffer");
  if (encoding === REFUSED || readsOtherwise(options)) return null;
  const request = slurpRequest(
    ops.slurpFd.code,
    encoding === "buffer" ? undefined : encoding,
  );
  return applyTerms(request, terms());
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

export interface Data {
  data: Uint8Array | Chunks;
  encoding: BufferEncoding;
  /** Whether it is to be brought to the disk. */
  flush: boolean;
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
  const flush = (Object(options ?? {}) as { flush?: unknown }).flush ?? false;
  if (typeof flush !== "boolean") return null;
  const bytes = bytesOf(data, encoding);
  if (bytes !== null) return { data: bytes, encoding, flush };
  return isChunks(data) ? { data, encoding, flush } : null;
}

/** Writes all, however often the system takes only a part. */
export async function writeRest(
  target: Target,
  { data, encoding }: Data,
  terms: Terms,
): Promise<void> {
  terms.throwIfAborted();
  target.owner?.hold();
  try {
    if (data instanceof Uint8Array) return await writeAll(target, data, terms);
    let isOver = false;
    const writing = writeChunks(target, data, encoding, terms, () => isOver);
    try {
      await orEnd(terms, timedOut, writing);
    } catch (error) {
      isOver = true;
      // Node destroys one whose reader stops; one that gives nothing meanwhile does not notice.
      if (isStream(data)) data.destroy();
      throw error;
    }
  } finally {
    target.owner?.drop();
  }
}

const isStream = (data: object): data is { destroy(): void } =>
  "pipe" in data && "destroy" in data;

const timedOut = (): Error => systemError(errnoOf("ETIMEDOUT"), "write");

/** Whoever gives the chunks may never give the next one: what has ended meanwhile writes nothing of it. */
async function writeChunks(
  target: Target,
  chunks: Chunks,
  encoding: BufferEncoding,
  terms: Terms,
  isOver: () => boolean,
): Promise<void> {
  for await (const chunk of chunks) {
    if (isOver()) return;
    terms.throwIfAborted();
    const bytes = ArrayBuffer.isView(chunk)
      ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : Buffer.from(chunk as string, encoding);
    await writeAll(target, bytes, terms, isOver);
    terms.throwIfAborted();
  }
}

async function writeAll(
  target: Target,
  bytes: Uint8Array,
  terms: Terms,
  isOver = (): boolean => false,
): Promise<void> {
  const { byteLength } = bytes;
  let done = 0;
  // The descriptor may be closed when it is over.
  while (done < byteLength && !isOver()) {
    if (bytes.byteLength < byteLength) throw invalidState(GONE);
    done += await transferAll(target, writing, bytes.subarray(done), -1, terms);
  }
}

/** A handle's writeFile takes no notice of `flush`; that of a descriptor does, as in Node. */
export async function writeAndSync(
  target: Target,
  prepared: Data,
  terms: Terms,
): Promise<void> {
  await writeRest(target, prepared, terms);
  const { data } = prepared;
  // Node writes nothing, too: the descriptor may not be one to write to.
  if (data instanceof Uint8Array && data.byteLength === 0)
    await transferAll(target, writing, data, -1, terms);
  if (!prepared.flush) return;
  const request = new Request(ops.fsync.code, decodeNone, settlePromise);
  request.fd = target.fd;
  request.owner = target.owner;
  await promised(target.engine, applyTerms(request, terms));
}

// sendFile: a file, or a part of it, as the body of a response or into a socket. It chooses the way
// (one write, the kernel's own sending, a stream) and keeps the target's rules; each way is elsewhere.
import type { PathLike } from "node:fs";
import type { OutgoingHttpHeader } from "node:http";
import type { Socket } from "node:net";
import type { Submitter } from "../submitter.ts";
import { AbortError } from "../../request/errors.ts";
import { misuseError } from "../../util/errors.ts";
import { invalidArgType, outOfRange } from "../argument-errors.ts";
import { ownOptions } from "../misspelt.ts";
import type { RequestOptions } from "../request-options.ts";
import { termsOf, type Terms } from "../terms.ts";
import { giveUp, placeholder } from "./placeholder.ts";
import { Sending } from "./sending.ts";
import { pump } from "./pump.ts";
import { sourceOf, type OpenFile, type Source } from "./source.ts";
import { serialize } from "./serialize.ts";
import {
  checkTarget,
  responseOf,
  routeOf,
  takesNoBody,
  whenOver,
  type ResponseLike,
  type Target,
} from "./target.ts";

/** Up to here a body is read and written together with its headers: see docs/decisions.md. */
export const ONE_WRITE_MAX_BYTES = 8 << 10;

export interface SendFileOptions extends Omit<
  RequestOptions,
  "timeout" | "destWd"
> {
  /** The first byte, as in createReadStream; 0 by default. */
  start?: number | undefined;
  /** The last byte, as in createReadStream; that of the file by default. */
  end?: number | undefined;
  /** The length of the file, where it is known already: then it is taken to be a regular file. */
  size?: number | undefined;
  /** Set on a response whose headers have not gone yet; content-length is set by itself. */
  headers?: Record<string, OutgoingHttpHeader> | undefined;
  /** Whether the target is ended afterwards: a response is, a socket is not by default. */
  finish?: boolean | undefined;
}

/** Options of every call are passed to many calls at once. */
const checkOptions = ownOptions<SendFileOptions & RequestOptions>({
  start: true,
  end: true,
  size: true,
  headers: true,
  finish: true,
});

/** A FileHandle, a descriptor, or a path. */
export type SendFileSource = PathLike | OpenFile;

/**
 * Sends a file and returns how many bytes of it went. It rejects with what went wrong: before the
 * first byte the target is as it was, later it is destroyed, as a stream's would be.
 */
export async function sendFile(
  engine: () => Submitter,
  target: Target,
  file: SendFileSource,
  options: SendFileOptions = {},
): Promise<number> {
  checkOptions(options);
  checkTarget(target);
  checkPlace("start", options.start);
  checkPlace("end", options.end);
  checkPlace("size", options.size);
  // How long it takes is up to the reader; a socket has a timeout of its own.
  const terms = termsOf(engine(), { ...options, timeout: undefined });
  terms.throwIfAborted();
  const opening = sourceOf(engine, file, options.size, terms);
  // It may fail before its turn, and is asked then.
  opening.catch(() => {});
  return await serialize(target, async () => {
    const source = await opening;
    try {
      // It may have gone, or have been ended, while the file was opened.
      checkTarget(target);
      return await send(engine, target, source, options, terms);
    } finally {
      await source.close();
    }
  });
}

async function send(
  engine: () => Submitter,
  target: Target,
  source: Source,
  options: SendFileOptions,
  terms: Terms,
): Promise<number> {
  const response = responseOf(target);
  const finish = options.finish ?? response !== null;
  const range = rangeOf(source.size, options);
  if (range !== null && range.bytes > 0 && range.bytes <= ONE_WRITE_MAX_BYTES) {
    const skip = response !== null && takesNoBody(response);
    const body = skip ? null : await source.read(range.start, range.bytes);
    if (body !== null && body.byteLength < range.bytes)
      throw misuseError("ERR_EIO_FILE_CHANGED", range.bytes, body.byteLength);
    checkTarget(target);
    setHeaders(response, range.bytes, options);
    return await writeAll(target, body, finish);
  }
  setHeaders(response, range?.bytes ?? null, options);
  const nothing = range?.bytes === 0;
  if (nothing || (response !== null && takesNoBody(response)))
    return await writeAll(target, null, finish);
  // The kernel sends from the page cache, and leaves there what it sends.
  if (range !== null && source.sendable && !terms.dropsCache) {
    const route = routeOf(target);
    if ("socket" in route)
      return await sendNatively(engine, target, route.socket, {
        ...{ source, finish, terms },
        ...range,
      });
  }
  return await sendAsStream(target, source, range, terms, finish);
}

interface Range {
  start: number;
  bytes: number;
}

/** null: all that comes. */
function rangeOf(size: number, options: SendFileOptions): Range | null {
  if (size === -1) return null;
  const start = Math.min(options.start ?? 0, size);
  const last = Math.min(options.end ?? size - 1, size - 1);
  return { start, bytes: Math.max(0, last - start + 1) };
}

function setHeaders(
  response: ResponseLike | null,
  bytes: number | null,
  { headers }: SendFileOptions,
): void {
  if (response === null || response.headersSent) return;
  for (const [name, value] of Object.entries(headers ?? {}))
    response.setHeader(name, value);
  const hasLength =
    response.hasHeader("content-length") ||
    response.hasHeader("transfer-encoding");
  if (bytes !== null && !hasLength) response.setHeader("content-length", bytes);
}

/** Writes and waits until the system has it. */
function writeAll(
  target: Target,
  data: Buffer | null,
  finish: boolean,
): Promise<number> {
  const bytes = data?.byteLength ?? 0;
  return new Promise((resolve, reject) => {
    const stop = whenOver(target, (error) => done(error));
    const done = (error?: Error | null): void => {
      stop();
      if (error) reject(error);
      else resolve(bytes);
    };
    if (finish) {
      if (data === null) target.end();
      else target.end(data);
    } else if (data === null) done();
    else target.write(data, done);
  });
}

interface Native extends Range {
  source: Source;
  finish: boolean;
  terms: Terms;
}

async function sendNatively(
  engine: () => Submitter,
  target: Target,
  socket: Socket,
  { source, start, bytes, finish, terms }: Native,
): Promise<number> {
  const { signal } = terms;
  const { fd, owner } = source;
  const sending = new Sending(engine, { fd, owner, start, bytes, terms });
  const sent = await new Promise<number>((resolve, reject) => {
    const abort = (): void => {
      target.destroy(new AbortError(signal!.reason));
    };
    const chunk = placeholder(socket, sending, (error) => {
      signal?.removeEventListener("abort", abort);
      if (error !== null)
        return reject(signal?.aborted ? new AbortError(signal.reason) : error);
      resolve(sending.sent);
    });
    signal?.addEventListener("abort", abort, { once: true });
    const notSent = (error?: Error | null): void =>
      giveUp(socket, sending, error);
    try {
      // Node calls back also where it has thrown the chunk away.
      target.write(chunk, notSent);
    } catch (error) {
      notSent(error as Error);
    }
  });
  // Not before: server.close() takes a response that was ended for one that is out.
  if (finish) endOrDestroy(target);
  return sent;
}

/** Node's HTTP throws where a response got other bytes than it promised. */
function endOrDestroy(target: Target): void {
  try {
    target.end();
  } catch (error) {
    target.destroy(error as Error);
    throw error;
  }
}

async function sendAsStream(
  target: Target,
  source: Source,
  range: Range | null,
  { signal }: Terms,
  finish: boolean,
): Promise<number> {
  let sent: number;
  try {
    sent = await pump(target, source, range, signal);
    if (range !== null && sent < range.bytes)
      throw misuseError("ERR_EIO_FILE_CHANGED", range.bytes, sent);
  } catch (error) {
    // Part of it may have gone: nothing that follows would be understood.
    target.destroy(error as Error);
    throw error;
  }
  if (finish) await writeAll(target, null, true);
  return sent;
}

function checkPlace(name: string, value: unknown): void {
  if (value === undefined) return;
  if (typeof value !== "number")
    throw invalidArgType(`options.${name}`, "of type number", value);
  if (!Number.isSafeInteger(value) || value < 0)
    throw outOfRange(
      `options.${name}`,
      `>= 0 && <= ${Number.MAX_SAFE_INTEGER}`,
      value,
    );
}

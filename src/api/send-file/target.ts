// Where a file goes: a response or a socket, and whether that is one that the kernel can write to past
// Node's streams. It knows Node's classes, and nothing of files.
import { OutgoingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { finished, type Writable } from "node:stream";
import { loadNative } from "../../backends/native.ts";
import { coded, invalidArgType } from "../argument-errors.ts";
import { whenClosed } from "./connection.ts";
import { isEquipped } from "./placeholder.ts";
import { gone } from "./sending.ts";

/** What a response has beyond a stream; that of HTTP/2's compatibility API has it, too. */
export interface ResponseLike extends Writable {
  readonly headersSent: boolean;
  readonly req?: { method?: string; socket?: Socket };
  readonly socket?: Socket | null;
  setHeader(name: string, value: number | string | readonly string[]): unknown;
  hasHeader(name: string): boolean;
}
export type Target = Writable;

export function checkTarget(target: unknown): asserts target is Target {
  const { write, end, on } = (target ?? {}) as Record<string, unknown>;
  const isStream = [write, end, on].every(
    (member) => typeof member === "function",
  );
  if (!isStream)
    throw invalidArgType(
      "target",
      "an instance of ServerResponse, Socket or Writable",
      target,
    );
  const { destroyed, writableEnded } = target as Target;
  if (destroyed)
    throw coded(
      new Error("Cannot call sendFile after a stream was destroyed"),
      "ERR_STREAM_DESTROYED",
    );
  if (writableEnded)
    throw coded(new Error("write after end"), "ERR_STREAM_WRITE_AFTER_END");
}

/** The response that the target is, or null. */
export function responseOf(target: Target): ResponseLike | null {
  const { setHeader, hasHeader } = target as Partial<ResponseLike>;
  return typeof setHeader === "function" && typeof hasHeader === "function"
    ? (target as ResponseLike)
    : null;
}

/** Calls `listener` when the target is finished, has failed or has gone; returns what takes it away again. */
export function whenOver(
  target: Target,
  listener: (error?: Error | null) => void,
): () => void {
  const cleanup = finished(target, { readable: false }, listener);
  const { req, socket } = target as Partial<ResponseLike>;
  if (socket || !(req?.socket instanceof Socket)) return cleanup;
  // It waits in a pipeline.
  const waited = req.socket;
  const stop = whenClosed(waited, () => listener(gone(waited)));
  return () => (cleanup(), stop());
}

/** Node writes no body for these, whatever it is given. */
export function takesNoBody(response: ResponseLike): boolean {
  const { statusCode } = response as { statusCode?: number };
  return (
    response.req?.method === "HEAD" || statusCode === 204 || statusCode === 304
  );
}

export type Route = { socket: Socket } | { why: string };

/** The socket that the file may be sent to, or why it goes through a stream. */
export function routeOf(target: Target): Route {
  const native = loadNative();
  if (native.addon === null) return { why: native.reason };
  if (target instanceof Socket) return socketRoute(target);
  if (!(target instanceof OutgoingMessage))
    return { why: "the target is neither a response of HTTP/1 nor a socket" };
  for (const name of ["write", "end", "_send", "_writeRaw"] as const)
    if (isWrapped(target, OutgoingMessage.prototype, name))
      return { why: `somebody has replaced ${name}() of the response` };
  // A response that waits in a pipeline has no socket of its own yet.
  const own = target.socket ?? (target as Partial<ResponseLike>).req?.socket;
  if (!own) return { why: "the message has no socket yet" };
  if (!(target instanceof ServerResponse))
    return { why: "the target is a request" };
  return own instanceof Socket
    ? socketRoute(own)
    : { why: "the response's socket is none of Node's" };
}

type Members = Record<string, unknown>;

function isWrapped(object: object, by: object, name: string): boolean {
  return (object as Members)[name] !== (by as Members)[name];
}

interface Handled {
  _handle?: { fd?: number; constructor: { name: string } } | null;
}

function socketRoute(socket: Socket): Route {
  if ((socket as { encrypted?: boolean }).encrypted)
    return { why: "the connection is encrypted" };
  const handle = (socket as Handled)._handle;
  if (!handle || !["TCP", "Pipe"].includes(handle.constructor.name))
    return { why: "the socket is none of the system's" };
  if (typeof handle.fd !== "number" || handle.fd < 0)
    return { why: "the socket has no descriptor" };
  const names = ["write", "_writeGeneric"];
  if (!isEquipped(socket)) names.push("_write", "_writev");
  for (const name of names)
    if (isWrapped(socket, Socket.prototype, name))
      return { why: `somebody has replaced ${name}() of the socket` };
  return { socket };
}

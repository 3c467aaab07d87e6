// A file as the answer to a request: its headers, whether the client has it already, and the parts of
// it that were requested. It knows the open file, not where it lies.
import { randomInt } from "node:crypto";
import type { Stats } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { finished } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { FileHandle } from "node-eio";
import { HttpError } from "./http-error.ts";
import type { Settings } from "./options.ts";
import { contentRange, parseRanges, type ByteRange } from "./ranges.ts";
import {
  etagOf,
  mayUseRange,
  modifiedOf,
  precondition,
  type Version,
} from "./validators.ts";

export interface Entity {
  /** As the client knows it. */
  path: string;
  handle: FileHandle;
  stats: Stats;
  type: string;
  coding: string | null;
  /** Whether there may be other codings of it. */
  varies: boolean;
}

export async function sendEntity(
  settings: Settings,
  request: IncomingMessage,
  response: ServerResponse,
  entity: Entity,
): Promise<void> {
  const { stats, varies } = entity;
  const { method = "GET", headers } = request;
  const version = versionOf(settings, entity);
  const outcome = precondition(method, headers, version);
  if (outcome === 412) throw new HttpError(412);
  const fields = headersOf(settings, entity, version);
  for (const [name, value] of Object.entries(fields))
    response.setHeader(name, value);
  if (varies) addVary(response, "Accept-Encoding");
  if (outcome === 304) {
    response.statusCode = 304;
    return await ended(response);
  }
  response.setHeader("content-type", entity.type);
  if (entity.coding !== null)
    response.setHeader("content-encoding", entity.coding);
  if (settings.maxRanges > 0) response.setHeader("accept-ranges", "bytes");
  const ranges = rangesOf(settings, request, version, stats.size);
  if (ranges === null) {
    response.statusCode = 200;
    const { size } = stats;
    await settings.eio.sendFile(response, entity.handle, { size });
  } else if (ranges.length === 1)
    await sendRange(settings, response, entity, ranges[0]!);
  else await sendRanges(settings, request, response, entity, ranges);
}

function versionOf(settings: Settings, { stats, coding }: Entity): Version {
  return {
    etag: settings.etag ? etagOf(stats, coding) : null,
    modifiedMs: settings.lastModified ? modifiedOf(stats) : null,
  };
}

/** What goes with a 304, too. */
function headersOf(
  settings: Settings,
  { path, stats }: Entity,
  { etag, modifiedMs }: Version,
): Record<string, string> {
  const cacheControl = settings.cacheControl(path, stats);
  return {
    ...settings.headers,
    ...(cacheControl === undefined ? {} : { "cache-control": cacheControl }),
    ...(etag === null ? {} : { etag }),
    ...(modifiedMs === null
      ? {}
      : { "last-modified": new Date(modifiedMs).toUTCString() }),
    "x-content-type-options": "nosniff",
  };
}

function addVary(response: ServerResponse, name: string): void {
  const there = String(response.getHeader("vary") ?? "");
  const names = there.toLowerCase().split(/\s*,\s*/);
  if (names.includes("*") || names.includes(name.toLowerCase())) return;
  response.setHeader("vary", there === "" ? name : `${there}, ${name}`);
}

/** null: the whole file. */
function rangesOf(
  { maxRanges }: Settings,
  { method, headers }: IncomingMessage,
  version: Version,
  size: number,
): ByteRange[] | null {
  const { range } = headers;
  // Of no other method does HTTP say what a part would be.
  if (range === undefined || method !== "GET" || maxRanges === 0) return null;
  if (!mayUseRange(headers, version)) return null;
  const ranges = parseRanges(range, size, maxRanges);
  if (ranges === "whole") return null;
  if (ranges === "none")
    throw new HttpError(416, { "content-range": `bytes */${size}` });
  return ranges;
}

async function sendRange(
  { eio }: Settings,
  response: ServerResponse,
  { handle, stats }: Entity,
  range: ByteRange,
): Promise<void> {
  response.statusCode = 206;
  response.setHeader("content-range", contentRange(range, stats.size));
  const { size } = stats;
  await eio.sendFile(response, handle, { ...range, size });
}

const BOUNDARY_DIGITS = 20;
const DIGITS_AT_ONCE = 10;

async function sendRanges(
  { eio }: Settings,
  request: IncomingMessage,
  response: ServerResponse,
  { handle, stats, type }: Entity,
  ranges: ByteRange[],
): Promise<void> {
  const digits = (): string =>
    String(randomInt(10 ** DIGITS_AT_ONCE)).padStart(DIGITS_AT_ONCE, "0");
  let boundary = "";
  while (boundary.length < BOUNDARY_DIGITS) boundary += digits();
  const heads = ranges.map(
    (range) =>
      `\r\n--${boundary}\r\nContent-Type: ${type}\r\n` +
      `Content-Range: ${contentRange(range, stats.size)}\r\n\r\n`,
  );
  const tail = `\r\n--${boundary}--\r\n`;
  const bytes = ranges.reduce(
    (sum, { start, end }, i) =>
      sum + Buffer.byteLength(heads[i]!) + end - start + 1,
    tail.length,
  );
  response.statusCode = 206;
  response.setHeader(
    "content-type",
    `multipart/byteranges; boundary=${boundary}`,
  );
  response.setHeader("content-length", bytes);
  const { size } = stats;
  for (const [i, range] of ranges.entries()) {
    response.write(heads[i]!);
    await eio.sendFile(response, handle, { ...range, size, finish: false });
  }
  response.write(tail);
  await ended(response);
}

/** A page, or another small text. */
export function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string>,
): void {
  const body = Buffer.from(text);
  setHeaders(response, status, body.byteLength, headers);
  response.end(request.method === "HEAD" ? undefined : body);
}

/** The pieces of a page, no faster than the client takes them. */
export async function sendPieces(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  pieces: Buffer[],
  headers: Record<string, string>,
): Promise<void> {
  const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  setHeaders(response, status, bytes, headers);
  if (request.method === "HEAD") response.end();
  else await pipeline(pieces, response);
}

function setHeaders(
  response: ServerResponse,
  status: number,
  bytes: number,
  headers: Record<string, string>,
): void {
  // Those of a file that is not sent after all.
  for (const name of [
    "content-encoding",
    "cache-control",
    "etag",
    "last-modified",
    "accept-ranges",
    "content-range",
  ])
    response.removeHeader(name);
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers))
    response.setHeader(name, value);
  response.setHeader("content-length", bytes);
}

function ended(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    finished(response, { readable: false }, (error) =>
      error ? reject(error) : resolve(),
    );
    response.end();
  });
}

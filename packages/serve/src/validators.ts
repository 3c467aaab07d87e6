// Which version of a file this is, and what a request's conditions say of it (RFC 9110, 13). It knows
// headers and two facts about a file, its length and its time.
import type { IncomingHttpHeaders } from "node:http";

export interface Version {
  /** A strong tag, with its quotes; null for none. */
  etag: string | null;
  /** Whole seconds, as HTTP has them, in ms; null for none. */
  modifiedMs: number | null;
}

export interface Stamp {
  size: number;
  mtimeMs: number;
}

const MS_PER_S = 1000;

/** Time and length, and the coding: another one is another thing. */
export function etagOf(
  { size, mtimeMs }: Stamp,
  coding: string | null,
): string {
  const us = Math.round(mtimeMs * 1000);
  const tail = coding === null ? "" : `-${coding}`;
  return `"${us.toString(16)}-${size.toString(16)}${tail}"`;
}

/** A file from the future is not newer than now: no client could ever ask for what is later. */
export function modifiedOf({ mtimeMs }: Stamp, nowMs = Date.now()): number {
  return Math.floor(Math.min(mtimeMs, nowMs) / MS_PER_S) * MS_PER_S;
}

/** What to respond with: the file, that the client has it, or that it is not what the client meant. */
export function precondition(
  method: string,
  headers: IncomingHttpHeaders,
  version: Version,
): 200 | 304 | 412 {
  const match = headers["if-match"];
  if (match !== undefined) {
    if (!matches(match, version.etag, true)) return 412;
  } else if (isAfter(version, dateOf(headers["if-unmodified-since"])))
    return 412;
  const readOnly = method === "GET" || method === "HEAD";
  const noneMatch = headers["if-none-match"];
  if (noneMatch !== undefined) {
    if (!matches(noneMatch, version.etag, false)) return 200;
    return readOnly ? 304 : 412;
  }
  const since = dateOf(headers["if-modified-since"]);
  if (!readOnly || since === null || version.modifiedMs === null) return 200;
  return isAfter(version, since) ? 200 : 304;
}

/** Whether the range is of the version that the client has; without a condition it is. */
export function mayUseRange(
  headers: IncomingHttpHeaders,
  { etag, modifiedMs }: Version,
): boolean {
  const condition = headers["if-range"];
  if (condition === undefined) return true;
  // In Node's types it may be given several times; it is not in HTTP.
  const text = String(condition).trim();
  if (text.endsWith('"')) return etag !== null && text === etag;
  const date = dateOf(text);
  return date !== null && date === modifiedMs;
}

function isAfter({ modifiedMs }: Version, date: number | null): boolean {
  return date !== null && modifiedMs !== null && modifiedMs > date;
}

const TAG = /[\s,]*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?=,|$)/y;

/** A list of tags, or `*`: anything that is there. */
function matches(list: string, etag: string | null, strong: boolean): boolean {
  if (list.trim() === "*") return true;
  TAG.lastIndex = 0;
  for (let found; (found = TAG.exec(list)) !== null;) {
    const [, weak, tag] = found;
    if (tag === etag && !(strong && weak)) return true;
  }
  return false;
}

const DATE =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/;

/** One of HTTP's three forms of a date; null for anything else. */
export function dateOf(text: string | undefined): number | null {
  if (text === undefined || !DATE.test(text.trim())) return null;
  const isUtc = text.includes("GMT");
  const ms = Date.parse(isUtc ? text : `${text} GMT`);
  return Number.isNaN(ms) ? null : ms;
}

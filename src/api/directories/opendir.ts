// fs.opendir as a request: one hop lists the folder, and a Dir hands out its entries. It does not know how a Dir
// hands them out.
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { acceptPath } from "../arguments.ts";
import { invalidArgType, outOfRange } from "../argument-errors.ts";
import { REFUSED, acceptEncoding } from "../encoding.ts";
import type { Prepare } from "../call-forms.ts";
import { promised, settlePromise } from "../submit.ts";
import type { Submitter } from "../submitter.ts";
import { applyTerms, termsOf, type Terms } from "../terms.ts";
import { Dir, type DirOptions, type ListMore } from "./dir.ts";
import { asListing, decodeEntries, type Listing } from "./listing.ts";

const BUFFER_SIZE = 32;
const BUFFER_SIZE_NAME = "options.bufferSize";
const UINT32_MAX = 0xffffffff;

/** Node's own refuses what is not taken. */
export const opendir: Prepare = ([path, options], engine) => {
  const taken = acceptPath(path);
  const encoding = acceptEncoding(options, "utf8");
  if (taken === null || encoding === REFUSED) return null;
  const given = {
    bufferSize: BUFFER_SIZE,
    ...(typeof options === "object" ? options : {}),
  } as { bufferSize: unknown; recursive?: unknown };
  const bufferSize = checkBufferSize(given.bufferSize);
  const terms = termsOf(engine(), options);
  const request = listRequest(taken);
  request.context = {
    path: path instanceof URL ? taken : path,
    encoding,
    bufferSize,
    recursive: Boolean(given.recursive),
    more: (below) => listMore(engine(), below, terms.withoutEnd),
    start: terms.wd,
  } satisfies DirOptions;
  request.present = makeDir;
  return applyTerms(request, terms);
};

/** Refused here: Node's own throws it where nobody can catch it, and the process ends. */
function checkBufferSize(size: unknown): number {
  if (typeof size !== "number")
    throw invalidArgType(BUFFER_SIZE_NAME, "of type number", size);
  if (!Number.isInteger(size))
    throw outOfRange(BUFFER_SIZE_NAME, "an integer", size);
  if (size < 1 || size > UINT32_MAX)
    throw outOfRange(BUFFER_SIZE_NAME, `>= 1 && <= ${UINT32_MAX}`, size);
  return size;
}

function listRequest(path: string | Uint8Array): Request {
  const request = new Request(ops.opendir.code, decodeEntries, settlePromise);
  request.path = path;
  return request;
}

const listingOf = ({ value, result }: Request): Listing =>
  asListing(value, result, true);

function makeDir(request: Request): Dir {
  return new Dir(listingOf(request), request.context as DirOptions);
}

/** The opening is over by then: what ended that does not end the reading. */
function listMore(
  engine: Submitter,
  path: string,
  terms: Terms,
): ReturnType<ListMore> {
  const request = listRequest(path);
  request.present = listingOf;
  return promised<Listing>(engine, applyTerms(request, terms));
}

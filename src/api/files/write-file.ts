// writeFile and appendFile by path: open, write and close in one hop, where one request may carry the data; in several, under
// the same terms, where it may not, or where the data comes in pieces. It does not know how the pieces are made.
import fs from "node:fs";
import type { Submitter } from "../submitter.ts";
import { presentHeld } from "../descriptors/environment.ts";
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeCount, decodeNone } from "../../request/results.ts";
import { acceptFlags, acceptMode, acceptPath } from "../arguments.ts";
import {
  prepareData,
  writeAndSync,
  type Data,
} from "../descriptors/read-write-all.ts";
import { isNodes, mayCallNode } from "../call-forms.ts";
import { requestMaxBytes } from "../descriptors/transfers.ts";
import { Descriptor } from "../handles/descriptor.ts";
import { promised, settlePromise } from "../submit.ts";
import {
  applyTerms,
  termsOf,
  type RequestWithTerms,
  type Terms,
} from "../terms.ts";

const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = fs.constants;
export const WRITE_FLAGS = O_TRUNC | O_CREAT | O_WRONLY;
export const APPEND_FLAGS = O_APPEND | O_CREAT | O_WRONLY;
const MODE = 0o666;

interface WriteFileOptions {
  mode?: unknown;
  flag?: unknown;
}

/** A call that is one request, or one that takes several requests. */
export type WriteFile = RequestWithTerms | (() => Promise<void>);

/** null: not taken. */
export function prepareWriteFile(
  args: unknown[],
  ownFlags: number,
  engine: () => Submitter,
): WriteFile | null {
  const [target, data, options] = args;
  const path = acceptPath(target);
  const prepared = prepareData(data, options);
  if (path === null || prepared === null) return null;
  const given = Object(options ?? {}) as WriteFileOptions;
  const flags = acceptFlags(given.flag, ownFlags);
  const mode = acceptMode(given.mode, MODE);
  if (Number.isNaN(flags) || Number.isNaN(mode)) return null;
  const request = new Request(ops.spew.code, decodeNone, settlePromise);
  request.path = path;
  request.a = flags;
  request.b = mode;
  if (isNodes(request) && mayCallNode(args)) return null;
  const terms = termsOf(engine(), options);
  const bytes = prepared.data;
  if (
    !(bytes instanceof Uint8Array) ||
    bytes.byteLength > requestMaxBytes(engine(), terms)
  )
    return () => writeInPieces(engine(), path, flags, mode, prepared, terms);
  request.c = prepared.flush ? 1 : 0;
  request.data = bytes;
  return applyTerms(request, terms);
}

/** Large data, and data that comes in pieces. */
async function writeInPieces(
  engine: Submitter,
  path: string | Uint8Array,
  flags: number,
  mode: number,
  data: Data,
  terms: Terms,
): Promise<void> {
  const request = new Request(ops.open.code, decodeCount, settlePromise);
  request.path = path;
  request.a = flags;
  request.b = mode;
  request.passing = true;
  request.present = presentHeld;
  const fd = await promised<number>(engine, applyTerms(request, terms));
  const descriptor = new Descriptor(engine, fd);
  try {
    await writeAndSync(descriptor, data, terms);
  } finally {
    await descriptor.close();
  }
}

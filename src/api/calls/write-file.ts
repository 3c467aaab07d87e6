// writeFile and appendFile by path: open, write and close in one hop, where the data fits shared
// memory. Larger data and streams of data are written through a handle (see handle/).
import fs from "node:fs";
import { ops } from "../../ops/table.ts";
import { DATA_MAX_BYTES } from "../../request/codec.ts";
import { Request } from "../../request/request.ts";
import { decodeNone } from "../../request/results.ts";
import { acceptFlags, acceptMode, acceptPath } from "../accept.ts";
import { REFUSED, acceptEncoding } from "../encoding.ts";
import { isNodes, mayAskNode } from "../forms.ts";
import { applyOptions } from "../request-options.ts";
import { settlePromise } from "../run.ts";

const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = fs.constants;
export const WRITE_FLAGS = O_TRUNC | O_CREAT | O_WRONLY;
export const APPEND_FLAGS = O_APPEND | O_CREAT | O_WRONLY;
const MODE = 0o666;

export interface WriteFileOptions {
  encoding?: unknown;
  mode?: unknown;
  flag?: unknown;
  flush?: unknown;
}

/** The data as bytes, if it is of a kind that is bytes at once. */
export function bytesOf(
  data: unknown,
  encoding: BufferEncoding,
): Uint8Array | null {
  if (typeof data === "string") return Buffer.from(data, encoding);
  if (data instanceof Uint8Array) return data;
  if (!ArrayBuffer.isView(data)) return null;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** null: not taken; "large": right, but not for one hop. */
export function prepareWriteFile(
  args: unknown[],
  untold: number,
): Request | null | "large" {
  const [target, data, options] = args;
  const path = acceptPath(target);
  const encoding = acceptEncoding(options, "utf8");
  if (path === null || encoding === REFUSED || encoding === "buffer")
    return null;
  const request = new Request(ops.spew.code, decodeNone, settlePromise);
  request.path = path;
  request.a = untold;
  request.b = MODE;
  if (typeof options === "object" && options !== null) {
    const { flag, mode, flush } = options as WriteFileOptions;
    if (flush !== undefined && flush !== null && typeof flush !== "boolean")
      return null;
    request.a = acceptFlags(flag, untold);
    request.b = acceptMode(mode, MODE);
    request.c = flush ? 1 : 0;
    if (Number.isNaN(request.a) || Number.isNaN(request.b)) return null;
    applyOptions(request, options);
  }
  if (isNodes(request) && mayAskNode(args)) return null;
  if (typeof data === "string" && data.length > DATA_MAX_BYTES) return "large";
  request.data = bytesOf(data, encoding);
  if (request.data === null) return null;
  return request.data.byteLength > DATA_MAX_BYTES ? "large" : request;
}

// slurp: opens, reads and closes, as one request. A whole file is one hop; a part of one is found first where
// its place is counted from the end.
import { constants } from "node:fs";
import { ops } from "../../../ops/table.ts";
import { DATA_MAX_BYTES } from "../../../request/codec.ts";
import { Request } from "../../../request/request.ts";
import {
  decodeBytes,
  decodeCount,
  decodeInto,
} from "../../../request/results.ts";
import { bufferOver } from "../../encoding.ts";
import { decodeStats } from "../../files/stats.ts";
import { fill, stepped, type Param } from "../declare.ts";
import type { Steps } from "../door.ts";
import type { EioRequest } from "../request.ts";
import { withOpened } from "./opened.ts";

const EINVAL = -22;
/** Requested in shared memory: larger files are moved. */
const ROOM_BYTES = 1 << 16;
const params: readonly Param[] = [
  ["path", "path"],
  ["offset", "offset"],
  ["length", "length"],
];

function* whole(req: EioRequest, opened: Request): Steps {
  const slurp = new Request(ops.slurp.code, decodeBytes, () => 0);
  const { path, wd, owner } = opened;
  Object.assign(slurp, { path, wd, owner, room: ROOM_BYTES });
  const { result, value } = yield slurp;
  if (result < 0) return result;
  const bytes = bufferOver(value as Uint8Array);
  req.value = bytes;
  return bytes.byteLength;
}

function* part(
  req: EioRequest,
  fd: number,
  offset: number,
  length: number,
): Steps {
  let begin = offset;
  if (offset < 0 || length === 0) {
    const stat = new Request(ops.fstat.code, decodeStats, () => 0);
    stat.fd = fd;
    const { result, value } = yield stat;
    if (result < 0) return result;
    const { size } = value as { size: number };
    if (offset < 0) begin += size;
    const left = Math.max(0, size - begin);
    length = length === 0 ? left : Math.min(length, left);
  }
  if (begin < 0) return EINVAL;
  return yield* filled(req, fd, begin, length);
}

function* filled(
  req: EioRequest,
  fd: number,
  begin: number,
  length: number,
): Steps {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const read = new Request(ops.read.code, decodeInto, () => 0);
    const data = bytes.subarray(done, done + DATA_MAX_BYTES);
    Object.assign(read, { fd, data, position: begin + done });
    const { result } = yield read;
    if (result < 0) return result;
    if (result === 0) break;
    done += result;
  }
  req.value = bytes.subarray(0, done);
  return done;
}

export const slurpRequests = {
  slurp: stepped(
    params,
    ["slurp", "open", "fstat", "read", "close"],
    "Opens, reads and closes: `value` is the bytes, the result how many. An offset below 0 counts from the end; a length of 0 is the rest.",
    "Buffer",
    (req, args, tail) => {
      const open = new Request(ops.open.code, decodeCount, () => 0);
      const order = ["path", "a", "b"] as const;
      const errno = fill(open, params, order, args, tail);
      req.path = open.path;
      if (errno < 0) return errno;
      const { a: offset, b: length } = open;
      open.b = 0;
      if (offset === 0 && length === 0) return whole(req, open);
      open.a = constants.O_RDONLY;
      return withOpened(open, (fd) => part(req, fd, offset, length), "close");
    },
  ),
};

// readdir: names, or entries with types and inodes, in an order that suits who goes on to stat them, or with their stats.
// It does not know how folders are read and sorted: the flags of the op are libeio's, and whoever does it keeps to them.
import {
  decodeBytes,
  leftBytes,
  type Decode,
} from "../../../request/results.ts";
import { BLOCK_BYTES } from "../../../request/layout.ts";
import type { Request } from "../../../request/request.ts";
import { bufferOver } from "../../encoding.ts";
import { eioConstants } from "../constants.ts";
import { plain } from "../declare.ts";
import type { EioRequest } from "../request.ts";
import { Dents } from "./dents.ts";

const { EIO_DT_UNKNOWN, EIO_READDIR_FOUND_UNKNOWN } = eioConstants;
const { EIO_READDIR_DENTS: DENTS } = eioConstants;
const { EIO_READDIR_DIRS_FIRST: DIRS_FIRST } = eioConstants;
const { EIO_READDIR_STAT_ORDER: STAT_ORDER } = eioConstants;
const SORTS = DIRS_FIRST | STAT_ORDER;
const KNOWN = DENTS | SORTS;

/** What is small lies in the slot; what is not comes in a block. */
const ROOM_BYTES = BLOCK_BYTES;

function list(
  bytes: Buffer,
  { a: flags, b: stats, result, context }: Request,
): unknown {
  const req = context as EioRequest;
  const dents = (flags & DENTS) !== 0;
  const listed = new Dents(bytes, result, dents, stats !== 0);
  req.int1 = flags;
  if (listed.types.includes(EIO_DT_UNKNOWN))
    req.int1 |= EIO_READDIR_FOUND_UNKNOWN;
  if (stats !== 0) return listed.entriesWithStats(req.bytes);
  return dents ? listed.entries(req.bytes) : listed.names(req.bytes);
}

/** What came as a message lies anywhere, and numbers do not. */
const aligned = (bytes: Uint8Array): Buffer =>
  bytes.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0
    ? bufferOver(bytes)
    : bufferOver(bytes.slice());

/** Where it lies: a copy of the bytes would cost as much as the names. */
const decodeListing: Decode = (memory, slot, request) =>
  list(leftBytes(memory, slot), request);

/** The stats are made of the bytes when they are read. */
const decodeKept: Decode = (memory, slot, request) =>
  list(decodeBytes(memory, slot, request) as Buffer, request);

const path = ["path", "path"] as const;

/** `keep`: which of the flags given count; `always`: what is set in the flags that are reported. */
const readdirLike = (
  about: string,
  always: number,
  keep: (flags: number) => number,
  { value, stats } = { value: "EioListing", stats: false },
) =>
  plain("dents", [path, ["flags", "int"]], {
    about,
    value,
    order: ["path", "a"],
    decode: stats ? decodeKept : decodeListing,
    complete(request, req) {
      request.context = req;
      request.a = keep(request.a);
      request.b = stats ? 1 : 0;
      request.room = ROOM_BYTES;
      return 0;
    },
    end(req, request) {
      const { value } = request;
      // A large one of the portable pool was moved as bytes, past the decoder.
      req.value = Array.isArray(value)
        ? value
        : list(aligned(value as Uint8Array), request);
      req.int1 |= always;
    },
  });

export const readdirRequests = {
  readdir: readdirLike(
    "Lists a folder, without `.` and `..`: `value` is the names, or with READDIR_DENTS the entries; the result is how many. The flags that sort need READDIR_DENTS.",
    0,
    (flags) => ((flags & DENTS) === 0 ? flags & KNOWN & ~SORTS : flags & KNOWN),
  ),
  readdirx: readdirLike(
    "Lists a folder as `readdir`, where the flags that sort do so for names as well; `int1` is the flags, with READDIR_FOUND_UNKNOWN where a type was not told, and READDIR_DENTS in any case.",
    DENTS,
    (flags) => flags & KNOWN,
  ),
  readdirplus: readdirLike(
    "Lists a folder as `readdirx` does, with an lstat of each entry, in one request: `value` is the entries with `stats`, or with `errorno` where one could not be looked at.",
    DENTS,
    (flags) => (flags & KNOWN) | DENTS,
    { value: "EioEntry<string | Buffer>[]", stats: true },
  ),
};

// readdir: names, or entries with types and inodes, in an order that suits who goes on to stat them. It does not know how
// folders are read and sorted: the flags of the op are libeio's, and whoever does it keeps to them.
import { leftBytes, type Decode } from "../../../request/results.ts";
import { BLOCK_BYTES } from "../../../request/layout.ts";
import type { Request } from "../../../request/request.ts";
import { bufferOver } from "../../encoding.ts";
import { eioConstants } from "../constants.ts";
import { plain } from "../declare.ts";
import type { EioDirent, EioRequest } from "../request.ts";

const { EIO_DT_UNKNOWN, EIO_READDIR_FOUND_UNKNOWN } = eioConstants;
const { EIO_READDIR_DENTS: DENTS } = eioConstants;
const { EIO_READDIR_DIRS_FIRST: DIRS_FIRST } = eioConstants;
const { EIO_READDIR_STAT_ORDER: STAT_ORDER } = eioConstants;
const SORTS = DIRS_FIRST | STAT_ORDER;
const KNOWN = DENTS | SORTS;

/** What is small lies in the slot; what is not comes in a block. */
const ROOM_BYTES = BLOCK_BYTES;
const INODE_BYTES = 8;
const INODE_WORDS = 2;
/** What the high word of an inode counts for. */
const HIGH = 2 ** 32;

/** What native-aio/src/sys-dents.c wrote: inodes where they were requested, a byte of type each, and the names. */
class Dents {
  readonly count: number;
  readonly #inodes: Uint32Array | null;
  readonly types: Buffer;
  readonly #names: Buffer;

  constructor(bytes: Buffer, count: number, inodes: boolean) {
    this.count = count;
    const types = inodes ? count * INODE_BYTES : 0;
    const { buffer, byteOffset } = bytes;
    this.#inodes = inodes
      ? new Uint32Array(buffer, byteOffset, count * INODE_WORDS)
      : null;
    this.types = bytes.subarray(types, types + count);
    this.#names = bytes.subarray(types + count);
  }

  names(asBytes: boolean): (string | Buffer)[] {
    if (this.count === 0) return [];
    const names = this.#names;
    if (!asBytes) return names.utf8Slice(0, names.byteLength).split("\0");
    const parts = names.latin1Slice(0, names.byteLength).split("\0");
    return parts.map((name) => Buffer.from(name, "latin1"));
  }

  entries(asBytes: boolean): EioDirent<string | Buffer>[] {
    const inodes = this.#inodes!;
    const entries = this.names(asBytes) as unknown[];
    const { types } = this;
    for (let i = 0; i < entries.length; i++) {
      const low = inodes[i * INODE_WORDS]!;
      const high = inodes[i * INODE_WORDS + 1]!;
      const inode = high === 0 ? low : high * HIGH + low;
      entries[i] = { name: entries[i], type: types[i]!, inode };
    }
    return entries as EioDirent<string | Buffer>[];
  }
}

function list(bytes: Buffer, { a: flags, result, context }: Request): unknown {
  const req = context as EioRequest;
  const dents = (flags & DENTS) !== 0;
  const listed = new Dents(bytes, result, dents);
  req.int1 = flags;
  if (listed.types.includes(EIO_DT_UNKNOWN))
    req.int1 |= EIO_READDIR_FOUND_UNKNOWN;
  return dents ? listed.entries(req.bytes) : listed.names(req.bytes);
}

/** Where it lies: a copy of the bytes would cost as much as the names. */
const decodeListing: Decode = (memory, slot, request) =>
  list(leftBytes(memory, slot), request);

const path = ["path", "path"] as const;

/** `keep`: which of the flags given count; `always`: what is set in the flags that are reported. */
const readdirLike = (
  about: string,
  always: number,
  keep: (flags: number) => number,
) =>
  plain("dents", [path, ["flags", "int"]], {
    about,
    value: "EioListing",
    order: ["path", "a"],
    decode: decodeListing,
    complete(request, req) {
      request.context = req;
      request.a = keep(request.a);
      request.room = ROOM_BYTES;
      return 0;
    },
    end(req, request) {
      const { value } = request;
      // A large one of the portable pool was moved as bytes, past the decoder.
      req.value = Array.isArray(value)
        ? value
        : list(bufferOver(value as Uint8Array), request);
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
};

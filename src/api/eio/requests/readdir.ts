// readdir: names, or entries with types and inodes, in an order that suits who goes on to stat them. Where a
// file system gives no types, names are judged: a leading dot or no dot at all is likelier a folder's.
import { decodeBytes } from "../../../request/results.ts";
import type { Request } from "../../../request/request.ts";
import { bufferOver } from "../../encoding.ts";
import { eioConstants } from "../constants.ts";
import { plain } from "../declare.ts";
import type { EioDirent, EioRequest } from "../request.ts";

const { EIO_DT_UNKNOWN, EIO_DT_DIR, EIO_READDIR_FOUND_UNKNOWN } = eioConstants;
const { EIO_READDIR_DENTS: DENTS } = eioConstants;
const { EIO_READDIR_DIRS_FIRST: DIRS_FIRST } = eioConstants;
const { EIO_READDIR_STAT_ORDER: STAT_ORDER } = eioConstants;
const SORTS = DIRS_FIRST | STAT_ORDER;

/** How the op lists: sorted by inode, or with inodes. */
const INODE_ORDER = 2;
const WITH_INODES = 4;
/** Some thousands of entries; more are listed by JavaScript, and moved. */
const ROOM_BYTES = 1 << 18;
/** In front of a name: inode, offset, bytes of the entry, type. */
const BYTES_AT = 16;
const TYPE_AT = 18;
const NAME_AT = 19;

interface Raw {
  name: Buffer;
  type: number;
  inode: bigint;
}

function* rawEntries(bytes: Buffer): Generator<Raw> {
  for (let at = 0; at < bytes.byteLength;) {
    const name = bytes.subarray(at + NAME_AT, bytes.indexOf(0, at + NAME_AT));
    const own = name[0] === 46 && (name.length === 1 || isParent(name));
    const type = bytes[at + TYPE_AT]!;
    if (!own) yield { name, type, inode: bytes.readBigUInt64LE(at) };
    at += bytes.readUInt16LE(at + BYTES_AT);
  }
}

const isParent = (name: Buffer): boolean => name.length === 2 && name[1] === 46;

const LIKELIEST = 0;
const LEAST_LIKELY = 7;
/** By the length of a name without a dot, the class of its likelihood; longer ones are the next. */
const CLASSES = [3, 3, 2, 4, 4, 5, 5, 5];
const LONG = 6;

/** How likely an entry is a folder, in eight classes; the first are. */
function classOf({ name, type }: Raw): number {
  if (type === EIO_DT_DIR) return LIKELIEST;
  if (type !== EIO_DT_UNKNOWN) return LEAST_LIKELY;
  if (name[0] === 46) return 1;
  if (name.includes(46)) return LEAST_LIKELY;
  return CLASSES[name.length] ?? LONG;
}

function ordered(entries: Raw[], flags: number): Raw[] {
  if ((flags & DIRS_FIRST) === 0) return entries;
  const classes: Raw[][] = Array.from({ length: LEAST_LIKELY + 1 }, () => []);
  for (const entry of entries) classes[classOf(entry)]!.push(entry);
  return classes.flat();
}

function listing(withDents: (flags: number) => boolean) {
  return (req: EioRequest, { value }: Request): void => {
    let flags = req.int1;
    const entries = [...rawEntries(bufferOver(value as Uint8Array))];
    if (entries.some(({ type }) => type === EIO_DT_UNKNOWN))
      flags |= EIO_READDIR_FOUND_UNKNOWN;
    const text = (name: Buffer): string | Buffer =>
      req.bytes ? Buffer.from(name) : name.toString();
    const sorted = ordered(entries, flags);
    req.int1 = flags;
    req.result = sorted.length;
    req.value = withDents(flags)
      ? sorted.map(({ name, type, inode }): EioDirent<string | Buffer> => ({
          name: text(name),
          type,
          inode: Number(inode),
        }))
      : sorted.map(({ name }) => text(name));
  };
}

const path = ["path", "path"] as const;

/** `keep`: which of the flags given count; `always`: what is set in the flags that are reported. */
const readdirLike = (
  about: string,
  always: number,
  keep: (flags: number) => number,
) => {
  const end = listing((flags) => (flags & DENTS) !== 0);
  const declaration = plain("dents", [path, ["flags", "uint"]], {
    about,
    value: "EioListing",
    order: ["path", "a"],
    decode: decodeBytes,
    complete(request) {
      const flags = keep(request.a);
      request.context = flags;
      request.room = ROOM_BYTES;
      request.a = (flags & DENTS) !== 0 ? WITH_INODES : 0;
      if ((flags & SORTS) !== 0) request.a |= INODE_ORDER;
      return 0;
    },
    end(req, request) {
      req.int1 = request.context as number;
      end(req, request);
      req.int1 |= always;
    },
  });
  return declaration;
};

const KNOWN = DENTS | SORTS;

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

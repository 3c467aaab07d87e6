// getdents: a folder's names with types and inodes, as the kernel packs them, in the order of the disk or of inodes
// (in which the files themselves are read fastest on many disks). It knows how entries are packed, not how they are
// read.
import fs from "node:fs";
import { decodeBytes } from "../../request/results.ts";
import { invalidArgValue } from "../argument-errors.ts";
import type { RequestOptions } from "../request-options.ts";
import type { Terms } from "../terms.ts";
import type { Send } from "./send.ts";
import {
  descriptorOf,
  isTarget,
  optionsOf,
  type PathLike,
  type FolderTarget,
  type Target,
} from "./check.ts";
import type { OpenIn } from "./names.ts";

export type EntryType =
  | "file"
  | "directory"
  | "symlink"
  | "fifo"
  | "socket"
  | "character"
  | "block"
  | "unknown";

export interface Entry<Name = string, Inode = number> {
  name: Name;
  type: EntryType;
  ino: Inode;
}

export interface GetdentsOptions extends RequestOptions {
  /** The open folder that a path starts from. */
  at?: FolderTarget | null | undefined;
  order?: "disk" | "inode" | undefined;
  /** Names as bytes. */
  encoding?: "utf8" | "buffer" | undefined;
  /** Inodes as bigints. */
  bigint?: boolean | undefined;
}

type AnyEntry = Entry<string | Buffer, number | bigint>;
type Names<O> = O extends { encoding: "buffer" } ? Buffer : string;
type Inodes<O> = O extends { bigint: true } ? bigint : number;

const FROM_START = 1;
const INODE_ORDER = 2;
/** Some thousands of entries: most folders come at once. */
const ROOM_BYTES = 1 << 18;
/** In front of a name: inode, offset, bytes of the entry, type. */
const BYTES_AT = 16;
const TYPE_AT = 18;
const NAME_AT = 19;

const types: Partial<Record<number, EntryType>> = {
  1: "fifo",
  2: "character",
  4: "directory",
  6: "block",
  8: "file",
  10: "symlink",
  12: "socket",
};

function addEntries(
  to: AnyEntry[],
  bytes: Buffer,
  { encoding, bigint }: GetdentsOptions,
): void {
  for (let at = 0; at < bytes.byteLength;) {
    const end = bytes.indexOf(0, at + NAME_AT);
    const name = bytes.subarray(at + NAME_AT, end);
    const ino = bytes.readBigUInt64LE(at);
    const type = types[bytes[at + TYPE_AT]!] ?? "unknown";
    at += bytes.readUInt16LE(at + BYTES_AT);
    const text = name.toString();
    if (text === "." || text === "..") continue;
    to.push({
      name: encoding === "buffer" ? Buffer.from(name) : text,
      type,
      ino: bigint === true ? ino : Number(ino),
    });
  }
}

interface Piece {
  bytes: Uint8Array;
  done: boolean;
}

export function getdentsCalls(send: Send, openIn: OpenIn) {
  /** From its start, whatever was read of it before. */
  async function list(
    target: Target,
    options: GetdentsOptions,
    terms: Terms,
  ): Promise<AnyEntry[]> {
    const order = options.order === "inode" ? INODE_ORDER : 0;
    const entries: AnyEntry[] = [];
    for (let pieces = 0; ; pieces++) {
      const piece = await send<Piece>(
        "getdents",
        {
          ...descriptorOf("target", target, "getdents"),
          a: order | (pieces === 0 ? FROM_START : 0),
          room: ROOM_BYTES,
          present: ({ value, result }) => ({
            bytes: value,
            done: result !== 0,
          }),
        },
        terms,
        decodeBytes,
      );
      const { buffer, byteOffset, byteLength } = piece.bytes;
      addEntries(entries, Buffer.from(buffer, byteOffset, byteLength), options);
      if (!piece.done) continue;
      // Each piece is in order already, which is what makes this cheap.
      if (order !== 0 && pieces > 0)
        entries.sort((a, b) => (a.ino < b.ino ? -1 : a.ino > b.ino ? 1 : 0));
      return entries;
    }
  }

  return {
    /** Lists a folder, without `.` and `..`. */
    async getdents<const O extends GetdentsOptions = GetdentsOptions>(
      folder: PathLike | Target,
      options?: O,
    ): Promise<Entry<Names<O>, Inodes<O>>[]> {
      type Entries = Entry<Names<O>, Inodes<O>>[];
      const given: GetdentsOptions = optionsOf(options);
      if (!["disk", "inode"].includes(given.order ?? "disk"))
        throw invalidArgValue("options.order", given.order, "is invalid");
      const terms = send.terms(given);
      if (isTarget(folder))
        return (await list(folder, given, terms)) as Entries;
      const { O_DIRECTORY, O_NONBLOCK } = fs.constants;
      const flags = O_DIRECTORY | O_NONBLOCK;
      const at = given.at ?? null;
      const handle = await openIn(at, folder, flags, 0, terms);
      try {
        const entries = await list(handle, given, terms);
        await handle.close();
        return entries as Entries;
      } catch (error) {
        // Not waited for: whoever gave up gets the error now, also while a worker is still at it.
        void handle.close();
        throw error;
      }
    },
  };
}

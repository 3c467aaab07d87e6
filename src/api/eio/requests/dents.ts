// What is in a folder, as it travels: what native-aio/src/sys-dents.c and workers/dents.ts write, and what readers are given.
// It does not know who wanted it.
import type { Stats } from "node:fs";
import { statsFrom } from "../../files/stats.ts";
import { numberOf, type EioDirent } from "../request.ts";

/** An errno (0: there is none), then the numbers of a stat. */
const ROW_DOUBLES = 19;
const ROW_BYTES = ROW_DOUBLES * 8;
const INODE_BYTES = 8;
const INODE_WORDS = 2;
/** What the high word of an inode counts for. */
const HIGH = 2 ** 32;

type Name = string | Buffer;

/** An entry of a folder with what a stat says of it, a link itself. */
export class EioEntry<Name = string> implements EioDirent<Name> {
  readonly name: Name;
  readonly type: number;
  readonly inode: number;
  readonly #rows: Float64Array;
  readonly #at: number;
  #stats: Stats | undefined = undefined;

  /** @internal */
  constructor(
    name: Name,
    type: number,
    inode: number,
    rows: Float64Array,
    at: number,
  ) {
    this.name = name;
    this.type = type;
    this.inode = inode;
    this.#rows = rows;
    this.#at = at;
  }

  /** The system's number of the error, above 0, where it could not be looked at: it went meanwhile, say. */
  get errorno(): number {
    const errno = this.#rows[this.#at]!;
    return errno === 0 ? 0 : numberOf(errno);
  }

  /** Made when they are first read; undefined where it could not be looked at. */
  get stats(): Stats | undefined {
    if (this.#stats === undefined && this.#rows[this.#at] === 0)
      this.#stats = statsFrom(this.#rows, this.#at + 1);
    return this.#stats;
  }
}

/** Rows of stats and inodes, where they were requested; a byte of type each; and the names with a NUL between them. */
export class Dents {
  readonly count: number;
  readonly #rows: Float64Array;
  readonly #inodes: Uint32Array;
  readonly types: Buffer;
  readonly #names: Buffer;

  constructor(bytes: Buffer, count: number, inodes: boolean, stats: boolean) {
    this.count = count;
    const { buffer, byteOffset } = bytes;
    const rows = stats ? count * ROW_DOUBLES : 0;
    this.#rows = new Float64Array(buffer, byteOffset, rows);
    const inodesAt = stats ? count * ROW_BYTES : 0;
    this.#inodes = new Uint32Array(
      buffer,
      byteOffset + inodesAt,
      inodes ? count * INODE_WORDS : 0,
    );
    const types = inodesAt + (inodes ? count * INODE_BYTES : 0);
    this.types = bytes.subarray(types, types + count);
    this.#names = bytes.subarray(types + count);
  }

  names(asBytes: boolean): Name[] {
    if (this.count === 0) return [];
    const names = this.#names;
    if (!asBytes) return names.utf8Slice(0, names.byteLength).split("\0");
    const parts = names.latin1Slice(0, names.byteLength).split("\0");
    return parts.map((name) => Buffer.from(name, "latin1"));
  }

  entries(asBytes: boolean): EioDirent<Name>[] {
    const entries = this.names(asBytes) as unknown[];
    const { types } = this;
    for (let i = 0; i < entries.length; i++) {
      const name = entries[i];
      entries[i] = { name, type: types[i]!, inode: this.#inodeAt(i) };
    }
    return entries as EioDirent<Name>[];
  }

  entriesWithStats(asBytes: boolean): EioEntry<Name>[] {
    const rows = this.#rows;
    const entries = this.names(asBytes) as unknown[];
    const { types } = this;
    for (let i = 0; i < entries.length; i++) {
      const [name, inode] = [entries[i] as Name, this.#inodeAt(i)];
      entries[i] = new EioEntry(name, types[i]!, inode, rows, i * ROW_DOUBLES);
    }
    return entries as EioEntry<Name>[];
  }

  #inodeAt(i: number): number {
    const low = this.#inodes[i * INODE_WORDS]!;
    const high = this.#inodes[i * INODE_WORDS + 1]!;
    return high === 0 ? low : high * HIGH + low;
  }
}

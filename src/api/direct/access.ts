// A descriptor that bypasses the page cache, used like any other: it keeps the current position that
// the system cannot keep for it (that has to be at a block, too), and appends. It knows order, and
// leaves blocks to blocks.ts.
import { ops } from "../../ops/table.ts";
import { coded } from "../argument-errors.ts";
import { errnoOf, systemError } from "../../request/errors.ts";
import type { Access, Target } from "../descriptors/transfers.ts";
import type { Terms } from "../terms.ts";
import type { Blocks } from "./blocks.ts";

/** As Node's readFile. */
const FILE_MAX_BYTES = 2 ** 31 - 1;
/** readFile requests so much at once, and for so many at a time. */
const CHUNK_BYTES = 1 << 20;
const CHUNKS_AT_ONCE = 4;

export interface Rights {
  readable: boolean;
  writable: boolean;
  appends: boolean;
}

export class DirectAccess implements Access {
  readonly blocks: Blocks;
  readonly #target: Target;
  readonly #rights: Rights;
  #position = 0;
  /** The last of those who work at the current position, one after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(target: Target, blocks: Blocks, rights: Rights) {
    this.#target = target;
    this.blocks = blocks;
    this.#rights = rights;
  }

  plainAlign(code: number, position: number, bytes: number): number {
    return code === ops.read.code
      ? this.blocks.plainReadAlign(position, bytes)
      : 0;
  }

  async transfer(
    code: number,
    data: Uint8Array,
    position: number,
    terms: Terms,
  ): Promise<number> {
    const reads = code === ops.read.code;
    const { readable, writable, appends } = this.#rights;
    if (reads ? !readable : !writable)
      throw systemError(errnoOf("EBADF"), reads ? "read" : "write");
    return this.#held(() => {
      if (position !== -1 && (reads || !appends))
        return reads
          ? this.blocks.read(data, position, terms)
          : this.blocks.write(data, position, terms);
      return this.#inTurn(() =>
        reads ? this.#readNext(data, terms) : this.#writeNext(data, terms),
      );
    });
  }

  /** Everything from the current position on. */
  readRest(terms: Terms): Promise<Buffer> {
    if (!this.#rights.readable) throw systemError(errnoOf("EBADF"), "read");
    return this.#held(() => this.#inTurn(() => this.#readRest(terms)));
  }

  async #readRest(terms: Terms): Promise<Buffer> {
    const start = this.#position;
    const expected = Math.max(0, (await this.blocks.length(terms)) - start);
    if (expected > FILE_MAX_BYTES) throw tooLarge(expected);
    const content = Buffer.allocUnsafeSlow(expected);
    const used = await this.#readInto(content, start, terms);
    const parts = [content.subarray(0, used)];
    let at = start + used;
    // A file that grows meanwhile is read to its end, as Node does.
    for (let more = used === expected; more;) {
      const part = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const count = await this.blocks.read(part, at, terms);
      at += count;
      if (at - start > FILE_MAX_BYTES) throw tooLarge(at - start);
      if (count !== 0) parts.push(part.subarray(0, count));
      more = count === part.byteLength;
    }
    this.#position = at;
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** Several chunks at a time; how many bytes there are without a gap. */
  async #readInto(
    content: Buffer,
    start: number,
    terms: Terms,
  ): Promise<number> {
    let next = 0;
    let used = content.byteLength;
    const lane = async (): Promise<void> => {
      while (next < used) {
        const at = next;
        const chunk = content.subarray(at, at + CHUNK_BYTES);
        next += chunk.byteLength;
        const count = await this.blocks.read(chunk, start + at, terms);
        if (count < chunk.byteLength) used = Math.min(used, at + count);
      }
    };
    await Promise.all(Array.from({ length: CHUNKS_AT_ONCE }, lane));
    return used;
  }

  async #readNext(data: Uint8Array, terms: Terms): Promise<number> {
    const count = await this.blocks.read(data, this.#position, terms);
    this.#position += count;
    return count;
  }

  async #writeNext(data: Uint8Array, terms: Terms): Promise<number> {
    if (this.#rights.appends) this.#position = await this.blocks.length(terms);
    const count = await this.blocks.write(data, this.#position, terms);
    this.#position += count;
    return count;
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** The descriptor stays open between the requests of a whole. */
  async #held<T>(run: () => Promise<T>): Promise<T> {
    this.#target.owner?.hold();
    try {
      return await run();
    } finally {
      this.#target.owner?.drop();
    }
  }
}

const tooLarge = (bytes: number): Error =>
  coded(
    new RangeError(`File size (${bytes}) is greater than 2 GiB`),
    "ERR_FS_FILE_TOO_LARGE",
  );

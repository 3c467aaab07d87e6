// Any bytes of a file by whole blocks: aligned pieces go straight, the ends of others are read first
// and written back with what is new, and what that adds at the end of the file is cut off again. It
// knows positions, not handles.
//
//   block   |----------|----------|----------|
//   requested    [==================]             head: before it in the first block
//   written |++++===================+++|          tail: behind it in the last one
import { DATA_MAX_BYTES } from "../../request/codec.ts";
import type { Target } from "../descriptors/transfers.ts";
import type { Terms } from "../terms.ts";
import type { Alignment } from "./alignment.ts";
import { Ranges } from "./ranges.ts";
import { lengthNow, readBlocks, setLength, writeBlocks } from "./requests.ts";

/** The part of a transfer that one request carries. */
interface Piece {
  /** First byte of the first block, and end of the last one. */
  start: number;
  stop: number;
  head: number;
  data: Uint8Array;
}

export class Blocks {
  readonly #target: Target;
  readonly #memoryAlign: number;
  readonly #block: number;
  /** Only where there are writers: readers alone are in nobody's way. */
  readonly #ranges: Ranges | null;
  /** Of a file that is written: up to here nothing that is written ends behind its end. */
  #length: number;

  constructor(
    target: Target,
    alignment: Alignment,
    writable: boolean,
    length: number,
  ) {
    this.#target = target;
    this.#memoryAlign = alignment.memory;
    this.#block = alignment.file;
    this.#ranges = writable ? new Ranges() : null;
    this.#length = length;
  }

  /** What one plain read needs of its memory; 0 where it is not to be had so plainly. */
  plainReadAlign(position: number, bytes: number): number {
    return this.#ranges === null &&
      position >= 0 &&
      position % this.#block === 0 &&
      bytes % this.#block === 0
      ? this.#memoryAlign
      : 0;
  }

  async read(
    data: Uint8Array,
    position: number,
    terms: Terms,
  ): Promise<number> {
    let done = 0;
    while (done < data.byteLength) {
      const piece = this.#piece(data, position, done);
      const { start, stop, head } = piece;
      const align = this.#memoryAlign;
      const read = (): Promise<number> =>
        readBlocks(
          this.#target,
          piece.data,
          start,
          stop,
          head,
          align,
          done,
          terms,
        );
      const count = await (this.#ranges === null
        ? read()
        : this.#ranges.during(start, stop, true, read));
      done += count;
      if (count < piece.data.byteLength) break;
    }
    return done;
  }

  async write(
    data: Uint8Array,
    position: number,
    terms: Terms,
  ): Promise<number> {
    let done = 0;
    while (done < data.byteLength) {
      const piece = this.#piece(data, position, done);
      const { start, stop } = piece;
      const whole = piece.data.byteLength === stop - start;
      // Where the file may end within the last block, nobody else is to see it longer meanwhile.
      const end = whole || stop <= this.#length ? stop : Infinity;
      const count = await this.#ranges!.during(start, end, false, () =>
        whole
          ? writeBlocks(
              this.#target,
              piece.data,
              start,
              this.#memoryAlign,
              done,
              terms,
            )
          : this.#writePart(piece, done, terms),
      );
      done += count;
      this.#length = Math.max(this.#length, position + done);
      if (count < piece.data.byteLength) break;
    }
    return done;
  }

  length(terms: Terms): Promise<number> {
    return this.#whileAlone(() => lengthNow(this.#target, terms));
  }

  /** The length is set by `set`. */
  truncate<T>(bytes: number, set: () => Promise<T>): Promise<T> {
    // Whoever comes after this has to reckon with it.
    this.#length = Math.min(this.#length, bytes);
    return this.#whileAlone(async () => {
      const result = await set();
      this.#length = bytes;
      return result;
    });
  }

  #whileAlone<T>(run: () => Promise<T>): Promise<T> {
    return this.#ranges === null
      ? run()
      : this.#ranges.during(0, Infinity, false, run);
  }

  /** What comes next of a transfer, up to the end of a block where it does not all fit. */
  #piece(data: Uint8Array, position: number, done: number): Piece {
    const at = position + done;
    const start = at - (at % this.#block);
    const head = at - start;
    const bytes = Math.min(data.byteLength - done, DATA_MAX_BYTES - head);
    const end = at + bytes;
    const over = end % this.#block;
    const stop = over === 0 ? end : end + this.#block - over;
    return { start, stop, head, data: data.subarray(done, done + bytes) };
  }

  /**
   * Writes a piece that does not begin or end with a block. Once the write has begun it is carried
   * out, whatever its caller's signal says: the file is not to keep what was added to fill a block.
   */
  async #writePart(
    { start, stop, head, data }: Piece,
    done: number,
    terms: Terms,
  ): Promise<number> {
    const block = this.#block;
    const end = start + head + data.byteLength;
    const blocks = Buffer.allocUnsafe(stop - start);
    const last = stop - block;
    if (head !== 0 && last !== start)
      await this.#readBlock(blocks.subarray(0, block), start, terms);
    let there = block;
    if (end !== stop || last === start)
      there = await this.#readBlock(blocks.subarray(last - start), last, terms);
    blocks.set(data, head);
    const count = await writeBlocks(
      this.#target,
      blocks,
      start,
      this.#memoryAlign,
      done,
      terms.withoutEnd,
    );
    const length = Math.max(end, last + there);
    if (there < block && start + count > length)
      await setLength(this.#target, length, terms.withoutEnd);
    return Math.max(0, Math.min(count - head, data.byteLength));
  }

  /** With zeros behind the end of the file; returns how many bytes the file has there. */
  async #readBlock(into: Buffer, start: number, terms: Terms): Promise<number> {
    const stop = start + this.#block;
    const align = this.#memoryAlign;
    const count = await readBlocks(
      this.#target,
      into,
      start,
      stop,
      0,
      align,
      0,
      terms,
    );
    into.fill(0, count);
    return count;
  }
}

// What a slot says of its request, for rules: the op, its paths, and for operations on a descriptor the path that it was
// opened by. It knows the layout of a slot, not what is decided.
import { nameByCode, opByCode } from "../../ops/table.ts";
import {
  BLOCK_BYTES,
  NO_WD,
  Numbers,
  SLOT_WORDS,
  Slot,
} from "../../request/layout.ts";
import type { Memory } from "../../request/memory.ts";
import type { Seen } from "./decider.ts";

export class SlotReader {
  readonly #memory: Memory;
  /** By descriptor, of those that were opened here. */
  readonly #opened = new Map<number, string>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  see(slot: number): Seen {
    const word = (at: number): number =>
      this.#memory.words[slot * SLOT_WORDS + at]!;
    const op = nameByCode[word(Slot.op)]!;
    const start = slot * BLOCK_BYTES;
    const middle = start + word(Slot.path);
    const kinds = opByCode[word(Slot.op)]!.params.map(([, kind]) => kind);
    const paths = kinds.filter((kind) => kind === "path").length;
    const textAt = (from: number, to: number, wd: number): string =>
      this.#memory.bytes.utf8Slice(from + Math.max(0, NO_WD - wd), to);
    const own = paths === 0 ? null : textAt(start, middle, word(Slot.wd));
    const path2 =
      paths < 2
        ? null
        : textAt(middle, middle + word(Slot.path2), word(Slot.wd2));
    // A job may begin on a descriptor: what it was opened by is what it is.
    const path =
      own === null || own === ""
        ? (this.#opened.get(word(Slot.fd)) ?? own)
        : own;
    if (opByCode[word(Slot.op)]!.closes === true)
      this.#opened.delete(word(Slot.fd));
    return { op, path, path2 };
  }

  /** Remembers what a descriptor was opened by. */
  completed(slot: number, seen: Seen, result: number): void {
    if (result < 0) return;
    const code = this.#memory.words[slot * SLOT_WORDS + Slot.op]!;
    if (opByCode[code]!.result === "fd" && seen.path !== null)
      this.#opened.set(result, seen.path);
    else if (seen.op === "dup2" && seen.path !== null)
      this.#opened.set(this.#number(slot, Numbers.a), seen.path);
  }

  #number(slot: number, which: number): number {
    const at = (slot * SLOT_WORDS + Slot.numbers) >> 1;
    return this.#memory.numbers[at + which]!;
  }
}

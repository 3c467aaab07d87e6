// Texts that were decoded by whoever read the bytes; native-aio/src/text.h is the other side. It does not know
// where they come from.
import { constants } from "node:buffer";
import { Outcome, SLOT_WORDS, Slot } from "./layout.ts";
import type { Memory } from "./memory.ts";
import { leftBytes, outBytes } from "./results.ts";

/** What a request's bytes are: its result. */
export const Text = { bytes: 0, latin1: 1, utf16: 2 } as const;

/** The bytes of a slot as a string: `kind` is one of Text, `encoding` that of bytes. */
export function textOf(
  memory: Memory,
  slot: number,
  kind: number,
  encoding: BufferEncoding,
): string {
  const inBlock =
    memory.words[slot * SLOT_WORDS + Slot.outcome] === Outcome.block;
  // One that is too long for a string is refused by Node, in its own words.
  if (inBlock && kind !== Text.bytes && fits(outBytes(memory, slot), kind))
    return memory.blocks!.takeText(slot, kind === Text.utf16);
  const bytes = leftBytes(memory, slot);
  if (kind === Text.bytes) return bytes.toString(encoding);
  return bytes.toString(kind === Text.utf16 ? "utf16le" : "latin1");
}

const fits = (bytes: number, kind: number): boolean =>
  (kind === Text.utf16 ? bytes / 2 : bytes) <= constants.MAX_STRING_LENGTH;

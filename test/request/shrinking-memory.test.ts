// Data in memory that its caller may make smaller meanwhile: its slot says so, and whatever runs it leaves the memory to the kernel. A
// copy by native code ended the process there.
import { expect, it } from "vitest";
import { ops } from "../../src/ops/table.ts";
import { Codec } from "../../src/request/codec.ts";
import { SLOT_WORDS, Slot, SlotFlag } from "../../src/request/layout.ts";
import { makeMemory } from "../../src/request/make-memory.ts";
import { Request } from "../../src/request/request.ts";
import { decodeNone } from "../../src/request/results.ts";

const SLOT = 2;
const memory = makeMemory({ slots: 4, arenaBytes: 0, workersMax: 1 });
const codec = new Codec(memory);
codec.direct = { takes: () => true, note: () => true, noteAll: () => {} };

type Kind = "read" | "write" | "writev";

function flagOf(name: Kind, data: Uint8Array): boolean {
  const request = new Request(ops[name].code, decodeNone, () => {});
  if (name === "writev") request.buffers = [new Uint8Array(8), data];
  else request.data = data;
  codec.encode(request, SLOT);
  const flags = memory.words[SLOT * SLOT_WORDS + Slot.flags]!;
  return (flags & SlotFlag.shrinks) !== 0;
}

const resizable = new (
  ArrayBuffer as unknown as new (
    bytes: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer
)(4096, { maxByteLength: 8192 });

it.each(["read", "write", "writev"] as const)(
  "a %s of resizable memory is marked, and no other",
  (name) => {
    expect(flagOf(name, new Uint8Array(resizable, 16, 2048))).toBe(true);
    expect(flagOf(name, new Uint8Array(2048))).toBe(false);
    const shared = new SharedArrayBuffer(2048);
    expect(flagOf(name, new Uint8Array(shared))).toBe(false);
  },
);

// What is written into a slot is what a worker's frame reads from it, for all operands, and paths
// and data of all sizes; what does not fit is refused without a trace.
import fc from "fast-check";
import { MessageChannel } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { ops } from "../../src/ops/table.ts";
import { Codec, DATA_MAX_BYTES, Encoded } from "../../src/request/codec.ts";
import {
  BLOCK_BYTES,
  SLOT_WORDS,
  Slot,
  arenaStart,
} from "../../src/request/layout.ts";
import { makeMemory } from "../../src/request/make-memory.ts";
import { Request } from "../../src/request/request.ts";
import { Frame } from "../../workers/frame.ts";
import { decoderOf, type Registers } from "../helpers/engine.ts";

const SLOTS = 4;
const sizes = { slots: SLOTS, arenaBytes: 2 << 20, workersMax: 1 };
const memory = makeMemory(sizes);
const codec = new Codec(memory);
const { port1, port2 } = new MessageChannel();
port1.on("message", () => {});
port1.unref();
const frame = new Frame(memory, port2);
afterAll(() => port1.close());

function make(name: keyof typeof ops, registers: Registers): Request {
  const { code } = ops[name];
  const request = new Request(code, decoderOf(name), () => {});
  return Object.assign(request, registers);
}

const boundaries = [
  0,
  1,
  2,
  63,
  64,
  65,
  BLOCK_BYTES - 1,
  BLOCK_BYTES,
  BLOCK_BYTES + 1,
  16383,
  16384,
  16385,
  32768,
  65536,
  (1 << 20) - 1,
  1 << 20,
];
const slot = fc.nat(SLOTS - 1);
const bytes = (max: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ maxLength: max });
/** Of any code points: fast-check's own unit of them makes a table of a million first, which takes seconds. */
const text = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xd7ff }),
      fc.integer({ min: 0xe000, max: 0x10ffff }),
    ),
  )
  .map((points) => String.fromCodePoint(...points));
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -1, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER),
);

function pattern(size: number, seed = 7): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = i * seed + (i >> 8);
  return bytes;
}

describe("Codec", () => {
  it("carries every operand", () => {
    const operands = fc.record({
      fd: fc.integer({ min: -1, max: 0x7fffffff }),
      position: fc.oneof(fc.constant(-1), fc.maxSafeNat()),
      a: number,
      b: number,
      c: number,
      d: number,
      path: fc.oneof(text, bytes(2000)),
      path2: fc.oneof(text, bytes(2000)),
      data: bytes(20_000),
      level: fc.nat(8),
    });
    fc.assert(
      fc.property(slot, operands, (slot, given) => {
        expect(codec.encode(make("spewAtomic", given), slot)).toBe(Encoded.ok);
        frame.enter(slot);
        const { op, fd, a, b, c, d, path, path2, data, cancelled } = frame;
        expect({ op, fd, a, b, c, d, cancelled }).toEqual({
          op: ops.spewAtomic.code,
          fd: given.fd,
          a: given.a,
          b: given.b,
          c: given.c,
          d: given.d,
          cancelled: false,
        });
        expect(frame.position).toBe(
          given.position === -1 ? null : given.position,
        );
        expect(path).toEqual(Buffer.from(given.path as string));
        expect(path2).toEqual(Buffer.from(given.path2 as string));
        expect(data.equals(given.data)).toBe(true);
        const level = memory.words[slot * SLOT_WORDS + Slot.level];
        expect(level).toBe(given.level);
        codec.release(slot);
        expect(codec.arena.usedBytes).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it("forgets that an earlier request of the slot was cancelled", () => {
    memory.words[SLOT_WORDS + Slot.cancelled] = 1;
    expect(codec.encode(make("nop", {}), 1)).toBe(Encoded.ok);
    expect(memory.words[SLOT_WORDS + Slot.cancelled]).toBe(0);
  });

  it("takes paths with all bytes", () => {
    const all = pattern(256, 1);
    const request = make("rename", { path: all, path2: all.toReversed() });
    expect(codec.encode(request, 1)).toBe(Encoded.ok);
    frame.enter(1);
    expect(Buffer.from(frame.path).equals(all)).toBe(true);
    expect(Buffer.from(frame.path2).equals(all.toReversed())).toBe(true);
  });

  it.each([
    ["ASCII", "a", 1],
    ["two bytes", "é", 2],
    ["three bytes", "€", 3],
    ["a surrogate pair", "😀", 4],
    ["a lone surrogate", "\ud800", 3],
  ])("fills a block with a path of %s, and no more", (_about, char, width) => {
    const most = char.repeat(Math.floor(BLOCK_BYTES / width));
    expect(codec.encode(make("stat", { path: most }), 0)).toBe(Encoded.ok);
    frame.enter(0);
    expect(frame.path.toString()).toBe(Buffer.from(most).toString());
    const over = most + char;
    const encoded = codec.encode(make("stat", { path: over }), 0);
    expect(encoded).toBe(Encoded.pathTooLong);
    const asBytes = make("stat", { path: Buffer.from(over) });
    expect(codec.encode(asBytes, 0)).toBe(Encoded.pathTooLong);
  });

  it("refuses a second path that does not fit beside the first", () => {
    const path = "x".repeat(5000);
    const room = BLOCK_BYTES - 5000;
    const fits = make("link", { path, path2: "y".repeat(room) });
    expect(codec.encode(fits, 0)).toBe(Encoded.ok);
    const not = make("link", { path, path2: "y".repeat(room + 1) });
    expect(codec.encode(not, 0)).toBe(Encoded.pathTooLong);
    expect(codec.arena.usedBytes).toBe(0);
  });

  it.each(boundaries)("carries %d bytes in, beside any path", (size) => {
    const data = pattern(size);
    for (const path of ["", "p", "p".repeat(BLOCK_BYTES)]) {
      const request = make("spew", { path, data });
      expect(codec.encode(request, 2)).toBe(Encoded.ok);
      frame.enter(2);
      expect(frame.data.equals(data)).toBe(true);
      expect(frame.path.toString()).toBe(path);
      const inBlock = size + path.length <= BLOCK_BYTES;
      expect(frame.dataOffset < arenaStart(sizes)).toBe(inBlock);
      codec.release(2);
      expect(codec.arena.usedBytes).toBe(0);
    }
  });

  it.each(boundaries)("brings %d bytes back", (size) => {
    const target = Buffer.alloc(size, 255);
    const request = make("read", { data: target });
    expect(codec.encode(request, 3)).toBe(Encoded.ok);
    frame.enter(3);
    expect(frame.dataBytes).toBe(size);
    const read = pattern(size, 11);
    frame.bytes.set(read, frame.dataOffset);
    codec.decode(request, 3, size);
    codec.release(3);
    expect(request).toMatchObject({ result: size, value: size });
    expect(target.equals(read)).toBe(true);
    expect(codec.arena.usedBytes).toBe(0);
  });

  it("leaves the rest of a buffer that a short read did not fill", () => {
    const target = Buffer.alloc(100, 9);
    const request = make("read", { data: target });
    codec.encode(request, 0);
    frame.enter(0);
    frame.bytes.fill(1, frame.dataOffset, frame.dataOffset + 100);
    codec.decode(request, 0, 40);
    expect(target.equals(Buffer.alloc(100, 9).fill(1, 0, 40))).toBe(true);
  });

  it("takes no more than one chunk", () => {
    const data = new Uint8Array(DATA_MAX_BYTES + 1);
    const request = make("spew", { path: "x", data });
    expect(codec.encode(request, 0)).toBe(Encoded.tooLarge);
    expect(codec.arena.usedBytes).toBe(0);
  });

  it("reports a full arena, and takes the request later", () => {
    const data = new Uint8Array(DATA_MAX_BYTES);
    const request = make("spew", { path: "x", data });
    expect(codec.encode(request, 0)).toBe(Encoded.ok);
    expect(codec.encode(request, 1)).toBe(Encoded.ok);
    expect(codec.encode(request, 2)).toBe(Encoded.full);
    codec.release(0);
    expect(codec.encode(request, 2)).toBe(Encoded.ok);
    codec.release(1);
    codec.release(2);
    expect(codec.arena.usedBytes).toBe(0);
  });

  it("gives bytes, text and numbers as the caller's own", () => {
    const slurp = make("slurp", { path: "x" });
    codec.encode(slurp, 0);
    frame.enter(0);
    expect(frame.send(pattern(100))).toBe(0);
    codec.decode(slurp, 0, 0);
    frame.bytes.fill(0, frame.dataOffset, frame.dataOffset + 100);
    expect(Buffer.from(pattern(100)).equals(slurp.value as Buffer)).toBe(true);

    const mkdirp = make("mkdirp", { path: "x" });
    codec.encode(mkdirp, 0);
    frame.text("/ä€😀");
    codec.decode(mkdirp, 0, 0);
    expect(mkdirp.value).toBe("/ä€😀");
    frame.setOutBytes(-1);
    codec.decode(mkdirp, 0, 0);
    expect(mkdirp.value).toBeUndefined();

    const stat = make("stat", { path: "x" });
    codec.encode(stat, 0);
    frame.setDouble(0, 1.5);
    frame.setDouble(1, -2);
    codec.decode(stat, 0, 2);
    frame.setDouble(0, 0);
    expect(stat.value).toEqual(new Float64Array([1.5, -2]));
  });

  it("carries the details of a failure", () => {
    const request = make("slurp", { path: "x" });
    codec.encode(request, 0);
    frame.enter(0);
    const fault = { errno: -2, syscall: "open", path: "/ä\u0001" };
    expect(frame.fail(-2, fault)).toBe(-2);
    codec.decode(request, 0, -2);
    expect(request).toMatchObject({ result: -2, fault });
  });
});

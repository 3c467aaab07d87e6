// Shared memory beyond 2 GiB, where an offset no longer fits a signed word: what lies there is found by its
// maker, the worker and the loop. Untouched pages cost nothing.
import fc from "fast-check";
import fs from "node:fs";
import { MessageChannel } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { ops } from "../../src/ops/table.ts";
import { Arena } from "../../src/request/arena.ts";
import { Codec, DATA_MAX_BYTES, Encoded } from "../../src/request/codec.ts";
import {
  ARENA_MAX_BYTES,
  ARENA_MIN_BYTES,
  SLOT_WORDS,
  Slot,
  State,
  allocStart,
} from "../../src/request/layout.ts";
import { makeMemory } from "../../src/request/make-memory.ts";
import { Request } from "../../src/request/request.ts";
import { decodeInto } from "../../src/request/results.ts";
import { Frame } from "../../workers/frame.ts";
import { testFolder } from "../helpers/files.ts";

const GIB_2 = 2 ** 31;
const GIB_4 = 2 ** 32;
const folder = testFolder();

describe("an arena", () => {
  it("gives and takes back chunks on both sides of 2 GiB, and up to 4", () => {
    const edge = fc.constantFrom(GIB_2, GIB_4 - 4 * ARENA_MAX_BYTES);
    const sizes = fc.array(fc.integer({ min: 1, max: ARENA_MAX_BYTES }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(edge, fc.nat(4), sizes, (at, before, takes) => {
        const start = at - before * ARENA_MAX_BYTES;
        const bytes = 4 * ARENA_MAX_BYTES;
        const arena = new Arena(start, bytes);
        const offsets = takes
          .map((size) => arena.take(size))
          .filter((offset) => offset !== -1);
        expect(new Set(offsets).size).toBe(offsets.length);
        for (const offset of offsets) {
          expect(offset).toBeGreaterThanOrEqual(start);
          expect(offset).toBeLessThan(start + bytes);
          expect((offset - start) % ARENA_MIN_BYTES).toBe(0);
        }
        for (const offset of offsets) arena.release(offset);
        expect(arena.usedBytes).toBe(0);
      }),
    );
  });

  it("of 2 GiB gives all of it, each chunk once, and takes it back", () => {
    const start = 131072;
    const arena = new Arena(start, GIB_2);
    const offsets: number[] = [];
    let at = arena.take(ARENA_MAX_BYTES);
    while (at !== -1) {
      offsets.push(at);
      at = arena.take(ARENA_MAX_BYTES);
    }
    expect(offsets).toEqual(
      Array.from({ length: 2048 }, (_, i) => start + i * ARENA_MAX_BYTES),
    );
    for (const offset of offsets) arena.release(offset);
    expect(arena.usedBytes).toBe(0);
  });
});

describe("a request", () => {
  const sizes = {
    slots: 16,
    arenaBytes: GIB_2,
    allocBytes: 32 << 20,
    workersMax: 1,
  };
  const memory = makeMemory(sizes);
  const codec = new Codec(memory);
  const { port1, port2 } = new MessageChannel();
  const frame = new Frame(memory, port2);
  afterAll(() => port1.close());

  const make = (name: "write" | "read", data: Uint8Array): Request => {
    const request = new Request(ops[name].code, decodeInto, () => {});
    return Object.assign(request, { fd: 1, data });
  };

  it("finds its data in the last chunk of the arena", () => {
    const taken: number[] = [];
    for (let i = 0; i < 2047; i++) taken.push(codec.arena.take(DATA_MAX_BYTES));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        (pattern) => {
          const data = Buffer.alloc(DATA_MAX_BYTES, pattern);
          expect(codec.encode(make("write", data), 3)).toBe(Encoded.ok);
          frame.enter(3);
          expect(frame.dataOffset + DATA_MAX_BYTES).toBeGreaterThan(GIB_2);
          expect(frame.data.equals(data)).toBe(true);
          const target = Buffer.alloc(DATA_MAX_BYTES);
          codec.decode(make("read", target), 3, DATA_MAX_BYTES);
          expect(target.equals(data)).toBe(true);
          codec.release(3);
        },
      ),
      { numRuns: 10 },
    );
    expect(codec.arena.usedBytes).toBe(2047 * DATA_MAX_BYTES);
    for (const offset of taken) codec.arena.release(offset);
  });

  it("finds a buffer of alloc(), which stays its own while it works on it", () => {
    const buffer = codec.allocator.take(100_000, 4096);
    const { byteOffset } = buffer;
    expect(byteOffset).toBeGreaterThanOrEqual(allocStart(sizes));
    expect(byteOffset).toBeGreaterThan(GIB_2);
    expect(codec.encode(make("read", buffer), 5)).toBe(Encoded.ok);
    frame.enter(5);
    expect(frame.dataOffset).toBe(byteOffset);
    frame.data.fill("read");
    expect(buffer.toString("latin1", 0, 8)).toBe("readread");
    const state = 5 * SLOT_WORDS + Slot.state;
    Atomics.store(memory.words, state, State.running);
    expect(codec.allocator.release(buffer)).toBe(true);
    const used = codec.allocator.usedBytes;
    expect(used).toBeGreaterThan(0);
    Atomics.store(memory.words, state, State.free);
    codec.release(5);
  });
});

describe.each(["pool", "auto"] as const)("an instance (%s)", (backend) => {
  it("with an arena of 2 GiB reads into and writes from alloc()", async () => {
    const eio = createEio({ backend, arenaBytes: GIB_2 });
    const file = folder.join(`${backend} file`);
    const out = eio.alloc(300_000);
    expect(out.byteOffset).toBeGreaterThan(GIB_2);
    out.fill("beyond");
    const handle = await eio.promises.open(file, "w+");
    expect((await handle.write(out, 0, 300_000, 0)).bytesWritten).toBe(300_000);
    expect(fs.readFileSync(file).equals(out)).toBe(true);
    const into = eio.alloc(300_000);
    expect((await handle.read(into, 0, 300_000, 0)).bytesRead).toBe(300_000);
    expect(into.equals(out)).toBe(true);
    await handle.close();
    await eio.close();
  });
});

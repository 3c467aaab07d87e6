// alloc: where its buffers lie, that they are used in place, and that their memory comes back, shown
// or collected.
import { setFlagsFromString } from "node:v8";
import fs from "node:fs";
import { runInNewContext } from "node:vm";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { listBackends } from "../../../src/backends/select.ts";
import { makeMemory } from "../../../src/request/make-memory.ts";
import { closeEngines, makeEngine, send, turn } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";
import { afterEach } from "vitest";

const folder = testFolder();
const content = Buffer.from(Array.from({ length: 9000 }, (_, i) => i & 255));
const file = folder.file("data", content);
const eio = createEio({ allocBytes: 32 << 20 });
afterAll(() => eio.close());
afterEach(closeEngines);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

describe("alloc", () => {
  const { addon } = loadNative();
  const memory = makeMemory({ slots: 16, arenaBytes: 0, workersMax: 1 });
  const attached = addon?.attach(memory.words, memory.bytes);
  // Native code has its addresses and no more: somebody has to keep it.
  afterAll(() => expect(memory.words.length).not.toBe(0));

  it.skipIf(!attached).each([undefined, 1, 512, 4096, 65536])(
    "aligns by %s",
    (align) => {
      for (const bytes of [1, 512, 5000, 65536, 1 << 20]) {
        const buffer = eio.alloc(bytes, align === undefined ? {} : { align });
        expect(buffer.byteLength).toBe(bytes);
        expect(
          attached!.note(0, buffer) & (Math.min(align ?? 4096, 4096) - 1),
        ).toBe(0);
        expect(eio.release(buffer)).toBe(true);
      }
    },
  );

  it("gives zeros, and reuses what was released", () => {
    const first = eio.alloc(8192).fill(7);
    const { byteOffset } = first;
    expect(eio.release(first.subarray(5, 6))).toBe(true);
    expect(eio.release(first)).toBe(false);
    const second = eio.alloc(5000);
    expect(second.byteOffset).toBe(byteOffset);
    expect(second.every((byte) => byte === 0)).toBe(true);
    expect(eio.release(second)).toBe(true);
    expect(eio.release(Buffer.alloc(10))).toBe(false);
  });

  it("refuses sizes beyond its limits", () => {
    const held = [eio.alloc(16 << 20), eio.alloc(16 << 20)];
    expect(() => eio.alloc(1)).toThrow(
      expect.objectContaining({ code: "ERR_EIO_TOO_LARGE" }),
    );
    for (const buffer of held) eio.release(buffer);
    for (const bytes of [-1, 1.5, (16 << 20) + 1])
      expect(() => eio.alloc(bytes)).toThrow(
        expect.objectContaining({ code: "ERR_OUT_OF_RANGE" }),
      );
    expect(() => eio.alloc("1" as never)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }),
    );
    for (const align of [0, 3, 131072, "8"])
      expect(() => eio.alloc(1, { align: align as never })).toThrow(
        expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }),
      );
  });

  it("reuses what is collected, but not while a slice of it lives", async () => {
    const engine = makeEngine({ allocBytes: 16 << 20 });
    const { allocator } = engine;
    let slice: Buffer | null = allocator.take(4096, 4096).subarray(100, 200);
    slice.fill(9);
    for (let i = 0; i < 100; i++) allocator.take(4096, 4096);
    const few = async (bytes: number): Promise<void> => {
      while (allocator.usedBytes > bytes) {
        collect();
        await turn();
      }
    };
    await few(4096);
    for (let i = 0; i < 5; i++) {
      collect();
      await turn();
    }
    expect(allocator.usedBytes).toBe(4096);
    expect(slice.every((byte) => byte === 9)).toBe(true);
    slice = null;
    await few(0);
  });
});

const backends = (["pool", "uring", "aio", "nowait"] as const).filter(
  (name) => listBackends()[name].available,
);
describe.each(backends)("buffers of alloc on %s", (backend) => {
  it("are filled and written where they are", async () => {
    const engine = makeEngine({ backend, allocBytes: 16 << 20 });
    const buffer = engine.allocator.take(16384, 4096);
    const fd = fs.openSync(file, "r");
    const data = buffer.subarray(100, 9100);
    const submitted = send(engine, "read", { fd, data, position: 0 });
    await new Promise(process.nextTick);
    expect(engine.arenaUsedBytes).toBe(0);
    expect((await submitted.done).result).toBe(9000);
    expect(data.equals(content)).toBe(true);
    expect(buffer.subarray(9100).every((byte) => byte === 0)).toBe(true);
    fs.closeSync(fd);
    const out = fs.openSync(folder.join(`out-${backend}`), "w");
    await send(engine, "write", { fd: out, data, position: 3 }).done;
    fs.closeSync(out);
    const wrote = fs.readFileSync(folder.join(`out-${backend}`));
    expect(wrote.subarray(3).equals(content)).toBe(true);
  });

  it("are not given to others while a request uses them", async () => {
    const engine = makeEngine({ backend, allocBytes: 16 << 20 });
    const { allocator } = engine;
    const fd = fs.openSync(file, "r");
    const buffer = allocator.take(16 << 20, 4096);
    const data = buffer.subarray(0, 9000);
    const submitted = send(engine, "read", { fd, data, position: 0 });
    // In the same turn: what is there at once is done in the next tick.
    expect(allocator.release(buffer)).toBe(true);
    expect(() => allocator.take(4096, 4096)).toThrow("limit");
    expect((await submitted.done).result).toBe(9000);
    expect(allocator.take(4096, 4096).byteLength).toBe(4096);
    fs.closeSync(fd);
  });

  it("are copied where the caller may stop waiting", async () => {
    const engine = makeEngine({ backend, allocBytes: 16 << 20 });
    const data = engine.allocator.take(4096, 4096);
    const fd = fs.openSync(file, "r");
    const ends = { timeout: 10_000 };
    const submitted = send(engine, "read", { fd, data, position: 0, ends });
    engine.cancel(submitted.request, "enough");
    await submitted.done;
    expect(data.every((byte) => byte === 0)).toBe(true);
    fs.closeSync(fd);
  });
});

// openDirect beside a plain copy of the same file: whatever is read or written, at whatever offset, in
// whatever memory, both end up the same. Then what only direct files have: refusals, alignment, order.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import type { DirectFileHandle } from "../../../src/api/direct/handle.ts";
import { listBackends } from "../../../src/backends/select.ts";
import { pattern } from "../../helpers/bytes.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const shm = fs.mkdtempSync("/dev/shm/eio-direct-");
afterAll(() => fs.rmSync(shm, { recursive: true, force: true }));

const instances = (["pool", "uring", "aio", "nowait"] as const)
  .filter((backend) => listBackends()[backend].available)
  .map((backend) => ({
    backend,
    eio: createEio({ backend, maxParallel: 2, slots: 64 }),
  }));
afterAll(() => Promise.all(instances.map(({ eio }) => eio.close())));

const bytes = (length: number, seed = 1): Buffer => pattern(length, seed);

let files = 0;
async function fileOf(
  eio: Eio,
  content: Buffer,
  flags = "r+",
): Promise<{ file: string; handle: DirectFileHandle }> {
  const file = folder.file(`file-${files++}`, content);
  return { file, handle: await eio.openDirect(file, flags) };
}

const SIZE_MAX = 20_000;
const step = fc.record({
  what: fc.constantFrom("read", "write", "readNext", "writeNext", "truncate"),
  position: fc.oneof(
    fc.nat(SIZE_MAX),
    fc.constantFrom(0, 511, 512, 4095, 4096, 8192, 12288),
  ),
  length: fc.oneof(
    fc.integer({ min: 1, max: SIZE_MAX }),
    fc.constantFrom(1, 512, 4096, 8192),
  ),
  /** Where in memory the buffer begins. */
  skew: fc.oneof(fc.constant(0), fc.nat(600)),
  own: fc.boolean(),
});

describe.each(instances)("openDirect on $backend", ({ backend, eio }) => {
  it("opens files directly, as the tests below require", async () => {
    const { handle } = await fileOf(eio, bytes(10));
    expect(handle.direct).toBe(true);
    await handle.close();
  });

  it("reads and writes as a plain file does", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(SIZE_MAX),
        fc.array(step, { minLength: 1, maxLength: 12 }),
        async (length, steps) => {
          const content = bytes(length);
          const { file, handle } = await fileOf(eio, content);
          const copy = fs.openSync(folder.file("copy", content), "r+");
          let at = 0;
          const own = eio.alloc(SIZE_MAX + 600);
          for (const { what, position, length, skew, ...memory } of steps) {
            const base = memory.own ? own : Buffer.alloc(SIZE_MAX + 600);
            const buffer = base.subarray(skew, skew + length);
            const mine = Buffer.alloc(length);
            const next = what.endsWith("Next");
            const where = next ? at : position;
            const given = next ? null : position;
            if (what.startsWith("read")) {
              buffer.fill(0);
              const { bytesRead } = await handle.read(buffer, 0, length, given);
              const count = fs.readSync(copy, mine, 0, length, where);
              expect([what, bytesRead]).toEqual([what, count]);
              if (next) at += count;
            } else if (what.startsWith("write")) {
              bytes(length, position).copy(buffer);
              mine.set(buffer);
              const { bytesWritten } = await handle.write(
                buffer,
                0,
                length,
                given,
              );
              expect(bytesWritten).toBe(length);
              fs.writeSync(copy, mine, 0, length, where);
              if (next) at += length;
            } else {
              await handle.truncate(position);
              fs.ftruncateSync(copy, position);
            }
            if (what !== "truncate") expect(buffer.equals(mine)).toBe(true);
            expect(fs.fstatSync(copy).size).toBe((await handle.stat()).size);
          }
          await handle.close();
          fs.closeSync(copy);
          expect(eio.release(own)).toBe(true);
          expect(
            fs.readFileSync(file).equals(fs.readFileSync(folder.join("copy"))),
          ).toBe(true);
          fs.unlinkSync(file);
        },
      ),
      { numRuns: 10 },
    );
  });

  it("writes side by side what does not overlap, blocks shared or not", async () => {
    const { file, handle } = await fileOf(eio, Buffer.alloc(0));
    const content = bytes(30_000);
    const parts = [];
    for (let at = 0; at < content.length; at += 700)
      parts.push({ at, part: content.subarray(at, at + 700) });
    await Promise.all(
      parts
        .sort((a, b) => ((a.at * 7919) % 997) - ((b.at * 7919) % 997))
        .map(({ at, part }) => handle.write(part, 0, part.length, at)),
    );
    await handle.close();
    expect(fs.readFileSync(file).equals(content)).toBe(true);
  });

  it.each([0, 1, 511, 512, 4096, 5000, (3 << 20) + 17])(
    "readFile and writeFile: %d bytes",
    async (length) => {
      const content = bytes(length);
      const { file, handle } = await fileOf(eio, content, "r");
      expect((await handle.readFile()).equals(content)).toBe(true);
      expect(await handle.readFile("utf8")).toBe("");
      await handle.close();
      const out = await eio.openDirect(`${file}-out`, "w");
      await out.writeFile(content);
      await out.appendFile("more");
      await expect(out.read(Buffer.alloc(1))).rejects.toThrow("EBADF");
      await out.close();
      const wanted = Buffer.concat([content, Buffer.from("more")]);
      expect(fs.readFileSync(`${file}-out`).equals(wanted)).toBe(true);
    },
  );

  it("streams, from and to anywhere", async () => {
    const content = bytes(300_001);
    const { file, handle } = await fileOf(eio, content, "r");
    const out = await eio.openDirect(`${file}-out`, "w");
    await pipeline(
      handle.createReadStream({ start: 13, highWaterMark: 5000 }),
      out.createWriteStream({ start: 7 }),
    );
    const wanted = Buffer.concat([Buffer.alloc(7), content.subarray(13)]);
    expect(fs.readFileSync(`${file}-out`).equals(wanted)).toBe(true);
  });

  it("appends, whatever position is given", async () => {
    const { file, handle } = await fileOf(eio, Buffer.from("begin"), "a");
    await Promise.all([
      handle.write("-one"),
      handle.write(Buffer.from("-two"), 0, 4, 1),
      handle.appendFile("-three"),
    ]);
    await handle.close();
    expect(fs.readFileSync(file, "latin1")).toBe("begin-one-two-three");
  });

  it("reads and writes many buffers at once", async () => {
    const { handle } = await fileOf(eio, bytes(100));
    await handle.writev([bytes(5000, 2), bytes(33, 3)], 77);
    const parts = [Buffer.alloc(5000), Buffer.alloc(100)];
    expect((await handle.readv(parts, 77)).bytesRead).toBe(5033);
    expect(parts[0]!.equals(bytes(5000, 2))).toBe(true);
    expect(parts[1]!.subarray(0, 33).equals(bytes(33, 3))).toBe(true);
    await handle.close();
  });

  it("takes signals and timeouts", async () => {
    const { handle } = await fileOf(eio, bytes(9000));
    const buffer = eio.alloc(4096);
    const signal = AbortSignal.abort();
    const at = { offset: 0, length: 4096, position: 0 };
    await expect(handle.read(buffer, { ...at, signal })).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
    await expect(
      handle.write(buffer, { ...at, length: 10, signal } as never),
    ).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    await expect(handle.readFile({ signal })).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
    const ends = {
      ...at,
      timeout: 10_000,
      signal: new AbortController().signal,
    };
    expect((await handle.read(buffer, ends)).bytesRead).toBe(4096);
    expect(buffer.equals(bytes(9000).subarray(0, 4096))).toBe(true);
    await handle.close();
    expect(handle.fd).toBe(-1);
  });

  it("does not block the loop: reads in the middle of many", async () => {
    const content = bytes(1 << 20);
    const { handle } = await fileOf(eio, content, "r");
    const reads = Array.from({ length: 300 }, async (_, i) => {
      const buffer = eio.alloc(4096);
      const position = ((i * 7919) % 256) * 4096;
      const { bytesRead } = await handle.read(buffer, 0, 4096, position);
      const wanted = content.subarray(position, position + 4096);
      eio.release(buffer);
      return bytesRead === 4096 && buffer.equals(wanted);
    });
    expect((await Promise.all(reads)).every(Boolean)).toBe(true);
    await handle.close();
  });

  it("works on a tmpfs, direct or not", async () => {
    const file = path.join(shm, backend);
    const handle = await eio.openDirect(file, "w+", 0o600, { fallback: true });
    await handle.writeFile("some text");
    expect((await handle.read(Buffer.alloc(4), 0, 4, 5)).bytesRead).toBe(4);
    await handle.close();
    expect(fs.readFileSync(file, "latin1")).toBe("some text");
  });

  it("rejects where a file system refuses, or falls back to a plain file", async () => {
    const file = "/proc/version";
    await expect(eio.openDirect(file)).rejects.toThrow(
      expect.objectContaining({
        message: `EINVAL: invalid argument, open '${file}'`,
        code: "EINVAL",
        errno: -os.constants.errno.EINVAL,
        syscall: "open",
        path: file,
        cause: expect.objectContaining({
          message: expect.stringContaining("fallback: true") as string,
        }) as Error,
      }),
    );
    const handle = await eio.openDirect(file, "r", null, { fallback: true });
    expect(handle.direct).toBe(false);
    expect(await handle.readFile("utf8")).toBe(fs.readFileSync(file, "utf8"));
    await handle.close();
    await expect(eio.openDirect(folder.join("none"))).rejects.toThrow("ENOENT");
    await expect(eio.openDirect(5 as never)).rejects.toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }),
    );
  });
});

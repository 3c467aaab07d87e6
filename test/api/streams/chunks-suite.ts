// The chunks of a read stream, as Node has them: each has memory of its own, so a program may transfer it to a thread, or take its
// `buffer` for the chunk, while the stream has read others ahead.
import { once } from "node:events";
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import type { BackendChoice } from "../../../src/backends/select.ts";
import { createEio } from "../../../src/index.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const content = Buffer.alloc(3_000_001);
for (let i = 0; i < content.length; i++) content[i] = (i * 7) ^ (i >>> 8);
const file = folder.file("file", content);

export function chunksSuite(...backends: BackendChoice[]): void {
  describe.each(backends)("a chunk on %s", (backend) => {
    const eio = createEio({ backend });
    afterAll(() => eio.close());

    // The second is not a multiple of what memory is aligned to.
    it.each([65_536, 10_001, 100])(
      "of %d bytes can be transferred, and all data comes all the same",
      async (highWaterMark) => {
        const end = 40 * highWaterMark;
        const stream = eio.fs.createReadStream(file, { highWaterMark, end });
        const parts: Buffer[] = [];
        const beyond: number[] = [];
        const sizes = new Set<number>();
        stream.on("data", (chunk) => {
          const { buffer, byteLength } = chunk as Buffer<ArrayBuffer>;
          sizes.add(byteLength);
          if (buffer.byteLength !== byteLength) beyond.push(buffer.byteLength);
          const moved = structuredClone(buffer, { transfer: [buffer] });
          parts.push(Buffer.from(moved));
        });
        await once(stream, "close");
        expect(beyond).toEqual([]);
        expect([...sizes]).toEqual([highWaterMark, 1]);
        expect(Buffer.concat(parts).equals(content.subarray(0, end + 1))).toBe(
          true,
        );
      },
    );

    it.each([65_536, 10_001, 1 << 20])(
      "of %d bytes is one chunk for a loop that awaits each, as in Node",
      async (highWaterMark) => {
        const sizes = { ours: [] as number[], nodes: [] as number[] };
        for await (const chunk of eio.fs.createReadStream(file, {
          highWaterMark,
        }))
          sizes.ours.push((chunk as Buffer).byteLength);
        for await (const chunk of fs.createReadStream(file, { highWaterMark }))
          sizes.nodes.push((chunk as Buffer).byteLength);
        expect(sizes.ours).toEqual(sizes.nodes);
      },
    );

    it("that is less than a character is followed by the next", async () => {
      const text = "äö€😀".repeat(300);
      const small = folder.file("small", text);
      for (const highWaterMark of [1, 2, 3]) {
        const options = { highWaterMark, encoding: "utf8" as const };
        let flowing = "";
        const stream = eio.fs.createReadStream(small, options);
        stream.on("data", (part) => (flowing += String(part)));
        await once(stream, "close");
        let awaited = "";
        for await (const part of eio.fs.createReadStream(small, options))
          awaited += String(part);
        expect([flowing, awaited]).toEqual([text, text]);
      }
    });

    it("is followed by the next byte, where larger ones are wanted while the stream reads ahead", async () => {
      const stream = eio.fs.createReadStream(file, { highWaterMark: 16_384 });
      const parts: Buffer[] = [];
      let wanted = 10_000;
      stream.on("readable", () => {
        for (;;) {
          const part = (stream.read(wanted) ?? stream.read()) as Buffer | null;
          if (part === null) break;
          parts.push(part);
          wanted = Math.min(wanted + 10_000, 300_000);
        }
      });
      await once(stream, "close");
      expect(Buffer.concat(parts).equals(content)).toBe(true);
    });
  });
}

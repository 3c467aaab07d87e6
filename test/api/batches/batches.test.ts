// Batches: results in the order of the requests, an outcome per item, one end for the whole.
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { mergeRanges } from "../../../src/api/batches/read-many.ts";
import { makeFolder } from "../differential.ts";

const eio = createEio({ maxParallel: 2 });
afterAll(() => eio.close());

function folderOf(count: number): string[] {
  const folder = makeFolder();
  return Array.from({ length: count }, (_, i) => {
    const file = path.join(folder, `file-${i}`);
    fs.writeFileSync(file, `content of ${i}`);
    return file;
  });
}

describe("statMany", () => {
  it("returns what statSync does, in order, with an error per item", async () => {
    const paths = folderOf(150);
    const requested = paths.flatMap((file, i) =>
      i % 7 === 0 ? [`${file}-none`, file] : [file],
    );
    const outcomes = await eio.statMany(requested);
    expect(outcomes).toHaveLength(requested.length);
    outcomes.forEach((outcome, i) => {
      if (requested[i]!.endsWith("none")) {
        expect(outcome.status).toBe("rejected");
        const { reason } = outcome as PromiseRejectedResult;
        expect(reason).toMatchObject({
          code: "ENOENT",
          errno: -2,
          syscall: "stat",
          path: requested[i],
          message: `ENOENT: no such file or directory, stat '${requested[i]}'`,
        });
      } else {
        expect(outcome).toEqual({
          status: "fulfilled",
          value: fs.statSync(requested[i]!),
        });
      }
    });
  });

  it("takes buffers, URLs, bigints and refuses bad paths one by one", async () => {
    const [file] = folderOf(1);
    const outcomes = await eio.statMany([
      Buffer.from(file!),
      new URL(`file://${file}`),
      `${file}\0`,
      7 as never,
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect((outcomes[2] as PromiseRejectedResult).reason).toMatchObject({
      code: "ERR_INVALID_ARG_VALUE",
    });
    expect((outcomes[3] as PromiseRejectedResult).reason).toMatchObject({
      code: "ERR_INVALID_ARG_TYPE",
    });
    const [big] = await eio.statMany([file!], { bigint: true });
    expect((big as PromiseFulfilledResult<fs.BigIntStats>).value).toEqual(
      fs.statSync(file!, { bigint: true }),
    );
  });

  it("resolves to an empty array without paths", async () => {
    expect(await eio.statMany([])).toEqual([]);
  });
});

describe("readFiles", () => {
  it("reads whole files in order, large and small, with an error per item", async () => {
    const paths = folderOf(20);
    fs.writeFileSync(paths[3]!, Buffer.alloc(3 << 20, 9));
    fs.writeFileSync(paths[4]!, "");
    const requested = [...paths, `${paths[0]}-none`];
    const outcomes = await eio.readFiles(requested);
    for (const [i, file] of paths.entries())
      expect(
        (outcomes[i] as PromiseFulfilledResult<Buffer>).value.equals(
          fs.readFileSync(file),
        ),
      ).toBe(true);
    expect(outcomes.at(-1)).toMatchObject({
      status: "rejected",
      reason: { code: "ENOENT", syscall: "open" },
    });
    const texts = await eio.readFiles(paths.slice(0, 3), "utf8");
    expect(texts.map((text) => (text as { value: unknown }).value)).toEqual([
      "content of 0",
      "content of 1",
      "content of 2",
    ]);
  });
});

describe("readMany", () => {
  it("returns what a read of each range would", async () => {
    const file = path.join(makeFolder(), "data");
    const bytes = Buffer.from(
      Array.from({ length: 100_000 }, (_, i) => i & 255),
    );
    fs.writeFileSync(file, bytes);
    const fd = fs.openSync(file, "r");
    const range = fc.record({
      position: fc.integer({ min: 0, max: 110_000 }),
      length: fc.integer({ min: 0, max: 30_000 }),
    });
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(range, { maxLength: 12 }),
          fc.integer({ min: 0, max: 20_000 }),
          async (ranges, mergeGapBytes) => {
            const outcomes = await eio.readMany(fd, ranges, { mergeGapBytes });
            expect(outcomes).toHaveLength(ranges.length);
            outcomes.forEach((outcome, i) => {
              const { position, length } = ranges[i]!;
              const want = bytes.subarray(position, position + length);
              const { value } = outcome as PromiseFulfilledResult<{
                bytesRead: number;
                buffer: Buffer;
              }>;
              expect(value.bytesRead).toBe(want.byteLength);
              expect(value.buffer.equals(want)).toBe(true);
            });
          },
        ),
        { numRuns: 60 },
      );
    } finally {
      fs.closeSync(fd);
    }
  });

  it("reads neighbours as one, and nothing larger than a request", () => {
    const at = (position: number, length: number) => ({ position, length });
    expect(mergeRanges([at(0, 10), at(10, 10), at(4196, 4)], 4096)).toEqual([
      { position: 0, end: 20, members: [0, 1] },
      { position: 4196, end: 4200, members: [2] },
    ]);
    expect(mergeRanges([at(500, 1), at(0, 10)], 490)).toEqual([
      { position: 0, end: 501, members: [1, 0] },
    ]);
    expect(mergeRanges([at(0, 1 << 20), at(1 << 20, 1)], 0)).toHaveLength(2);
  });

  it("fails each range of a closed descriptor and refuses bad ranges at once", async () => {
    const outcomes = await eio.readMany(99_999, [{ position: 0, length: 5 }]);
    expect(outcomes[0]).toMatchObject({
      status: "rejected",
      reason: { code: "EBADF", syscall: "read" },
    });
    await expect(
      eio.readMany(1, [{ position: -1, length: 1 }]),
    ).rejects.toMatchObject({ code: "ERR_OUT_OF_RANGE" });
    await expect(eio.readMany("x" as never, [])).rejects.toMatchObject({
      code: "ERR_INVALID_ARG_TYPE",
    });
  });
});

describe("the end of a whole batch", () => {
  it("comes with a signal: it rejects at once and nothing is left behind", async () => {
    const slow = createEio({ maxParallel: 0 });
    const paths = folderOf(200);
    const controller = new AbortController();
    const batch = slow.readFiles(paths, { signal: controller.signal });
    const rejection = expect(batch).rejects.toMatchObject({
      name: "AbortError",
      code: "ABORT_ERR",
      cause: "enough",
    });
    controller.abort("enough");
    await rejection;
    expect(slow.nreqs).toBe(0);
    slow.setLimits({ maxParallel: 1 });
    await slow.nop();
    await slow.close();
  });

  it("comes with a deadline", async () => {
    const paused = createEio({ maxParallel: 0 });
    await expect(
      paused.statMany(folderOf(3), { timeout: 1 }),
    ).rejects.toMatchObject({ code: "ETIMEDOUT", syscall: "stat" });
    expect(paused.nreqs).toBe(0);
    await paused.close();
  });
});

// writev of many buffers: what is written is what was given, however many write at the same time, and the memory that
// it is put together in is used again only when it is free.
import fs from "node:fs";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { gathered } from "../../../src/api/descriptors/buffers.ts";
import eioFs from "../../../src/fs.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const PARTS = 10;
const PART_BYTES = 10_000;
const parts = (seed: number): Buffer[] =>
  Array.from({ length: PARTS }, (_, i) =>
    Buffer.alloc(PART_BYTES, seed * 16 + i),
  );

it("writes what was given, twelve at a time", async () => {
  const writev = promisify(eioFs.writev);
  for (let round = 0; round < 5; round++)
    await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const given = parts(round + i);
        const file = folder.join(`out-${i}`);
        const fd = fs.openSync(file, "w");
        const { bytesWritten } = await writev(fd, given);
        fs.closeSync(fd);
        expect(bytesWritten).toBe(PARTS * PART_BYTES);
        expect(fs.readFileSync(file).equals(Buffer.concat(given))).toBe(true);
      }),
    );
});

it("shares no memory between those that are not free yet", () => {
  const [one, other] = [gathered(parts(1)), gathered(parts(2))];
  expect(one.data.buffer).not.toBe(other.data.buffer);
  other.free();
  const third = gathered(parts(3));
  expect(third.data.buffer).toBe(other.data.buffer);
  expect(Buffer.concat(parts(1)).equals(one.data)).toBe(true);
  expect(Buffer.concat(parts(3)).equals(third.data)).toBe(true);
});

it("never takes memory of the caller's", () => {
  const mine = Buffer.alloc(1 << 20, 1);
  const { data, free } = gathered([mine]);
  expect(data.buffer).toBe(mine.buffer);
  free();
  expect(gathered(parts(1)).data.buffer).not.toBe(mine.buffer);
});

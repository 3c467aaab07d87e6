// Whole files in the portable executor: nothing stays open, a short read is not the end, and `flush` syncs.
import fs from "node:fs";
import { afterEach, expect, it, vi } from "vitest";
import { slurp, spew, truncate } from "../../workers/files.ts";
import type { Frame } from "../../workers/frame.ts";
import { descriptorsBelow, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const ROOM = 4096;

function frame(path: string, data: string, change: Partial<Frame> = {}): Frame {
  const bytes = Buffer.alloc(ROOM);
  return {
    path,
    fs,
    fd: -1,
    bytes,
    dataOffset: 0,
    dataBytes: bytes.write(data),
    room: ROOM,
    a: 0,
    b: 0o666,
    c: 0,
    outBytes: 0,
    setOutBytes(this: { outBytes: number }, count: number) {
      this.outBytes = count;
    },
    ...change,
  } as unknown as Frame;
}

const WRITE = fs.constants.O_WRONLY | fs.constants.O_CREAT;

afterEach(() => {
  vi.restoreAllMocks();
  expect(descriptorsBelow(folder.path)).toEqual([]);
});

it.each([0, 1])("writes, and syncs where that is wanted (%i)", (flush) => {
  const synced = vi.spyOn(fs, "fsyncSync");
  const path = folder.join(`written-${flush}`);
  expect(spew(frame(path, "content", { a: WRITE, c: flush }))).toBe(0);
  expect(fs.readFileSync(path, "utf8")).toBe("content");
  expect(synced).toHaveBeenCalledTimes(flush);
});

it("reads on after a short read", () => {
  const path = folder.file("short", "some content");
  const real = fs.readSync as (...args: unknown[]) => number;
  vi.spyOn(fs, "readSync").mockImplementation(((
    ...[fd, to, at, bytes, position]: unknown[]
  ) => real(fd, to, at, Math.min(bytes as number, 5), position)) as never);
  const read = frame(path, "");
  expect(slurp(read)).toBe(0);
  expect(read.bytes.subarray(0, read.outBytes).toString()).toBe("some content");
});

it("cuts a file, and closes it", () => {
  const path = folder.file("cut", "some content");
  truncate(frame(path, "", { a: 4 }));
  expect(fs.readFileSync(path, "utf8")).toBe("some");
});

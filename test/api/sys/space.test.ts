// Space, holes, extents and advice, against what python and filefrag make of the same files.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { errnoOf, pattern, places, rejects, witness } from "./witness.ts";

const eio = createEio({ maxParallel: 2 });
const { sys } = eio;
const { constants } = sys;
const here = places();
afterAll(() => eio.close());

const { FALLOC_FL_KEEP_SIZE: KEEP_SIZE, FALLOC_FL_PUNCH_HOLE: PUNCH_HOLE } =
  constants;
const { FALLOC_FL_COLLAPSE_RANGE: COLLAPSE, FALLOC_FL_ZERO_RANGE: ZERO } =
  constants;
const { FALLOC_FL_INSERT_RANGE: INSERT, FALLOC_FL_UNSHARE_RANGE: UNSHARE } =
  constants;

const BLOCK = 4096;
const SIZE = 8 * BLOCK;

const cases: [name: string, mode: number, offset: number, length: number][] = [
  ["allocates, and grows the file", 0, BLOCK, SIZE],
  ["keeps the size", KEEP_SIZE, 0, 2 * SIZE],
  ["punches a hole", PUNCH_HOLE | KEEP_SIZE, BLOCK, 2 * BLOCK],
  ["punches part of a block", PUNCH_HOLE | KEEP_SIZE, 10, 100],
  ["collapses", COLLAPSE, BLOCK, 3 * BLOCK],
  ["zeroes", ZERO, 100, 2 * BLOCK],
  ["zeroes behind the end, keeping the size", ZERO | KEEP_SIZE, 0, 2 * SIZE],
  ["inserts", INSERT, 2 * BLOCK, BLOCK],
  ["unshares", UNSHARE, 0, SIZE],
  ["does not punch without keeping the size", PUNCH_HOLE, 0, BLOCK],
  ["does not collapse to the end", COLLAPSE, 0, SIZE],
  ["does not insert what is not aligned", INSERT, 10, BLOCK],
  ["does nothing for no length", 0, 0, 0],
];

describe.skipIf(loadNative().addon === null).each(here)("on $type", (place) => {
  it.each(cases)("fallocate %s", async (_name, mode, offset, length) => {
    const ours = place.file("ours", pattern(SIZE));
    const theirs = place.file("theirs", pattern(SIZE));
    const want = witness<number>("fallocate", theirs, mode, offset, length);
    const file = await eio.promises.open(ours, "r+");
    expect(await errnoOf(sys.fallocate(file, mode, offset, length))).toBe(want);
    await file.close();
    expect(fs.readFileSync(ours).equals(fs.readFileSync(theirs))).toBe(true);
    expect(fs.statSync(ours).blocks).toBe(fs.statSync(theirs).blocks);
  });

  it("passes on what the file system refuses", async () => {
    const fd = fs.openSync(place.file("plain", "x"), "r");
    await rejects(sys.fallocate(fd, 0, 0, 10), {
      message: "EBADF: bad file descriptor, fallocate",
      errno: -9,
      syscall: "fallocate",
    });
    fs.closeSync(fd);
  });

  it("finds data and holes", async () => {
    const file = place.join("holes");
    const fd = fs.openSync(file, "w+");
    fs.writeSync(fd, pattern(BLOCK), 0, BLOCK, 0);
    fs.writeSync(fd, pattern(BLOCK), 0, BLOCK, 64 * BLOCK);
    fs.ftruncateSync(fd, 100 * BLOCK);
    const { SEEK_DATA, SEEK_HOLE, SEEK_SET, SEEK_END } = constants;
    const seeks = [SEEK_SET, SEEK_END, SEEK_DATA, SEEK_HOLE].flatMap((whence) =>
      [0, 1, 10, 64, 99].map((block) => [block * BLOCK, whence] as const),
    );
    const ends: number[] = [];
    for (const [offset, whence] of seeks)
      ends.push(
        await sys
          .seek(fd, offset, whence)
          .catch((error: NodeJS.ErrnoException) => error.errno!),
      );
    expect(ends).toEqual(witness("seeks", file, seeks));
    expect(ends.some((end) => end === -6)).toBe(true);
    expect(await sys.seek(fd, 2 ** 40)).toBe(2 ** 40);
    expect(await sys.seek(fd, 5)).toBe(5);
    fs.closeSync(fd);
  });

  it("returns extents, or fails where the file system has none", async () => {
    const path = place.join("extents");
    const file = await eio.promises.open(path, "w+");
    for (let i = 0; i < 5; i++)
      await file.write(pattern(2 * BLOCK), 0, 2 * BLOCK, i * 8 * BLOCK);
    const mapping = sys.fiemap(file, { sync: true });
    if (place.type === "tmpfs") {
      await rejects(mapping, { errno: -95, syscall: "fiemap" });
      return file.close();
    }
    const extents = await mapping;
    // "   0:        0..       1:    1234..    1235:      2:  flags"
    const said = execFileSync("filefrag", ["-v", path], { encoding: "utf8" });
    const rows = [
      ...said.matchAll(/^ +\d+: +(\d+)\.\. +\d+: +(\d+)\.\. +\d+: +(\d+):/gm),
    ];
    expect(rows.length).toBeGreaterThan(1);
    const want = rows.map((row) => row.slice(1).map((n) => Number(n) * BLOCK));
    const got = extents.map((e) => [e.logical, e.physical, e.length]);
    expect(got).toEqual(want);
    expect(extents.at(-1)!.flags & constants.FIEMAP_EXTENT_LAST).toBe(1);
    const some = await sys.fiemap(file, { offset: 8 * BLOCK, length: BLOCK });
    expect(some.map(({ logical }) => logical)).toEqual([8 * BLOCK]);
    expect(
      await sys.fiemap(file, { offset: 4 * BLOCK, length: BLOCK }),
    ).toEqual([]);
    await file.close();
  });

  it("returns many extents in pieces", async () => {
    if (place.type === "tmpfs") return;
    const fd = fs.openSync(place.join("many"), "w+");
    const count = 2500;
    for (let i = 0; i < count; i++) fs.writeSync(fd, "x", 2 * i * BLOCK);
    const extents = await sys.fiemap(fd, { sync: true });
    expect(extents.map(({ logical }) => logical)).toEqual(
      Array.from({ length: count }, (_, i) => 2 * i * BLOCK),
    );
    const half = await sys.fiemap(fd, { length: count * BLOCK });
    expect(half).toHaveLength(count / 2);
    fs.closeSync(fd);
  });

  it("lets go of pages, and has advice taken or refused", async () => {
    const path = place.file("advice", pattern(1 << 20));
    const file = await eio.promises.open(path, "r+");
    await file.sync();
    await sys.fadvise(file, 0, 0, constants.POSIX_FADV_DONTNEED);
    const pages = witness<number[]>("resident", path);
    // What tmpfs has is nowhere else.
    expect(pages.includes(1)).toBe(place.type === "tmpfs");
    for (let advice = 0; advice <= constants.POSIX_FADV_NOREUSE; advice++)
      await sys.fadvise(file, 0, 4096, advice);
    await rejects(sys.fadvise(file, 0, 0, 7), {
      message: "EINVAL: invalid argument, posix_fadvise",
    });
    await file.close();
  });

  it("syncs a file system", async () => {
    const fd = fs.openSync(place.file("synced", "x"), "r");
    await sys.syncfs(fd);
    fs.closeSync(fd);
    await rejects(sys.syncfs(999_999), {
      message: "EBADF: bad file descriptor, syncfs",
    });
  });

  it("returns what O_DIRECT needs, and the mount", async () => {
    const path = place.file("direct", pattern(BLOCK));
    const { dioMemAlign, dioOffsetAlign, mntId, mask } = await sys.statx(path);
    expect(mask & constants.STATX_MNT_ID).not.toBe(0);
    const mounts = fs.readFileSync("/proc/self/mountinfo", "utf8");
    expect(mounts).toMatch(new RegExp(`^${mntId} `, "m"));
    if (place.type === "tmpfs") return;
    expect(dioMemAlign).toBeGreaterThan(0);
    expect(dioOffsetAlign! % 512).toBe(0);
  });

  it("returns the requested fields only", async () => {
    const path = place.file("some", "x");
    const mask = constants.STATX_SIZE;
    const stats = await sys.statx(path, { mask });
    expect(stats.size).toBe(1);
    expect(stats.mask & constants.STATX_DIOALIGN).toBe(0);
    expect(stats.dioMemAlign).toBeUndefined();
    await rejects(sys.statx(path, { flags: 1 }), { code: "EINVAL" });
  });
});

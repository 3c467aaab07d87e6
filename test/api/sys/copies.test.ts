// What moves data inside the kernel only: pipes, and files that share their space.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { errnoOf, pattern, places, rejects } from "./witness.ts";

const eio = createEio({ maxParallel: 2 });
const { sys } = eio;
const { constants } = sys;
const here = places();
afterAll(() => eio.close());

/** Both ends of a pipe, that is a fifo. */
function pipe(path: string): { reads: number; writes: number } {
  execFileSync("mkfifo", [path]);
  const reads = fs.openSync(
    path,
    fs.constants.O_RDONLY | fs.constants.O_NONBLOCK,
  );
  return { reads, writes: fs.openSync(path, "w") };
}

describe.skipIf(loadNative().addon === null).each(here)("on $type", (place) => {
  it("splices through a pipe, from and to places", async () => {
    const data = pattern(30_000);
    const source = fs.openSync(place.file("source", data), "r");
    const target = await eio.promises.open(place.join("target"), "w+");
    const { reads, writes } = pipe(place.join("splice"));
    expect(await sys.splice(source, 1000, writes, null, 20_000)).toBe(20_000);
    expect(await sys.splice(reads, null, target, 500, 20_000)).toBe(20_000);
    const got = fs.readFileSync(place.join("target")).subarray(500);
    expect(got.equals(data.subarray(1000, 21_000))).toBe(true);
    const flags = constants.SPLICE_F_NONBLOCK;
    await rejects(sys.splice(reads, null, target, 0, 1, flags), {
      message: "EAGAIN: resource temporarily unavailable, splice",
    });
    await rejects(sys.splice(source, 0, target, 0, 1), { code: "EINVAL" });
    await rejects(sys.splice(reads, 0, target, 0, 1), { code: "ESPIPE" });
    for (const fd of [source, reads, writes]) fs.closeSync(fd);
    await target.close();
  });

  it("tees one pipe into another", async () => {
    const one = pipe(place.join("tee1"));
    const two = pipe(place.join("tee2"));
    fs.writeSync(one.writes, "both have it");
    expect(await sys.tee(one.reads, two.writes, 100)).toBe(12);
    for (const fd of [one.reads, two.reads]) {
      const read = Buffer.alloc(20);
      const count = fs.readSync(fd, read);
      expect(read.toString("utf8", 0, count)).toBe("both have it");
    }
    const source = fs.openSync(place.file("source", "no pipe"), "r");
    await rejects(sys.tee(source, two.writes, 1), {
      message: "EINVAL: invalid argument, tee",
    });
    for (const fd of Object.values({
      ...one,
      c: two.reads,
      d: two.writes,
      source,
    }))
      fs.closeSync(fd);
  });

  it("sends a file into a pipe", async () => {
    const source = await eio.promises.open(place.file("source", pattern(5000)));
    const { reads, writes } = pipe(place.join("send"));
    expect(await sys.sendfile(writes, source, 10, 10_000)).toBe(4990);
    const read = Buffer.alloc(5000);
    expect(fs.readSync(reads, read)).toBe(4990);
    expect(read.subarray(0, 4990).equals(pattern(5000).subarray(10))).toBe(
      true,
    );
    fs.closeSync(reads);
    fs.closeSync(writes);
    await source.close();
  });

  it("shares space, or rejects where the file system cannot", async () => {
    const data = pattern(40_960);
    const source = await eio.promises.open(place.file("source", data), "r");
    const target = await eio.promises.open(place.join("clone"), "w+");
    const copied = place.join("cp");
    let can = true;
    try {
      const args = ["--reflink=always", place.join("source"), copied];
      execFileSync("cp", args, { stdio: "ignore" });
    } catch {
      can = false;
    }
    const range = { srcOffset: 4096, destOffset: 0, length: 4096 };
    if (can) {
      await sys.reflink(source, target);
      expect(fs.readFileSync(place.join("clone")).equals(data)).toBe(true);
      await sys.reflink(source, target, range);
      const begin = fs.readFileSync(place.join("clone")).subarray(0, 4096);
      expect(begin.equals(data.subarray(4096, 8192))).toBe(true);
    } else {
      expect(await errnoOf(sys.reflink(source, target))).toBe(-95);
      expect(await errnoOf(sys.reflink(source, target, range))).toBe(-95);
      await rejects(sys.reflink(source, target), { syscall: "ficlone" });
    }
    await source.close();
    await target.close();
  });

  it("does not copy what is not a file, or was not opened to be written", async () => {
    const { O_DIRECTORY } = fs.constants;
    const folder = await sys.openat(null, place.folder, O_DIRECTORY);
    const file = await eio.promises.open(place.file("file", "data"), "r");
    await rejects(sys.copyFileRange(folder, 0, file, 0, 4), { code: "EISDIR" });
    await rejects(sys.copyFileRange(file, 0, file, 10, 4), { code: "EBADF" });
    await folder.close();
    await file.close();
  });
});

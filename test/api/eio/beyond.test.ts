// Memory, what IO::AIO has of system calls, and what libeio's author left on his list. Without native code they
// end with ENOSYS, or are emulated; which of both, the table says.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { loadNative } from "../../../src/backends/native.ts";
import type { Statx } from "../../../src/api/sys/statx.ts";
import { ended, makeInstance, outcome } from "../../helpers/eio-door.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const instance = makeInstance();
const door = instance.eio;
const native = loadNative().addon !== null;
const ok = [0, undefined];
const fails = (code: string): unknown[] => [-1, code];
const okOrMissing = native ? ok : fails("ENOSYS");
const run = async (name: string, ...args: unknown[]): Promise<unknown> =>
  outcome(await ended(door, name, ...args));

const descriptors: number[] = [];
function opened(name: string, data = "0123456789"): number {
  const fd = fs.openSync(folder.file(name, data), "r+");
  descriptors.push(fd);
  return fd;
}
afterAll(() => descriptors.forEach((fd) => fs.closeSync(fd)));

describe("memory", () => {
  const plain = Buffer.alloc(3 << 20, "memory");
  const buffers = {
    "a plain Buffer": plain,
    "a part of one, off a page": plain.subarray(1001, 9001),
    "a Buffer of alloc()": instance.alloc(65536),
    "a DataView": new DataView(new ArrayBuffer(5000)),
    "no bytes": Buffer.alloc(0),
  };
  const { EIO_MT_MODIFY, EIO_MS_SYNC } = door.constants;
  it.each(Object.entries(buffers))("of %s", async (_name, buffer) => {
    const bytes = Buffer.from(
      buffer.buffer,
      buffer.byteOffset,
      buffer.byteLength,
    );
    const before = Buffer.from(bytes);
    expect(await run("mtouch", buffer, null, 0)).toEqual(okOrMissing);
    expect(await run("mtouch", buffer, null, EIO_MT_MODIFY)).toEqual(
      okOrMissing,
    );
    expect(await run("msync", buffer, null, EIO_MS_SYNC)).toEqual(okOrMissing);
    // How much may be locked is the system's to say.
    const locked = (await run("mlock", buffer, null)) as unknown[];
    expect([
      ok,
      fails("ENOMEM"),
      fails("EPERM"),
      fails("ENOSYS"),
    ]).toContainEqual(locked);
    expect(await run("munlock", buffer, null)).toEqual(okOrMissing);
    expect(bytes.equals(before)).toBe(true);
  });
  it.runIf(native)("mlock locks what the kernel then counts", async () => {
    const locked = (): number =>
      Number(
        /VmLck:\s+(\d+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))![1],
      );
    const before = locked();
    const buffer = Buffer.alloc(1 << 20);
    const req = await ended(door, "mlock", buffer, 512 << 10);
    if (req.result !== 0)
      return expect(["EPERM", "ENOMEM"]).toContain(req.code);
    expect(locked() - before).toBeGreaterThanOrEqual(512);
    expect(await run("munlock", buffer, null)).toEqual(ok);
    expect(locked()).toBe(before);
  });
  it("refuses wrong memory, ranges and flags", async () => {
    expect(() => door.mlock("memory" as never, 1)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }),
    );
    expect(() => door.mlock(plain, plain.byteLength + 1)).toThrow(
      expect.objectContaining({ code: "ERR_OUT_OF_RANGE" }),
    );
    expect(await run("mlockall", 0)).toEqual(
      fails(native ? "EINVAL" : "ENOSYS"),
    );
    expect(await run("munlockall")).toEqual(okOrMissing);
    if (native)
      expect(await run("msync", plain, 10, 99)).toEqual(fails("EINVAL"));
  });
});

describe("system calls", () => {
  it("statx, fstatx", async () => {
    const fd = opened("statx");
    const file = folder.join("statx");
    const { value } = await ended(door, "statx", file, 0, 0);
    const { size, ino, atimeMs } = value as Statx;
    const stats = fs.statSync(file);
    expect([size, ino]).toEqual([10, stats.ino]);
    expect(Math.round(atimeMs)).toBe(Math.round(stats.atimeMs));
    expect((await ended(door, "fstatx", fd, 0, 0)).value).toMatchObject({
      ino,
    });
    expect(await run("statx", `${file} not`, 0, 0)).toEqual(fails("ENOENT"));
    expect(await run("fstatx", 900, 0, 0)).toEqual(fails("EBADF"));
  });

  it("copy_file_range", async () => {
    const from = opened("copied from");
    const to = opened("copied to", "");
    expect(await run("copy_file_range", from, 2, to, 0, 5, 0)).toEqual([
      5,
      undefined,
    ]);
    expect(fs.readFileSync(folder.join("copied to"), "utf8")).toBe("23456");
    expect(await run("copy_file_range", from, 0, to, 0, 5, 1)).toEqual(
      fails("EINVAL"),
    );
    expect(await run("copy_file_range", from, 0, -1, 0, 5, 0)).toEqual(
      fails("EBADF"),
    );
  });

  it.runIf(native)("splice and tee move what is in pipes", async () => {
    const fifos = ["pipe one", "pipe two"].map((name) => {
      const pipe = folder.join(name);
      execFileSync("mkfifo", [pipe]);
      const fd = fs.openSync(pipe, fs.constants.O_RDWR);
      descriptors.push(fd);
      return fd;
    });
    const [one, two] = fifos as [number, number];
    const from = opened("spliced");
    const to = opened("spliced to", "");
    expect(await run("splice", from, 3, one, null, 4, 0)).toEqual([
      4,
      undefined,
    ]);
    expect(await run("tee", one, two, 100, 0)).toEqual([4, undefined]);
    for (const pipe of [one, two])
      expect(await run("splice", pipe, null, to, null, 4, 0)).toEqual([
        4,
        undefined,
      ]);
    expect(fs.readFileSync(folder.join("spliced to"), "utf8")).toBe("34563456");
    expect(await run("splice", from, 0, to, 0, 4, 0)).toEqual(fails("EINVAL"));
  });

  it("rename2 does not replace, and exchanges", async () => {
    const one = folder.file("rename one", "1");
    const two = folder.file("rename two", "2");
    const { EIO_RENAME_NOREPLACE, EIO_RENAME_EXCHANGE } = door.constants;
    const [refused, exchanged] = [
      await run("rename2", one, two, EIO_RENAME_NOREPLACE),
      await run("rename2", one, two, EIO_RENAME_EXCHANGE),
    ];
    if (!native)
      return expect([refused, exchanged]).toEqual([
        fails("ENOSYS"),
        fails("ENOSYS"),
      ]);
    expect([refused, exchanged]).toEqual([fails("EEXIST"), ok]);
    expect(fs.readFileSync(one, "utf8")).toBe("2");
    expect(await run("rename2", one, two, 0)).toEqual(ok);
    expect([fs.existsSync(one), fs.readFileSync(two, "utf8")]).toEqual([
      false,
      "2",
    ]);
  });

  it.runIf(native)(
    "fcntl and ioctl take numbers, and fill buffers",
    async () => {
      const fd = opened("numbers");
      const [F_GETFD, F_SETFD, F_GETLK] = [1, 2, 5];
      const FIONREAD = 0x541b;
      expect(await run("fcntl", fd, F_SETFD, 0)).toEqual(ok);
      expect(await run("fcntl", fd, F_GETFD, 0)).toEqual(ok);
      expect(await run("fcntl", fd, F_SETFD, 1)).toEqual(ok);
      expect(await run("fcntl", fd, F_GETFD, 0)).toEqual([1, undefined]);
      const lock = Buffer.alloc(32);
      expect(await run("fcntl", fd, F_GETLK, lock)).toEqual(ok);
      // Nobody has one: the kernel wrote F_UNLCK.
      expect(lock.readInt16LE(0)).toBe(2);
      const left = Buffer.alloc(4);
      expect(await run("ioctl", fd, FIONREAD, left)).toEqual(ok);
      expect(left.readInt32LE(0)).toBe(10);
      expect(await run("ioctl", fd, 0x5401, Buffer.alloc(64))).toEqual(
        fails("ENOTTY"),
      );
      expect(await run("fcntl", 900, F_GETFD, 0)).toEqual(fails("EBADF"));
      const FS_IOC_FIEMAP = 0xc020660b;
      expect(() => door.ioctl(fd, FS_IOC_FIEMAP, Buffer.alloc(8))).toThrow(
        expect.objectContaining({ code: "ERR_OUT_OF_RANGE" }),
      );
      expect(() => door.ioctl(fd, FIONREAD, 2 ** 40)).toThrow(
        expect.objectContaining({ code: "ERR_OUT_OF_RANGE" }),
      );
    },
  );

  it.runIf(native)(
    "fiemap returns extents, or ENOTSUP where the file system lacks them",
    async () => {
      const fd = opened("extents", "x".repeat(100_000));
      fs.fsyncSync(fd);
      const req = await ended(door, "fiemap", fd, 0, null, 0, null);
      if (req.result < 0) return expect(req.code).toBe("ENOTSUP");
      const extents = req.value as { logical: number; length: number }[];
      expect(req.result).toBe(extents.length);
      const bytes = extents.reduce((sum, { length }) => sum + length, 0);
      expect(bytes).toBeGreaterThanOrEqual(100_000);
      const none = await ended(door, "fiemap", fd, 0, null, 0, 0);
      expect(none.value).toEqual([]);
    },
  );
});

describe("extended attributes", () => {
  const file = folder.file("attributes");
  const fd = fs.openSync(file, "r");
  descriptors.push(fd);
  const link = folder.join("link to attributes");
  fs.symlinkSync(file, link);
  it("are set, read, listed, removed: by path and by descriptor", async () => {
    const set = await ended(door, "setxattr", file, "user.a", "one", 0);
    if (set.result < 0)
      return expect(["ENOSYS", "ENOTSUP"]).toContain(set.code);
    const { EIO_XATTR_CREATE, EIO_XATTR_REPLACE } = door.constants;
    expect(await run("fsetxattr", fd, "user.b", Buffer.from("two"), 0)).toEqual(
      ok,
    );
    expect(
      await run("setxattr", file, "user.a", "x", EIO_XATTR_CREATE),
    ).toEqual(fails("EEXIST"));
    expect(
      await run("setxattr", file, "user.c", "x", EIO_XATTR_REPLACE),
    ).toEqual(fails("ENODATA"));
    for (const [name, place] of [
      ["getxattr", file],
      ["getxattr", link],
      ["fgetxattr", fd],
    ] as const) {
      const { result, value } = await ended(door, name, place, "user.a");
      expect([result, String(value)]).toEqual([3, "one"]);
    }
    const { result, value } = await ended(door, "listxattr", file);
    expect([result, [...(value as string[])].sort()]).toEqual([
      2,
      ["user.a", "user.b"],
    ]);
    expect((await ended(door, "llistxattr", link)).value).toEqual([]);
    expect(await run("removexattr", file, "user.a")).toEqual(ok);
    expect(await run("fremovexattr", fd, "user.b")).toEqual(ok);
    expect((await ended(door, "flistxattr", fd)).value).toEqual([]);
    expect(await run("getxattr", file, "user.a")).toEqual(fails("ENODATA"));
    expect(await run("getxattr", `${file} not`, "user.a")).toEqual(
      fails("ENOENT"),
    );
  });
  it("take names that are text or bytes", () => {
    expect(() => door.getxattr(file, 1 as never)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }),
    );
    expect(() => door.setxattr(file, "user.a", 1 as never, 0)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }),
    );
  });
});

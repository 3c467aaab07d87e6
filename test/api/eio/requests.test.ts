// Every request of libeio in good cases and bad ones: what it returns, and what it leaves behind.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { ended, makeDoor, outcome } from "../../helpers/eio-door.ts";
import { testFolder } from "../../helpers/files.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { pattern } from "../sys/witness.ts";

const folder = testFolder();
const door = makeDoor();
const native = loadNative().addon !== null;
const url = (door: string): string =>
  pathToFileURL(path.resolve(import.meta.dirname, "../../../dist", door)).href;
const ok = [0, undefined];
const fails = (code: string): unknown[] => [-1, code];
const missing = folder.join("missing");
const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants;

const run = async (name: string, ...args: unknown[]): Promise<unknown> =>
  outcome(await ended(door, name, ...args));
const valueOf = async (name: string, ...args: unknown[]): Promise<unknown> =>
  (await ended(door, name, ...args)).value;

const descriptors: number[] = [];
function opened(name: string, data: string | Buffer = "0123456789"): number {
  const fd = fs.openSync(folder.file(name, data), "r+");
  descriptors.push(fd);
  return fd;
}
afterAll(() => descriptors.forEach((fd) => fs.closeSync(fd)));

describe("descriptors", () => {
  it("open returns a descriptor, close gives it back", async () => {
    const file = folder.file("opened", "x");
    const req = await ended(door, "open", file, O_RDONLY, 0);
    expect(req.result).toBeGreaterThan(2);
    expect(req.path).toBe(file);
    expect(req.ptr1).toBe(file);
    expect(fs.fstatSync(req.result).size).toBe(1);
    expect(await run("close", req.result)).toEqual(ok);
    expect(await run("close", req.result)).toEqual(fails("EBADF"));
  });

  it("open creates files, and fails with the errno", async () => {
    const flags = O_RDWR | O_CREAT | O_EXCL;
    const made = folder.join("made");
    const req = await ended(door, "open", made, flags, 0o600);
    expect(fs.statSync(made).mode & 0o777).toBe(0o600);
    await ended(door, "close", req.result);
    expect(await run("open", made, flags, 0o600)).toEqual(fails("EEXIST"));
    expect(await run("open", missing, "r", 0)).toEqual(fails("ENOENT"));
    expect(await run("open", `${made}/x`, 0, 0)).toEqual(fails("ENOTDIR"));
  });

  it("read and write at an offset leave the position, without one move it", async () => {
    const fd = opened("transfers");
    const buf = Buffer.alloc(4);
    const read = await ended(door, "read", fd, buf, 4, 6);
    expect([read.result, read.value, String(buf)]).toEqual([4, buf, "6789"]);
    expect(await run("read", fd, buf, 2, -1)).toEqual([2, undefined]);
    expect(String(buf)).toBe("0189");
    expect(await run("read", fd, buf, null, null)).toEqual([4, undefined]);
    expect(String(buf)).toBe("2345");
    expect(await run("write", fd, Buffer.from("xyz"), 2, 0)).toEqual([
      2,
      undefined,
    ]);
    expect(await run("write", fd, Buffer.from("!"), 1, -1)).toEqual([
      1,
      undefined,
    ]);
    expect(fs.readFileSync(folder.join("transfers"), "utf8")).toBe(
      "xy2345!789",
    );
  });

  it("read returns 0 at the end of a file, and an error for what cannot be read", async () => {
    const fd = opened("short", "abc");
    expect(await run("read", fd, Buffer.alloc(9), 9, 0)).toEqual([
      3,
      undefined,
    ]);
    expect(await run("read", fd, Buffer.alloc(9), 9, 3)).toEqual(ok);
    expect(await run("read", -1, Buffer.alloc(1), 1, 0)).toEqual(
      fails("EBADF"),
    );
    const dir = fs.openSync(folder.path, "r");
    expect(await run("read", dir, Buffer.alloc(1), 1, 0)).toEqual(
      fails("EISDIR"),
    );
    fs.closeSync(dir);
    const reads = fs.openSync(folder.join("short"), "r");
    expect(await run("write", reads, Buffer.alloc(1), 1, 0)).toEqual(
      fails("EBADF"),
    );
    fs.closeSync(reads);
  });

  it.each([undefined, 60_000])(
    "3 MiB are one request, with a timeout (%s) as well",
    async (timeout) => {
      const data = pattern(3 << 20);
      const fd = opened("large", data);
      const buf = Buffer.alloc(data.byteLength + 100);
      const count = await new Promise((resolve) =>
        door.read(fd, buf, null, 0, 0, (r) => resolve(r.result), 0, {
          timeout,
        }),
      );
      expect(count).toBe(data.byteLength);
      expect(buf.subarray(0, data.byteLength).equals(data)).toBe(true);
      const to = opened("large copy", "");
      const written = await ended(door, "write", to, data, null, 0);
      expect(written.result).toBe(data.byteLength);
      expect(fs.readFileSync(folder.join("large copy")).equals(data)).toBe(
        true,
      );
    },
  );

  it("dup2 makes one descriptor another", async () => {
    const one = opened("one", "one");
    const two = opened("two", "two");
    if (!native)
      return expect(await run("dup2", one, two)).toEqual(fails("ENOSYS"));
    expect(await run("dup2", one, two)).toEqual([two, undefined]);
    expect(fs.readFileSync(two, "utf8")).toBe("one");
    expect(await run("dup2", 900, two)).toEqual(fails("EBADF"));
  });

  it("seek returns 0 and leaves the position in offs", async () => {
    const fd = opened("seek");
    const req = await ended(door, "seek", fd, -3, 2);
    expect([req.result, req.offs, req.value]).toEqual([0, 7, 7]);
    expect((await ended(door, "seek", fd, 1, 1)).offs).toBe(8);
    expect(await run("seek", fd, -1, 0)).toEqual(fails("EINVAL"));
    expect(await run("seek", -1, 0, 0)).toEqual(fails("EBADF"));
  });

  it("fstat and fstatvfs return what stat and statvfs do", async () => {
    const fd = opened("stats");
    const file = folder.join("stats");
    const stats = (await valueOf("fstat", fd)) as fs.Stats;
    expect(stats).toBeInstanceOf(fs.Stats);
    expect(stats.ino).toBe(fs.statSync(file).ino);
    expect(await run("fstat", -1)).toEqual(fails("EBADF"));
    const { fsid, blocks, bsize } = (await valueOf("fstatvfs", fd)) as Record<
      string,
      unknown
    >;
    expect(await valueOf("statvfs", file)).toMatchObject({
      fsid,
      blocks,
      bsize,
    });
    expect(blocks).toBe(fs.statfsSync(file).blocks);
    expect(await run("fstatvfs", 900)).toEqual(fails("EBADF"));
  });

  it("futime, ftruncate, fchmod, fchown change an open file", async () => {
    const fd = opened("changed");
    const file = folder.join("changed");
    expect(await run("futime", fd, 1000.5, 2000.25)).toEqual(ok);
    expect(fs.statSync(file)).toMatchObject({
      atimeMs: 1000500,
      mtimeMs: 2000250,
    });
    const before = Date.now() - 1000;
    expect(await run("futime", fd, -1, -1)).toEqual(ok);
    expect(fs.statSync(file).mtimeMs).toBeGreaterThan(before);
    expect(await run("ftruncate", fd, 4)).toEqual(ok);
    expect(fs.readFileSync(file, "utf8")).toBe("0123");
    expect(await run("ftruncate", fd, -1)).toEqual(fails("EINVAL"));
    expect(await run("fchmod", fd, 0o640)).toEqual(ok);
    expect(fs.statSync(file).mode & 0o777).toBe(0o640);
    expect(await run("fchown", fd, -1, -1)).toEqual(ok);
    for (const name of ["futime", "fchown"])
      expect(await run(name, -1, 0, 0)).toEqual(fails("EBADF"));
  });

  it("read makes the buffer where it is given none", async () => {
    const fd = opened("unbuffered");
    const req = await ended(door, "read", fd, null, 4, 3);
    expect([req.result, String(req.value)]).toEqual([4, "3456"]);
    await expect(ended(door, "read", fd, null, null, 0)).rejects.toMatchObject({
      code: "ERR_INVALID_ARG_TYPE",
    });
  });

  it.runIf(native && process.getuid!() === 0)(
    "utime and futime with -1 are for who may only write, too",
    async () => {
      const file = folder.file("of another", "x");
      fs.chmodSync(file, 0o666);
      fs.chmodSync(folder.path, 0o755);
      fs.utimesSync(file, 1, 1);
      const program = `
        import { createEio } from ${JSON.stringify(url("index.js"))};
        import fs from "node:fs";
        process.setgid(65534);
        process.setuid(65534);
        const { eio } = createEio();
        const [file] = process.argv.slice(1);
        const end = (name, ...args) => new Promise((resolve) => eio[name](...args, 0, (req) => resolve(req.result)));
        const fd = fs.openSync(file, "r+");
        console.log(await end("utime", file, -1, -1), await end("futime", fd, -1, -1), await end("utime", file, 1, 1));`;
      const ran = spawnSync(
        process.execPath,
        ["--input-type=module", "-e", program, file],
        { encoding: "utf8" },
      );
      expect([ran.stdout.trim(), ran.stderr]).toEqual(["0 0 -1", ""]);
      expect(fs.statSync(file).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
    },
  );

  it("sendfile copies from one to the other", async () => {
    const from = opened("from");
    const to = opened("to", "");
    expect(await run("sendfile", to, from, 2, 5)).toEqual([5, undefined]);
    expect(fs.readFileSync(folder.join("to"), "utf8")).toBe("23456");
    expect(await run("sendfile", to, from, 10, 5)).toEqual(ok);
    expect(await run("sendfile", to, -1, 0, 5)).toEqual(fails("EBADF"));
  });

  it("sendfile is done by reads and writes where the kernel refuses", async () => {
    const from = opened("from", "0123456789".repeat(20_000));
    const file = folder.file("appended", "begin:");
    const to = fs.openSync(file, "a");
    descriptors.push(to);
    expect(await run("sendfile", to, from, 5, 150_000)).toEqual([
      150_000,
      undefined,
    ]);
    const text = fs.readFileSync(file, "utf8");
    expect(text.length).toBe(150_006);
    expect(text.slice(0, 12)).toBe("begin:567890");
    const dir = fs.openSync(folder.path, "r");
    descriptors.push(dir);
    expect(await run("sendfile", to, dir, 0, 5)).toEqual(fails("EISDIR"));
  });

  it("readahead returns 0, also beyond the end", async () => {
    const fd = opened("ahead");
    expect(await run("readahead", fd, 0, 4096)).toEqual(ok);
    expect(await run("readahead", fd, 1 << 20, 4096)).toEqual(ok);
    expect(await run("readahead", fd, -1, 4096)).toEqual(ok);
    expect(await run("readahead", -1, 0, 4096)).toEqual(fails("EBADF"));
  });

  it("fallocate allocates space", async () => {
    const fd = opened("space", "");
    if (!native)
      return expect(await run("fallocate", fd, 0, 0, 10)).toEqual(
        fails("ENOSYS"),
      );
    expect(await run("fallocate", fd, 0, 0, 8192)).toEqual(ok);
    expect(fs.fstatSync(fd).size).toBe(8192);
    expect(await run("fallocate", fd, 1, 8192, 8192)).toEqual(ok);
    expect(fs.fstatSync(fd).size).toBe(8192);
    expect(await run("fallocate", fd, 0, -1, 10)).toEqual(fails("EINVAL"));
    expect(await run("fallocate", fd, 0, 0, 0)).toEqual(fails("EINVAL"));
  });
});

describe("syncing", () => {
  it.each(["fsync", "fdatasync"])("%s", async (name) => {
    expect(await run(name, opened(name))).toEqual(ok);
    expect(await run(name, -1)).toEqual(fails("EBADF"));
    expect(await run(name, 900)).toEqual(fails("EBADF"));
  });
  it("sync_file_range", async () => {
    const fd = opened("range");
    expect(await run("sync_file_range", fd, 0, 10, 7)).toEqual(ok);
    expect(await run("sync_file_range", 900, 0, 10, 7)).toEqual(fails("EBADF"));
    expect(await run("sync_file_range", fd, -1, 10, 7)).toEqual(
      fails("EINVAL"),
    );
  });
  it("syncfs and sync", async () => {
    expect(await run("syncfs", 900)).toEqual(
      fails(native ? "EBADF" : "ENOSYS"),
    );
    expect(await run("sync")).toEqual(native ? ok : fails("ENOSYS"));
  });
});

describe("paths", () => {
  it("stat follows links, lstat does not", async () => {
    const file = folder.file("target", "four");
    const link = folder.join("link");
    expect(await run("symlink", "target", link)).toEqual(ok);
    expect(((await valueOf("stat", link)) as fs.Stats).size).toBe(4);
    expect(((await valueOf("lstat", link)) as fs.Stats).size).toBe(6);
    expect(await valueOf("stat", file)).toEqual(fs.statSync(file));
    for (const name of ["stat", "lstat", "statvfs"])
      expect(await run(name, missing)).toEqual(fails("ENOENT"));
    expect(await run("symlink", "target", link)).toEqual(fails("EEXIST"));
  });

  it("keeps what stat found until it is read, however many requests come between", async () => {
    const file = folder.file("kept", "kept");
    const req = await ended(door, "stat", file);
    const others = Array.from({ length: 5000 }, () => ended(door, "stat", "."));
    await Promise.all(others);
    const { value } = req;
    expect(value).toBeInstanceOf(fs.Stats);
    expect(value).toEqual(fs.statSync(file));
    expect(req.value).toBe(value);
    expect(door.STAT_BUF(req)).toBe(value);
  });

  it("readlink and realpath return texts, and their lengths", async () => {
    folder.file("end");
    const link = folder.join("to end");
    fs.symlinkSync("end", link);
    const read = await ended(door, "readlink", link);
    expect([read.result, read.value]).toEqual([3, "end"]);
    const real = await ended(door, "realpath", `${folder.path}/./to end`);
    const end = fs.realpathSync(folder.join("end"));
    expect([real.result, real.value]).toEqual([end.length, end]);
    expect(await run("readlink", folder.join("end"))).toEqual(fails("EINVAL"));
    expect(await run("realpath", missing)).toEqual(fails("ENOENT"));
    expect(await run("realpath", "")).toEqual(fails("ENOENT"));
  });

  it("truncate, utime, chmod, chown change a file", async () => {
    const file = folder.file("by path", "0123456789");
    expect(await run("truncate", file, 3)).toEqual(ok);
    expect(fs.readFileSync(file, "utf8")).toBe("012");
    expect(await run("truncate", file, -1)).toEqual(fails("EINVAL"));
    expect(await run("utime", file, new Date(5000), 6)).toEqual(ok);
    expect(fs.statSync(file)).toMatchObject({ atimeMs: 5000, mtimeMs: 6000 });
    // What Node cuts to microseconds up to 24 is kept.
    expect(await run("utime", file, 1, 2 + 2 ** -21)).toEqual(ok);
    const { mtimeNs } = fs.statSync(file, { bigint: true });
    expect(mtimeNs).toBe(native ? 2_000_000_476n : 2_000_000_000n);
    expect(await run("chmod", file, 0o600)).toEqual(ok);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(await run("chown", file, -1, -1)).toEqual(ok);
    expect(await run("truncate", missing, 0)).toEqual(fails("ENOENT"));
    expect(await run("truncate", folder.path, 0)).toEqual(fails("EISDIR"));
    expect(await run("utime", missing, 0, 0)).toEqual(fails("ENOENT"));
    expect(await run("chmod", missing, 0)).toEqual(fails("ENOENT"));
    expect(await run("chown", missing, 0, 0)).toEqual(fails("ENOENT"));
  });

  it("mkdir, rmdir, unlink, link, rename", async () => {
    const dir = folder.join("dir");
    expect(await run("mkdir", dir, 0o700)).toEqual(ok);
    expect(fs.statSync(dir).mode & 0o777).toBe(0o700);
    expect(await run("mkdir", dir, 0o700)).toEqual(fails("EEXIST"));
    const file = folder.file("dir/file", "x");
    expect(await run("rmdir", dir)).toEqual(fails("ENOTEMPTY"));
    expect(await run("link", file, `${file} 2`)).toEqual(ok);
    expect(fs.statSync(file).nlink).toBe(2);
    expect(await run("rename", `${file} 2`, `${file} 3`)).toEqual(ok);
    expect(await run("rename", `${file} 2`, file)).toEqual(fails("ENOENT"));
    expect(fs.readdirSync(dir).sort()).toEqual(["file", "file 3"]);
    expect(await run("unlink", file)).toEqual(ok);
    expect(await run("unlink", file)).toEqual(fails("ENOENT"));
    expect(await run("unlink", `${file} 3`)).toEqual(ok);
    expect(await run("rmdir", dir)).toEqual(ok);
    expect(await run("rmdir", dir)).toEqual(fails("ENOENT"));
  });

  it("mknod makes fifos, and devices by their number", async () => {
    const fifo = folder.join("fifo");
    const made = await run("mknod", fifo, 0o010600, 0);
    if (!native) return expect(made).toEqual(fails("ENOSYS"));
    expect(made).toEqual(ok);
    expect(fs.statSync(fifo).isFIFO()).toBe(true);
    expect(await run("mknod", fifo, 0o010600, 0)).toEqual(fails("EEXIST"));
    if (process.getuid!() !== 0) return;
    const device = folder.join("device");
    const { rdev } = fs.statSync("/dev/urandom");
    const node = await run("mknod", device, 0o020600, rdev);
    // A container may forbid it.
    if (fs.existsSync(device)) expect(fs.statSync(device).rdev).toBe(rdev);
    else expect(node).toEqual(fails("EPERM"));
  });
});

describe("paths as they come", () => {
  it("are texts, bytes, URLs", async () => {
    const file = folder.file("as url", "x");
    const forms = [file, Buffer.from(file), new URL(`file://${file}`)];
    for (const form of forms) expect(await run("stat", form)).toEqual(ok);
  });
  it.each([
    [["a\0b"], "ERR_INVALID_ARG_VALUE"],
    [[7], "ERR_INVALID_ARG_TYPE"],
    [[undefined], "ERR_INVALID_ARG_TYPE"],
    [[["not a wd", "x"]], "ERR_INVALID_ARG_TYPE"],
    [["x", "0"], "ERR_INVALID_ARG_TYPE"],
    [["x", 0, "cb"], "ERR_INVALID_ARG_TYPE"],
    [["x", NaN], "ERR_INVALID_ARG_TYPE"],
    [["x", 0, null, 0, 5], "ERR_INVALID_ARG_TYPE"],
  ])("stat(%j) is misuse", (args, code) => {
    const stat = door.stat as (...args: unknown[]) => unknown;
    const before = door.nreqs();
    expect(() => stat(...args)).toThrow(expect.objectContaining({ code }));
    expect(door.nreqs()).toBe(before);
  });
  it("an invalid working directory fails with ENOENT", async () => {
    const { EIO_INVALID_WD, EIO_CWD } = door.constants;
    expect(await run("stat", [EIO_INVALID_WD, "."])).toEqual(fails("ENOENT"));
    expect(await run("stat", [EIO_CWD, "."])).toEqual(ok);
  });
  it.each([
    ["read", [0, "no buffer", 1, 0], "ERR_INVALID_ARG_TYPE"],
    ["read", [0, Buffer.alloc(2), 3, 0], "ERR_OUT_OF_RANGE"],
    ["read", [0, Buffer.alloc(2), -1, 0], "ERR_OUT_OF_RANGE"],
    ["close", ["0"], "ERR_INVALID_ARG_TYPE"],
    ["close", [1.5], "ERR_OUT_OF_RANGE"],
    ["chmod", ["x", 2 ** 32], "ERR_OUT_OF_RANGE"],
    ["utime", ["x", "soon", 0], "ERR_INVALID_ARG_TYPE"],
    ["open", ["x", "no flags", 0], "ERR_INVALID_ARG_VALUE"],
    ["busy", [Infinity], "ERR_OUT_OF_RANGE"],
  ])("%s%j is misuse", (name, args, code) => {
    const calls = door as unknown as Record<string, (...a: unknown[]) => void>;
    expect(() => calls[name]!(...args)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe("special", () => {
  it("nop, busy", async () => {
    expect(await run("nop")).toEqual(ok);
    const before = performance.now();
    expect(await run("busy", 0.02)).toEqual(ok);
    expect(performance.now() - before).toBeGreaterThan(18);
  });
  it("custom runs a function of a module", async () => {
    const basename = { module: "node:path", name: "basename", args: ["/a/b"] };
    expect(await valueOf("custom", basename)).toBe("b");
    const cpus = { module: "node:os", name: "availableParallelism" };
    const counted = await ended(door, "custom", cpus);
    expect(counted.result).toBe(os.availableParallelism());
    const stat = { module: "node:fs", name: "statSync", args: [missing] };
    const failed = await ended(door, "custom", stat);
    expect(outcome(failed)).toEqual(fails("ENOENT"));
    expect(failed.error).toMatchObject({ code: "ENOENT", syscall: "stat" });
    const nothing = { module: "node:path", name: "nothing" };
    const not = await ended(door, "custom", nothing);
    expect(outcome(not)).toEqual(fails("EIO"));
    expect(not.error).toMatchObject({ code: "ERR_EIO_CUSTOM" });
  });
});

describe("ends", () => {
  it("an error carries what Node's own would", async () => {
    const { errorno, errno, error } = await ended(door, "stat", missing);
    expect([errorno, errno]).toEqual([2, 2]);
    expect(error).toMatchObject({
      code: "ENOENT",
      errno: -2,
      syscall: "stat",
      path: missing,
    });
  });
  it("a timeout is ETIMEDOUT, a signal ECANCELED", async () => {
    const result = await new Promise((resolve) =>
      door.busy(0.2, 0, (r) => resolve(outcome(r)), 0, { timeout: 1 }),
    );
    expect(result).toEqual(fails("ETIMEDOUT"));
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = new Promise((resolve) =>
      door.busy(0.2, 0, (r) => resolve(outcome(r)), 0, { signal }),
    );
    controller.abort();
    expect(await aborted).toEqual(fails("ECANCELED"));
    const late = await new Promise((resolve) =>
      door.nop(0, (r) => resolve(outcome(r)), 0, { signal }),
    );
    expect(late).toEqual(fails("ECANCELED"));
  });
  it("data comes back, and a callback may be missing", async () => {
    const data = { some: "thing" };
    const req = door.nop(0, null, data);
    expect(req.data).toBe(data);
    await door.flush();
    expect([req.finished, req.result]).toEqual([true, 0]);
  });
  it("a callback may take the place of the priority", async () => {
    const [data, pri] = await new Promise<unknown[]>((resolve) =>
      door.stat(folder.path, (r) => resolve([r.data, r.pri]), "data"),
    );
    expect([data, pri]).toEqual(["data", 0]);
  });
});

it("paths in results are bytes where bytes are requested", async () => {
  const name = Buffer.from([0x66, 0xff]);
  const odd = Buffer.concat([Buffer.from(`${folder.path}/`), name]);
  fs.writeFileSync(odd, "");
  const result = await new Promise((resolve) =>
    door.realpath(odd, 0, (r) => resolve(r.value), 0, { encoding: "buffer" }),
  );
  const real = Buffer.from(`${fs.realpathSync(folder.path)}/`);
  expect(result).toEqual(Buffer.concat([real, name]));
  expect(path.basename(folder.path)).not.toBe("");
});

// The same without native code; what has no emulation says what is missing.
import fs from "node:fs";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { libeioOps } from "../../../src/ops/libeio-ops.ts";
import { sysOps } from "../../../src/ops/sys-ops.ts";
import { emulatedSuite } from "./emulated-suite.ts";

vi.hoisted(() => (process.env["NODE_EIO_NATIVE"] = "0"));

describe("without native code", emulatedSuite);

describe("without native code there is no", () => {
  const eio = createEio({ maxParallel: 1 });
  const { sys } = eio;
  afterAll(() => eio.close());
  const fd = fs.openSync(process.execPath, "r");
  afterAll(() => fs.closeSync(fd));
  const { execPath } = process;
  const { SEEK_DATA, RENAME_EXCHANGE } = sys.constants;

  /** Each op without an emulation, and the other cases that need the system. */
  const calls: Partial<
    Record<keyof typeof sysOps | "other", () => Promise<unknown>[]>
  > = {
    fallocate: () => [sys.fallocate(fd, 0, 0, 1)],
    fadvise: () => [sys.fadvise(fd, 0, 0, 0)],
    syncfs: () => [sys.syncfs(fd)],
    sync: () => [sys.sync()],
    fiemap: () => [sys.fiemap(fd)],
    splice: () => [sys.splice(fd, null, fd, null, 1)],
    tee: () => [sys.tee(fd, fd, 1)],
    reflink: () => [sys.reflink(fd, fd)],
    mknod: () => [sys.mknod("/tmp/no", 0)],
    openat2: () => [sys.openat2(null, "/tmp")],
    getxattr: () => [sys.getxattr(execPath, "user.a")],
    fgetxattr: () => [sys.getxattr(fd, "user.a")],
    setxattr: () => [sys.setxattr(execPath, "user.a", "")],
    fsetxattr: () => [sys.setxattr(fd, "user.a", "")],
    listxattr: () => [sys.listxattr(execPath)],
    flistxattr: () => [sys.listxattr(fd)],
    removexattr: () => [sys.removexattr(execPath, "user.a")],
    fremovexattr: () => [sys.removexattr(fd, "user.a")],
    dup2: () => [sys.dup2(fd, 900)],
    flock: () => [sys.flock(fd, 1)],
    ofdLock: () => [sys.ofdLock(fd, 0)],
    ofdQuery: () => [sys.ofdQuery(fd, 0)],
    other: () => [
      sys.seek(fd, 0, SEEK_DATA),
      sys.renameat2("/tmp/no", "/tmp/none", RENAME_EXCHANGE),
    ],
  };

  it.each(Object.entries(calls))("%s", async (_name, call) => {
    const checks = call!().map((made) =>
      expect(made).rejects.toMatchObject({
        code: "ENOSYS",
        errno: -38,
        message: expect.stringMatching(
          /^ENOSYS: function not implemented, .*: it needs the native addon \(forbidden by NODE_EIO_NATIVE=0\)$/,
        ) as unknown,
      }),
    );
    await Promise.all(checks);
  });

  it("call that is not listed here", () => {
    const missing = Object.entries(sysOps)
      .filter(
        ([name, op]) =>
          op.emulated === false && !Object.hasOwn(libeioOps, name),
      )
      .map(([name]) => name);
    expect(Object.keys(calls).sort()).toEqual([...missing, "other"].sort());
  });
});

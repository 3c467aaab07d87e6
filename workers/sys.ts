// The ops of eio.sys where there is no native code: emulated with Node's own calls where that gives
// the same, else ENOSYS. With native code none of this runs.
import fs from "node:fs";
import type { sysOps } from "../src/ops/sys-ops.ts";
import type { Frame } from "./frame.ts";
import { dents } from "./dents.ts";
import { copyFileRange, readThrough, seek, sendfile } from "./sys-copies.ts";
import { pathAt } from "./paths.ts";
import { getdents } from "./sys-folders.ts";
import { putStatvfs, putStatx } from "./sys-statx.ts";

const ENOSYS = -38;
const EBADF = -9;
/** What fdatasync does instead of a range is more, not less. */
const TRY_FSYNC = new Set([-38, -22]);
const AT_SYMLINK_NOFOLLOW = 0x100;

const missing = (): number => ENOSYS;

/** Errors as numbers: the caller's side names the call, and the path as it was given. */
const emulated =
  (run: (f: Frame) => number) =>
  (f: Frame): number => {
    try {
      return run(f);
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      if (typeof errno === "number" && errno < 0) return errno;
      throw error;
    }
  };

function statx(f: Frame): number {
  const path = pathAt(f);
  if (path === null) return ENOSYS;
  const files = f.fs;
  const link = (f.a & AT_SYMLINK_NOFOLLOW) !== 0;
  const stat = link ? files.lstatSync : files.statSync;
  return putStatx(f, stat(path, { bigint: true }));
}

function openat(f: Frame): number {
  const path = pathAt(f);
  return path === null ? ENOSYS : f.fs.openSync(path, f.a, f.b);
}

function renameat2(f: Frame): number {
  if (f.b !== 0 || f.fd !== -1 || f.a !== -1) return ENOSYS;
  f.fs.renameSync(f.path, f.path2);
  return 0;
}

function statvfs(f: Frame): number {
  return putStatvfs(f, f.fs.statfsSync(Buffer.from(f.path), { bigint: true }));
}

function fstatvfs(f: Frame): number {
  if (process.platform !== "linux") return ENOSYS;
  const path = `/proc/self/fd/${f.fd}`;
  // A path that is not there is a descriptor that is not open.
  if (!fs.existsSync(path)) return EBADF;
  return putStatvfs(f, fs.statfsSync(path, { bigint: true }));
}

function syncFileRange(f: Frame): number {
  try {
    fs.fdatasyncSync(f.fd);
  } catch (error) {
    if (!TRY_FSYNC.has((error as NodeJS.ErrnoException).errno!)) throw error;
    fs.fsyncSync(f.fd);
  }
  return 0;
}

export const executeSys = {
  statx: emulated(statx),
  fstatx: emulated((f) => putStatx(f, fs.fstatSync(f.fd, { bigint: true }))),

  fallocate: missing,
  fadvise: missing,
  readahead: emulated(readThrough),
  syncFileRange: emulated(syncFileRange),
  syncfs: missing,
  sync: missing,
  pageIn: emulated(readThrough),
  seek: emulated(seek),
  fiemap: missing,

  sendfile: emulated(sendfile),
  splice: missing,
  tee: missing,
  copyFileRange: emulated(copyFileRange),
  reflink: missing,

  renameat2: emulated(renameat2),
  mknod: missing,
  openat: emulated(openat),
  openat2: missing,
  getdents: emulated(getdents),

  getxattr: missing,
  fgetxattr: missing,
  setxattr: missing,
  fsetxattr: missing,
  listxattr: missing,
  flistxattr: missing,
  removexattr: missing,
  fremovexattr: missing,

  dup2: missing,
  flock: missing,
  ofdLock: missing,
  ofdQuery: missing,

  dents: emulated(dents),
  statvfs: emulated(statvfs),
  fstatvfs: emulated(fstatvfs),
  msync: missing,
  mtouch: missing,
  mlock: missing,
  munlock: missing,
  mlockall: missing,
  munlockall: missing,
  fcntl: missing,
  ioctl: missing,
} satisfies Record<keyof typeof sysOps, (f: Frame) => number>;

// Generated from src/ops/table.ts by `npm run emit:headers`; not to be edited.
#pragma once

#define EIO_OPS(X) \
  X(nop, 1) \
  X(busy, 2) \
  X(custom, 3) \
  X(open, 10) \
  X(close, 11) \
  X(read, 12) \
  X(write, 13) \
  X(fstat, 14) \
  X(ftruncate, 15) \
  X(fsync, 16) \
  X(fdatasync, 17) \
  X(fchmod, 18) \
  X(fchown, 19) \
  X(futimes, 20) \
  X(stat, 30) \
  X(lstat, 31) \
  X(statfs, 32) \
  X(access, 33) \
  X(chmod, 34) \
  X(lchmod, 35) \
  X(chown, 36) \
  X(lchown, 37) \
  X(utimes, 38) \
  X(lutimes, 39) \
  X(link, 40) \
  X(symlink, 41) \
  X(readlink, 42) \
  X(rename, 43) \
  X(unlink, 44) \
  X(rmdir, 45) \
  X(mkdir, 46) \
  X(copyFile, 47) \
  X(mkdtemp, 48) \
  X(realpath, 49) \
  X(slurp, 60) \
  X(slurpFd, 61) \
  X(spew, 62) \
  X(truncate, 63) \
  X(scandir, 64) \
  X(opendir, 65) \
  X(mkdirp, 66) \
  X(rmtree, 67) \
  X(cptree, 68) \
  X(realpathWalk, 69) \
  X(statMany, 70)

#define EIO_OP_CODES 71

// The constants of eio.h, by their names there. Flags are the system's own numbers on Linux; what a
// name means is said where it is used.
import fs from "node:fs";

/** None of the caller's own: paths start in the process's folder. */
export const EIO_CWD = null;
/** A working directory that is none: each path that starts there ends with ENOENT. */
export const EIO_INVALID_WD = Symbol("EIO_INVALID_WD");

export const eioConstants = Object.freeze({
  EIO_CWD,
  EIO_INVALID_WD: EIO_INVALID_WD as typeof EIO_INVALID_WD,

  EIO_PRI_MIN: -4,
  EIO_PRI_MAX: 4,
  EIO_PRI_DEFAULT: 0,

  // types of entries, from readdir
  EIO_DT_UNKNOWN: 0,
  EIO_DT_FIFO: 1,
  EIO_DT_CHR: 2,
  EIO_DT_DIR: 4,
  EIO_DT_BLK: 6,
  EIO_DT_REG: 8,
  EIO_DT_LNK: 10,
  EIO_DT_SOCK: 12,
  EIO_DT_WHT: 14,

  // flags of readdir
  EIO_READDIR_DENTS: 0x01,
  EIO_READDIR_DIRS_FIRST: 0x02,
  EIO_READDIR_STAT_ORDER: 0x04,
  EIO_READDIR_FOUND_UNKNOWN: 0x80,

  // msync, mtouch, mlockall
  EIO_MS_ASYNC: 1,
  EIO_MS_INVALIDATE: 2,
  EIO_MS_SYNC: 4,
  EIO_MT_MODIFY: 1,
  EIO_MCL_CURRENT: 1,
  EIO_MCL_FUTURE: 2,
  EIO_MCL_ONFAULT: 4,

  // sync_file_range
  EIO_SYNC_FILE_RANGE_WAIT_BEFORE: 1,
  EIO_SYNC_FILE_RANGE_WRITE: 2,
  EIO_SYNC_FILE_RANGE_WAIT_AFTER: 4,

  // fallocate
  EIO_FALLOC_FL_KEEP_SIZE: 1,
  EIO_FALLOC_FL_PUNCH_HOLE: 2,
  EIO_FALLOC_FL_COLLAPSE_RANGE: 8,
  EIO_FALLOC_FL_ZERO_RANGE: 16,
  EIO_FALLOC_FL_INSERT_RANGE: 32,
  EIO_FALLOC_FL_UNSHARE_RANGE: 64,

  // rename2
  EIO_RENAME_NOREPLACE: 1,
  EIO_RENAME_EXCHANGE: 2,
  EIO_RENAME_WHITEOUT: 4,

  // setxattr
  EIO_XATTR_CREATE: 1,
  EIO_XATTR_REPLACE: 2,

  // seek
  SEEK_SET: 0,
  SEEK_CUR: 1,
  SEEK_END: 2,
  SEEK_DATA: 3,
  SEEK_HOLE: 4,

  // open
  O_RDONLY: fs.constants.O_RDONLY,
  O_WRONLY: fs.constants.O_WRONLY,
  O_RDWR: fs.constants.O_RDWR,
  O_CREAT: fs.constants.O_CREAT,
  O_EXCL: fs.constants.O_EXCL,
  O_TRUNC: fs.constants.O_TRUNC,
  O_APPEND: fs.constants.O_APPEND,
  O_NONBLOCK: fs.constants.O_NONBLOCK,
  O_DIRECTORY: fs.constants.O_DIRECTORY,
  O_NOFOLLOW: fs.constants.O_NOFOLLOW,
});

// The ops of eio.sys: system calls that workers need and Node lacks. They are part of THE list
// (table.ts); native code runs them, and each says what is done where there is none.
import {
  repeating,
  opening,
  fd,
  mode,
  native,
  opened,
  path,
  written,
  type Op,
} from "./define.ts";
import { libeioOps } from "./libeio-ops.ts";
import { xattrOps } from "./xattr-ops.ts";

/** The folder that a path starts from; -1 is the process's own. */
const at = ["at", "fd"] as const;
const offset = ["offset", "position"] as const;
const length = ["length", "length"] as const;
const count = ["count", "length"] as const;
const flags = ["flags", "flags"] as const;
const copying = [
  ["in", "fd"],
  ["out", "fd2"],
  ["inOffset", "position"],
  ["outOffset", "offset"],
  count,
] as const;

export const sysOps = {
  // --- what is known of a file ---
  statx: repeating(
    native(
      100,
      [at, path, flags, ["mask", "flags"]],
      "bigints",
      "statx",
      "Describes a file in full: birth time, mount, O_DIRECT's alignment, attributes.",
      "stat, with the fields that it provides",
    ),
  ),
  fstatx: native(
    101,
    [fd, flags, ["mask", "flags"]],
    "bigints",
    "statx",
    "Describes an open file in full.",
    "fstat, with the fields that it provides",
  ),

  // --- space, and what is in memory or on the disk ---
  fallocate: native(
    102,
    [fd, offset, ["mode", "flags"], length],
    "none",
    "fallocate",
    "Allocates or frees the space of a range of a file: holes, zeros, insertion, removal.",
  ),
  fadvise: native(
    103,
    [fd, offset, length, ["advice", "flags"]],
    "none",
    "posix_fadvise",
    "Declares how a range of a file will be used.",
  ),
  readahead: native(
    104,
    [fd, offset, length],
    "none",
    "readahead",
    "Starts to read a range into the page cache.",
    "reads in pieces of 64 KiB",
  ),
  syncFileRange: native(
    105,
    [fd, offset, length, flags],
    "none",
    "sync_file_range",
    "Writes a range of the page cache to the disk, without metadata.",
    "fdatasync, else fsync",
  ),
  syncfs: native(
    106,
    [fd],
    "none",
    "syncfs",
    "Syncs a whole file system to its disk.",
  ),
  sync: native(
    107,
    [],
    "none",
    "sync",
    "Syncs all file systems to their disks.",
  ),
  pageIn: native(
    108,
    [fd, offset, length],
    "none",
    "madvise",
    "Reads a range into the page cache, and waits until it is there.",
    "reads in pieces of 64 KiB",
  ),
  seek: native(
    109,
    [fd, ["offset", "offset"], ["whence", "flags"]],
    "numbers",
    "lseek",
    "Moves the position, also to the next data or hole.",
    "on Linux: reporting the position, and moving forward inside a readable file",
  ),
  fiemap: native(
    110,
    [fd, offset, length, flags],
    "bytes",
    "fiemap",
    "Reports where a file is stored on its disk.",
  ),

  // --- data from one descriptor to another ---
  sendfile: native(
    111,
    [["out", "fd"], ["in", "fd2"], ["inOffset", "position"], count],
    "count",
    "sendfile",
    "Sends from a file to a socket, a pipe or a file.",
    "reads and writes",
  ),
  splice: native(
    112,
    [...copying, flags],
    "count",
    "splice",
    "Moves data from or to a pipe.",
  ),
  tee: native(
    113,
    [["in", "fd"], ["out", "fd2"], count, flags],
    "count",
    "tee",
    "Copies data from one pipe to another without removing it.",
  ),
  copyFileRange: native(
    114,
    copying,
    "count",
    "copy_file_range",
    "Copies a range inside the kernel, or inside the file system.",
    "reads and writes",
  ),
  reflink: native(
    115,
    [
      ["dest", "fd"],
      ["src", "fd2"],
      ["destOffset", "position"],
      ["srcOffset", "offset"],
      length,
    ],
    "none",
    "ficlone",
    "Makes two files share their space until one is written to.",
  ),

  // --- names ---
  renameat2: native(
    120,
    [
      at,
      ["oldPath", "path", "both"],
      ["newPath", "path", "both"],
      ["newAt", "fd2"],
      ["flags", "flags"],
    ],
    "none",
    "renameat2",
    "Renames, optionally without replacing, or exchanges two names.",
    "rename, without flags",
  ),
  mknod: native(
    121,
    [at, written, mode, ["major", "id"], ["minor", "id"]],
    "none",
    "mknod",
    "Makes a device, a fifo, a socket or a file.",
  ),
  openat: repeating(
    opening(
      native(
        122,
        [at, opened, flags, mode],
        "fd",
        "openat",
        "Opens a path that starts in an open folder.",
        "open, on Linux through /proc/self/fd",
      ),
    ),
  ),
  openat2: repeating(
    opening(
      native(
        123,
        [at, opened, flags, mode, ["resolve", "flags"]],
        "fd",
        "openat2",
        "Opens a path and limits where it may lead.",
      ),
    ),
  ),
  getdents: native(
    124,
    [fd, ["how", "flags"]],
    "bytes",
    "getdents64",
    "Reads a folder's names, types and inodes.",
    "readdir and lstat, on Linux",
  ),

  ...xattrOps,

  // --- descriptors and locks ---
  dup2: native(
    140,
    [fd, ["to", "fd2"], ["cloexec", "switch"]],
    "count",
    "dup2",
    "Makes a descriptor refer to the open file of another one.",
  ),
  flock: native(
    141,
    [fd, ["operation", "flags"]],
    "none",
    "flock",
    "Locks or unlocks a whole file.",
  ),
  ofdLock: native(
    142,
    [fd, offset, ["type", "flags"], length, ["wait", "switch"]],
    "none",
    "fcntl",
    "Locks or unlocks a range, for all users of the same open file.",
  ),
  ofdQuery: native(
    143,
    [fd, offset, ["type", "flags"], length],
    "numbers",
    "fcntl",
    "Finds a lock that conflicts with another.",
  ),

  ...libeioOps,
} as const satisfies Record<string, Op>;

// Ops that libeio has and Node lacks: memory, file systems in full, folders with inodes, and the
// calls that say what to do by a number. They are part of THE list (table.ts), as those of eio.sys.
import {
  repeating,
  disabled,
  fd,
  native,
  opening,
  path,
  type Op,
} from "./define.ts";

const flags = ["flags", "flags"] as const;
/** The caller's own memory, where it lies. */
const memory = ["memory", "memory"] as const;
const control = [
  fd,
  ["command", "flags"],
  ["argument", "offset"],
  ["buffer", "memory"],
] as const;

export const libeioOps = {
  dents: repeating(
    opening(
      native(
        160,
        [
          ["path", "path", "list"],
          ["how", "flags"],
          ["stats", "flags"],
        ],
        "bytes",
        "opendir",
        "Lists a folder with types and inodes in libeio's orders, on request with stats.",
        "readdir, and lstat where inodes or stats are wanted",
      ),
    ),
  ),
  statvfs: repeating(
    native(
      161,
      [path],
      "bigints",
      "statvfs",
      "Describes the file system of a path in full.",
      "statfs, with the fields that it knows",
    ),
  ),
  fstatvfs: native(
    162,
    [fd],
    "bigints",
    "fstatvfs",
    "Describes the file system of an open file in full.",
    "on Linux: statfs, with the fields that it knows",
  ),
  msync: native(
    163,
    [memory, flags],
    "none",
    "msync",
    "Writes mapped memory to its file.",
  ),
  mtouch: native(
    164,
    [memory, flags],
    "none",
    "mtouch",
    "Touches each page of memory: reads it in, or makes it dirty.",
  ),
  mlock: native(165, [memory], "none", "mlock", "Keeps memory from the swap."),
  munlock: native(166, [memory], "none", "munlock", "Lets memory swap again."),
  mlockall: native(
    167,
    [flags],
    "none",
    "mlockall",
    "Keeps all memory of the process out of swap.",
  ),
  munlockall: native(
    168,
    [],
    "none",
    "munlockall",
    "Allows all memory of the process to be swapped again.",
  ),
  fcntl: native(
    169,
    control,
    "count",
    "fcntl",
    "Reads or changes the properties of a descriptor.",
  ),
  ioctl: disabled(
    20,
    native(
      170,
      control,
      "count",
      "ioctl",
      "Controls a device, by its own request numbers.",
    ),
  ),
} as const satisfies Record<string, Op>;

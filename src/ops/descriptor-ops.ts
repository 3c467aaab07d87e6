// Ops on an open file: one system call each. They are part of THE list (table.ts); it does not know who runs them.
import {
  repeating,
  closing,
  opening,
  holding,
  bigint,
  fd,
  mode,
  disabled,
  opened,
  system,
  type Op,
} from "./define.ts";

export const descriptorOps = {
  open: repeating(
    opening(
      system(
        10,
        [opened, ["flags", "flags"], mode],
        "fd",
        "open",
        "Opens a file.",
        "close",
      ),
    ),
  ),
  close: closing(system(11, [fd], "none", "close", "Closes a descriptor.")),
  read: system(
    12,
    [fd, ["buffer", "into"], ["position", "position"]],
    "count",
    "read",
    "Reads at a position, or at the current one when it is -1.",
  ),
  write: system(
    13,
    [fd, ["buffer", "from"], ["position", "position"]],
    "count",
    "write",
    "Writes at a position, or at the current one when it is -1.",
  ),
  writev: system(
    22,
    [fd, ["buffers", "buffers"], ["position", "position"]],
    "count",
    "write",
    "Writes several buffers in place: in native code only.",
  ),
  readBlock: holding(
    { bytesIn: "a" },
    system(
      21,
      [fd, ["bytes", "length"], ["position", "position"]],
      "bytes",
      "read",
      "Reads at a position into newly allocated memory.",
    ),
  ),
  fstat: system(
    14,
    [fd, bigint],
    "numbers",
    "fstat",
    "Describes an open file.",
  ),
  ftruncate: system(
    15,
    [fd, ["len", "length"]],
    "none",
    "ftruncate",
    "Sets the length of an open file.",
  ),
  fsync: disabled(
    24,
    system(16, [fd], "none", "fsync", "Writes data and metadata to the disk."),
  ),
  fdatasync: disabled(
    24,
    system(17, [fd], "none", "fdatasync", "Writes data to the disk."),
  ),
  fchmod: disabled(
    20,
    system(
      18,
      [fd, mode],
      "none",
      "fchmod",
      "Changes the mode of an open file.",
    ),
  ),
  fchown: disabled(
    20,
    system(
      19,
      [fd, ["uid", "id"], ["gid", "id"]],
      "none",
      "fchown",
      "Changes the owner of an open file.",
    ),
  ),
  futimes: disabled(
    20,
    system(
      20,
      [fd, ["atime", "seconds"], ["mtime", "seconds"], ["form", "form"]],
      "none",
      "futime",
      "Sets the times of an open file.",
    ),
  ),
} as const satisfies Record<string, Op>;

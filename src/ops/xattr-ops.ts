// Ops on extended attributes, by path and by descriptor. They are part of THE list (table.ts), as those of
// eio.sys; what an attribute means is not known here.
import {
  repeating,
  disabled,
  fd,
  native,
  path,
  written,
  type Op,
} from "./define.ts";

const flags = ["flags", "flags"] as const;
const name = ["name", "from"] as const;
const link = ["link", "switch"] as const;
const nameAndValue = [
  ["nameAndValue", "from"],
  ["nameBytes", "length"],
] as const;

export const xattrOps = {
  getxattr: repeating(
    native(
      130,
      [path, name, link],
      "bytes",
      "getxattr",
      "Reads an extended attribute.",
    ),
  ),
  fgetxattr: native(
    131,
    [fd, name],
    "bytes",
    "fgetxattr",
    "Reads an extended attribute of an open file.",
  ),
  setxattr: native(
    132,
    [written, ...nameAndValue, flags, link],
    "none",
    "setxattr",
    "Sets an extended attribute.",
  ),
  fsetxattr: disabled(
    20,
    native(
      133,
      [fd, ...nameAndValue, flags],
      "none",
      "fsetxattr",
      "Sets an extended attribute of an open file.",
    ),
  ),
  listxattr: repeating(
    native(
      134,
      [path, link],
      "bytes",
      "listxattr",
      "Lists the extended attributes.",
    ),
  ),
  flistxattr: native(
    135,
    [fd],
    "bytes",
    "flistxattr",
    "Lists the extended attributes of an open file.",
  ),
  removexattr: native(
    136,
    [written, name, link],
    "none",
    "removexattr",
    "Removes an extended attribute.",
  ),
  fremovexattr: disabled(
    20,
    native(
      137,
      [fd, name],
      "none",
      "fremovexattr",
      "Removes an extended attribute of an open file.",
    ),
  ),
} as const satisfies Record<string, Op>;

// Whole jobs in one crossing, which is where most of the time of a real server goes.
import { bigint, fd, mode, oneHop, path, type Op } from "./define.ts";

export const jobOps = {
  slurp: oneHop(
    60,
    [path, ["flags", "flags"]],
    "bytes",
    "open",
    "Opens, reads to the end, closes.",
  ),
  slurpFd: oneHop(
    61,
    [fd],
    "bytes",
    "read",
    "Reads from the current position to the end.",
  ),
  spew: oneHop(
    62,
    [path, ["data", "from"], ["flags", "flags"], mode, ["flush", "switch"]],
    "none",
    "open",
    "Opens, writes all, syncs when asked, closes.",
  ),
  truncate: oneHop(
    63,
    [path, ["len", "length"]],
    "none",
    "open",
    "Opens, sets the length, closes.",
  ),
  scandir: oneHop(
    64,
    [path, ["how", "flags"], ["recursion", "flags"]],
    "bytes",
    "scandir",
    "Lists a folder, with types, or a whole tree.",
  ),
  opendir: oneHop(
    65,
    [path],
    "bytes",
    "opendir",
    "Lists a folder in the order of the disk, with types.",
  ),
  mkdirp: oneHop(
    66,
    [path, mode],
    "text",
    "mkdir",
    "Makes a folder and those above it; the first one made.",
  ),
  rmtree: oneHop(
    67,
    [
      path,
      ["recursive", "switch"],
      ["force", "switch"],
      ["maxRetries", "length"],
      ["retryDelay", "milliseconds"],
    ],
    "none",
    "rm",
    "Removes a file or a tree.",
  ),
  cptree: oneHop(
    68,
    [
      ["src", "path"],
      ["dest", "path"],
      ["options", "from"],
    ],
    "none",
    "cp",
    "Copies a file or a tree.",
  ),
  realpathWalk: oneHop(
    69,
    [path],
    "bytes",
    "lstat",
    "Resolves links step by step, as fs.realpath does.",
  ),
  statMany: oneHop(
    70,
    [["paths", "from"], ["count", "length"], bigint],
    "numbers",
    "stat",
    "Describes many files.",
  ),
} as const satisfies Record<string, Op>;

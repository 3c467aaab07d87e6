// Ops that are whole jobs in one crossing, which is where most of the time of a real server goes. They are part of THE
// list (table.ts); it does not know how a job is done.
import {
  repeating,
  opening,
  holding,
  bigint,
  fd,
  mode,
  oneHop,
  opened,
  path,
  written,
  type Op,
} from "./define.ts";

/** Of a copy that passes through us, on each thread that works for it. */
const PIECE_BYTES = 1 << 20;
/** Threads that one tree may have. */
const TEAM_MAX = 8;

export const jobOps = {
  slurp: holding(
    { most: "c" },
    repeating(
      opening(
        oneHop(
          60,
          [opened, ["flags", "flags"], ["text", "switch"], ["most", "length"]],
          "bytes",
          "open",
          "Opens, reads to the end, closes.",
        ),
      ),
    ),
  ),
  slurpFd: holding(
    { most: "b" },
    oneHop(
      61,
      [fd, ["text", "switch"], ["most", "length"]],
      "bytes",
      "read",
      "Reads from the current position to the end.",
    ),
  ),
  spew: opening(
    oneHop(
      62,
      [opened, ["data", "from"], ["flags", "flags"], mode, ["flush", "switch"]],
      "none",
      "open",
      "Opens, writes all, syncs on request, closes.",
    ),
  ),
  truncate: opening(
    oneHop(
      63,
      [
        ["path", "path", "both"],
        ["len", "length"],
      ],
      "none",
      "open",
      "Opens, sets the length, closes.",
    ),
  ),
  scandir: repeating(
    opening(
      oneHop(
        64,
        [
          ["path", "path", "list"],
          ["how", "flags"],
          ["recursion", "flags"],
        ],
        "bytes",
        "scandir",
        "Lists a folder, with types, or a whole tree.",
      ),
    ),
  ),
  opendir: repeating(
    opening(
      oneHop(
        65,
        [path],
        "bytes",
        "opendir",
        "Lists a folder in the order of the disk, with types.",
      ),
    ),
  ),
  mkdirp: oneHop(
    66,
    [written, mode],
    "text",
    "mkdir",
    "Makes a folder and its missing parents; returns the first one made.",
  ),
  rmtree: oneHop(
    67,
    [
      ["path", "path", "tree"],
      ["recursive", "switch"],
      ["force", "switch"],
      ["maxRetries", "length"],
      ["retryDelay", "milliseconds"],
    ],
    "none",
    "rm",
    "Removes a file or a tree.",
  ),
  cptree: holding(
    { bytes: TEAM_MAX * PIECE_BYTES },
    oneHop(
      68,
      [
        ["src", "path", "all"],
        ["dest", "path", "all"],
        ["switches", "flags"],
        ["mode", "flags"],
      ],
      "none",
      "cp",
      "Copies a file or a tree.",
    ),
  ),
  cpfile: holding(
    { bytes: PIECE_BYTES },
    opening(
      oneHop(
        75,
        [
          ["src", "path", "read"],
          ["dest", "path", "write"],
        ],
        "none",
        "open",
        "Copies one file with its times, mode and owner.",
      ),
    ),
  ),
  realpathWalk: repeating(
    oneHop(
      69,
      [["path", "path", "readAll"]],
      "bytes",
      "lstat",
      "Resolves links step by step, as fs.realpath does.",
    ),
  ),
  statMany: oneHop(
    70,
    [["paths", "from", "paths"], ["count", "length"], bigint],
    "numbers",
    "stat",
    "Describes many files.",
  ),
  spewAtomic: opening(
    oneHop(
      71,
      [
        written,
        ["temporary", "path", "ours"],
        ["data", "from"],
        mode,
        ["durable", "switch"],
        ["whole", "switch"],
      ],
      "bytes",
      "open",
      "Writes a temporary file, then renames it over the target; returns the folder that is still to be synced.",
    ),
  ),
  syncPath: opening(
    oneHop(
      72,
      [["path", "path", "ours"]],
      "none",
      "fsync",
      "Opens, syncs, closes, such as a folder after a rename.",
    ),
  ),
  survey: opening(
    oneHop(
      73,
      [
        ["path", "path", "list"],
        ["watcher", "flags"],
        ["below", "switch"],
        ["mask", "flags"],
        ["names", "from", "ours"],
      ],
      "bytes",
      "scandir",
      "Watches a folder, then lists it, or some of its names, with the data that shows changes.",
    ),
  ),
  copyDigest: holding(
    { bytes: PIECE_BYTES },
    opening(
      oneHop(
        74,
        [
          ["src", "path", "read"],
          ["dest", "path", "write"],
          ["mode", "flags"],
          ["digest", "flags"],
        ],
        "bytes",
        "copyfile",
        "Copies one file, and reports how much was copied, how, and a digest.",
      ),
    ),
  ),
} as const satisfies Record<string, Op>;

// Where we differ from libeio on purpose: which entry of which scenario, the fields that differ on each
// side, and why. A difference that no longer occurs fails the suite as much as one that is not listed.
import type { Entry } from "./scenario.ts";

export interface Difference {
  scenario: string;
  /** The callback's name, or the kind of look. */
  entry: string;
  /** null: that side has no such entry. */
  theirs: Entry | null;
  ours: Entry | null;
  reason: string;
}

const PERL_CLOSE =
  "aio_close puts a pipe in the descriptor's place, because Perl wants to close it itself; eio_close closes.";
const NO_TRUNCATEAT =
  "libeio opens the file and truncates that, for the sake of working directories; ours is truncate(2).";
const REALPATH =
  "libeio's own walk takes a file for a folder here; POSIX says ENOTDIR.";
const UNKNOWN_FLAGS =
  "Unknown flags are not returned, and FOUND_UNKNOWN only where a type was unknown.";
const NO_WD_FOR_SCANDIR =
  "libeio opens a working directory first, and its walk returns ENOENT for a path that is too long; ours returns the kernel's error.";
const NO_SIZE =
  "libeio reads as much as fstat reports, which is nothing in /proc; ours reads to the end.";
const PAST_THE_END =
  "libeio allocates a length below 0 and finds no memory for it; a read past the end gives nothing.";
const FOLDER =
  "libeio allocates a folder's size, and finds no memory; a folder is EISDIR.";
const LEAK = "libeio leaves the descriptor open when the read fails.";
const WHOLE_SECONDS =
  "IO::AIO copies whole seconds, because Perl's stat has no others.";
const AIOREQ =
  "A misspelt function (aioreq) ends IO::AIO 4.80's clean-up, so that the partial copy stays; its manual says that it is removed, as ours is.";
const ONTO_ITSELF =
  "libeio empties the file before it finds nothing to copy, and reports whatever errno was; ours refuses and leaves the file.";
const RMTREE_LINK =
  "libeio empties the folder that the link leads to; ours does not follow it. The result is the same.";
const MSYNC =
  "libeio translates the flags and drops those that it does not know; the kernel refuses them.";
const SYMLINK_WD =
  "IO::AIO resolves the path of the new link by the working directory of the target, which is a text; ours by the link's own.";
const WD_MOVED =
  "libeio returns the path that the folder had when it was opened; ours gets the current one from the kernel.";
const WD_REMOVED_LIST =
  "libeio does not look at readdir's errors; the kernel says ENOENT for a folder that was removed.";
const CANCEL_AT_ONCE =
  "libeio leaves a cancelled request in its queue until a worker comes to it; ours is done at once.";
const GROUP_PRI =
  "IO::AIO gives a group the next request's priority; eio_grp has the highest, as in libeio.";

type Row = [string, string, Entry | null, Entry | null, string];

// Scenario, entry, libeio's outcome there, ours, and why.
// prettier-ignore
const rows: Row[] = [
  ["close: an open one, and twice", "read after it", {errno: 29}, {errno: 9}, PERL_CLOSE],
  ["close: of a descriptor that is not open", "close", {result: 0}, {result: -1, errno: 9}, PERL_CLOSE],
  ["truncate: what is refused", "fifo", {errno: 6}, {errno: 22}, NO_TRUNCATEAT],
  ["realpath: a file with a slash or a dot behind it", "slash", {result: "text", text: "$ROOT/f"}, {result: -1, errno: 20}, REALPATH],
  ["realpath: a file with a slash or a dot behind it", "dot", {result: "text", text: "$ROOT/f"}, {result: -1, errno: 20}, REALPATH],
  ["realpath: a file with a slash or a dot behind it", "dot dot", {result: "text", text: "$ROOT"}, {result: -1, errno: 20}, REALPATH],
  ["readdirx: flags that there are none of", "FOUND_UNKNOWN given", {flags: 129}, {flags: 1}, UNKNOWN_FLAGS],
  ["readdirx: flags that there are none of", "all below 0x80", {flags: 127}, {flags: 7}, UNKNOWN_FLAGS],
  ["scandir: wrong paths", "long path", {errno: 2}, {errno: 36}, NO_WD_FOR_SCANDIR],
  ["load: what tells no size", "proc", {data: "", result: 0}, {data: "Linux\n", result: 6}, NO_SIZE],
  ["slurp: at the end and past it", "past the end", {errno: 12, result: -1}, {result: 0, data: ""}, PAST_THE_END],
  ["slurp: folders, and what tells no size", "folder", {errno: 12}, {errno: 21}, FOLDER],
  ["slurp: folders, and what tells no size", "proc", {data: "", result: 0}, {data: "Linux\n", result: 6}, NO_SIZE],
  ["slurp: folders, and what tells no size", "fds", {fds: 1}, {fds: 0}, LEAK],
  ["copy: fractions of seconds", "look", {look: {kind: "file", mode: "644", mtime: "1000000000.000000000", nlink: 1, size: 5}}, {look: {kind: "file", mode: "644", nlink: 1, size: 5, mtime: "1000000000.250000000"}}, WHOLE_SECONDS],
  ["copy: a folder", "died", {died: "run"}, null, AIOREQ],
  ["copy: a folder", "tree", {tree: {d: {}, x: "file 0"}}, {tree: {d: {}}}, AIOREQ],
  ["copy: onto itself", "copy", {errno: 2}, {errno: 22}, ONTO_ITSELF],
  ["copy: onto itself", "died", {died: "run"}, null, AIOREQ],
  ["copy: onto itself", "content", {content: ""}, {content: "hello"}, ONTO_ITSELF],
  ["copy: no room", "died", {died: "run"}, null, AIOREQ],
  ["move: a folder to another file system", "died", {died: "run"}, null, AIOREQ],
  ["move: a folder to another file system", "look", {look: {kind: "file", mode: "200", nlink: 1, size: 0}}, {look: null}, AIOREQ],
  ["rmtree: a link to a folder", "tree", {tree: {d: {}, l: "link d"}}, {tree: {d: {x: "file 0"}, l: "link d"}}, RMTREE_LINK],
  ["msync: flags", "no such flag", {result: 0}, {result: -1, errno: 22}, MSYNC],
  ["wd: each request that takes a path", "readlink", {errno: 2, result: -1}, {result: "text", text: "f"}, SYMLINK_WD],
  ["wd: each request that takes a path", "readdir", {names: ["f", "fifo", "new", "sub"], result: 4}, {names: ["f", "fifo", "l", "new", "sub"], result: 5}, SYMLINK_WD],
  ["wd: each request that takes a path", "readdirx", {names: ["f", "fifo", "new", "sub"], result: 4, types: {f: "file", fifo: "fifo", new: "file", sub: "dir"}}, {names: ["f", "fifo", "l", "new", "sub"], result: 5, types: {fifo: "fifo", new: "file", f: "file", l: "link", sub: "dir"}}, SYMLINK_WD],
  ["wd: each request that takes a path", "scandir", {others: ["f", "fifo", "new"]}, {others: ["f", "fifo", "l", "new"]}, SYMLINK_WD],
  ["wd: each request that takes a path", "tree", {tree: {d: {f: "file 3", fifo: "fifo", new: "file 0", sub: {}}, l: "link f"}}, {tree: {d: {f: "file 3", fifo: "fifo", l: "link f", new: "file 0", sub: {}}}}, SYMLINK_WD],
  ["wd: renamed", "path", {text: "$ROOT/d"}, {text: "$ROOT/e"}, WD_MOVED],
  ["wd: renamed", "path of a file", {errno: 2, result: -1}, {result: "text", text: "$ROOT/e/f"}, WD_MOVED],
  ["wd: renamed, and another in its place", "path", {text: "$ROOT/d"}, {text: "$ROOT/e"}, WD_MOVED],
  ["wd: removed", "readdir", {names: [], result: 0}, {result: -1, errno: 2}, WD_REMOVED_LIST],
  ["wd: removed", "path", {result: "text", text: "$ROOT/d"}, {result: -1, errno: 2}, WD_MOVED],
  ["cancel: queued", "counts", {counts: [2, 2, 0]}, {counts: [2, 1, 1]}, CANCEL_AT_ONCE],
  ["cancel: all that is queued", "counts", {counts: [20, 20, 0]}, {counts: [20, 0, 20]}, CANCEL_AT_ONCE],
  ["cancel: twice", "counts", {counts: [1, 1, 0]}, {counts: [1, 0, 1]}, CANCEL_AT_ONCE],
  ["group: an empty one is delivered before what is done", "g", null, {cb: "g", result: [], errno: 0}, GROUP_PRI],
  ["group: an empty one is delivered before what is done", "g", {cb: "g", errno: 0, result: []}, null, GROUP_PRI],
  ["feed: a cancelled group is fed no more", "counts", {counts: [3, 2, 1]}, {counts: [3, 0, 3]}, CANCEL_AT_ONCE],
  ["feed: cancelled members", "counts", {counts: [3, 2, 1]}, {counts: [3, 0, 3]}, CANCEL_AT_ONCE],
];

export const differences: readonly Difference[] = rows.map(
  ([scenario, entry, theirs, ours, reason]) => ({
    scenario,
    entry,
    theirs,
    ours,
    reason,
  }),
);

// THE list of ops. Everything else that must know what can be asked (the worker's executor, the
// promise and callback functions, the C header, the README's matrix) is derived from this table.
import {
  registersOf,
  type Kind,
  type KindTypes,
  type Param,
  type ResultKind,
} from "./kinds.ts";

export interface Op<
  P extends readonly Param[] = readonly Param[],
  R extends ResultKind = ResultKind,
> {
  readonly code: number;
  /** One sentence for documentation. */
  readonly about: string;
  readonly params: P;
  readonly result: R;
  /** The system call as Node names it in errors; a one-hop op reports the call that failed. */
  readonly syscall: string;
  /** A whole job in one crossing: errors then carry their own syscall and path. */
  readonly oneHop: boolean;
  /** The op that undoes a success that nobody waits for any more (an orphaned open). */
  readonly undo?: string;
}

const system = <const P extends readonly Param[], R extends ResultKind>(
  code: number,
  params: P,
  result: R,
  syscall: string,
  about: string,
  undo?: string,
): Op<P, R> => ({
  code,
  params,
  result,
  syscall,
  about,
  oneHop: false,
  ...(undo === undefined ? {} : { undo }),
});

const oneHop = <const P extends readonly Param[], R extends ResultKind>(
  code: number,
  params: P,
  result: R,
  syscall: string,
  about: string,
): Op<P, R> => ({ code, params, result, syscall, about, oneHop: true });

const path = ["path", "path"] as const;
const fd = ["fd", "fd"] as const;
const mode = ["mode", "mode"] as const;
const bigint = ["bigint", "switch"] as const;

export const ops = {
  // --- the whole way through and back ---
  nop: system(
    1,
    [],
    "none",
    "nop",
    "Does nothing, the whole way through: the latency probe.",
  ),
  busy: system(
    2,
    [["delay", "milliseconds"]],
    "none",
    "busy",
    "Ties up one worker for a while.",
  ),
  custom: oneHop(
    3,
    [["call", "from"]],
    "value",
    "custom",
    "Runs a function of a module in the pool.",
  ),

  // --- descriptors ---
  open: system(
    10,
    [path, ["flags", "flags"], mode],
    "fd",
    "open",
    "Opens a file.",
    "close",
  ),
  close: system(11, [fd], "none", "close", "Closes a descriptor."),
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
  fsync: system(
    16,
    [fd],
    "none",
    "fsync",
    "Brings data and metadata to the disk.",
  ),
  fdatasync: system(17, [fd], "none", "fdatasync", "Brings data to the disk."),
  fchmod: system(
    18,
    [fd, mode],
    "none",
    "fchmod",
    "Changes the mode of an open file.",
  ),
  fchown: system(
    19,
    [fd, ["uid", "id"], ["gid", "id"]],
    "none",
    "fchown",
    "Changes the owner of an open file.",
  ),
  futimes: system(
    20,
    [fd, ["atime", "seconds"], ["mtime", "seconds"]],
    "none",
    "futime",
    "Sets the times of an open file.",
  ),

  // --- paths ---
  stat: system(
    30,
    [path, bigint],
    "numbers",
    "stat",
    "Describes a file, links followed.",
  ),
  lstat: system(
    31,
    [path, bigint],
    "numbers",
    "lstat",
    "Describes a file, a link itself.",
  ),
  statfs: system(
    32,
    [path, bigint],
    "numbers",
    "statfs",
    "Describes the file system of a path.",
  ),
  access: system(33, [path, mode], "none", "access", "Tests permissions."),
  chmod: system(34, [path, mode], "none", "chmod", "Changes the mode."),
  lchmod: system(
    35,
    [path, mode],
    "none",
    "lchmod",
    "Changes the mode of a link (macOS).",
  ),
  chown: system(
    36,
    [path, ["uid", "id"], ["gid", "id"]],
    "none",
    "chown",
    "Changes the owner.",
  ),
  lchown: system(
    37,
    [path, ["uid", "id"], ["gid", "id"]],
    "none",
    "lchown",
    "Changes the owner of a link.",
  ),
  utimes: system(
    38,
    [path, ["atime", "seconds"], ["mtime", "seconds"]],
    "none",
    "utime",
    "Sets the times.",
  ),
  lutimes: system(
    39,
    [path, ["atime", "seconds"], ["mtime", "seconds"]],
    "none",
    "lutime",
    "Sets the times of a link.",
  ),
  link: system(
    40,
    [
      ["existingPath", "path"],
      ["newPath", "path"],
    ],
    "none",
    "link",
    "Makes a hard link.",
  ),
  symlink: system(
    41,
    [["target", "path"], path, ["type", "flags"]],
    "none",
    "symlink",
    "Makes a symbolic link.",
  ),
  readlink: system(
    42,
    [path],
    "bytes",
    "readlink",
    "Reads where a link points.",
  ),
  rename: system(
    43,
    [
      ["oldPath", "path"],
      ["newPath", "path"],
    ],
    "none",
    "rename",
    "Renames.",
  ),
  unlink: system(44, [path], "none", "unlink", "Removes a name."),
  rmdir: system(45, [path], "none", "rmdir", "Removes an empty folder."),
  mkdir: system(46, [path, mode], "none", "mkdir", "Makes a folder."),
  copyFile: system(
    47,
    [
      ["src", "path"],
      ["dest", "path"],
      ["mode", "flags"],
    ],
    "none",
    "copyfile",
    "Copies one file.",
  ),
  mkdtemp: system(
    48,
    [["prefix", "path"]],
    "bytes",
    "mkdtemp",
    "Makes a folder with a unique name.",
  ),
  realpath: system(
    49,
    [path],
    "bytes",
    "realpath",
    "Resolves links by the system.",
  ),

  // --- whole jobs ---
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

export type Ops = typeof ops;
export type OpName = keyof Ops;

type TupleOf<P extends readonly Param[]> = {
  -readonly [I in keyof P]: P[I] extends readonly [string, infer K extends Kind]
    ? KindTypes[K]
    : never;
};
/** The operands of an op, in the order of the table. */
export type Operands<N extends OpName> = TupleOf<Ops[N]["params"]>;

export const opNames = Object.keys(ops) as OpName[];

/** By code, for whoever has only a number; holes are undefined. */
export const opByCode: (Op | undefined)[] = [];
export const nameByCode: (OpName | undefined)[] = [];
for (const name of opNames) {
  const { code } = ops[name];
  if (opByCode[code]) throw new Error(`Op code ${code} is used twice`);
  opByCode[code] = ops[name];
  nameByCode[code] = name;
}

export const registers = Object.fromEntries(
  opNames.map((name) => [name, registersOf(ops[name].params)]),
) as Record<OpName, ReturnType<typeof registersOf>>;

// Ops on a path: one system call each. They are part of THE list (table.ts); it does not know who runs them.
import {
  repeating,
  opening,
  holding,
  bigint,
  mode,
  path,
  system,
  written,
  type Op,
} from "./define.ts";

export const pathOps = {
  stat: repeating(
    system(
      30,
      [path, bigint],
      "numbers",
      "stat",
      "Describes a file, following links.",
    ),
  ),
  lstat: repeating(
    system(
      31,
      [path, bigint],
      "numbers",
      "lstat",
      "Describes a file, or a link itself.",
    ),
  ),
  statfs: repeating(
    system(
      32,
      [path, bigint],
      "numbers",
      "statfs",
      "Describes the file system of a path.",
    ),
  ),
  access: repeating(
    system(33, [path, mode], "none", "access", "Tests permissions."),
  ),
  chmod: system(34, [written, mode], "none", "chmod", "Changes the mode."),
  lchmod: system(
    35,
    [written, mode],
    "none",
    "lchmod",
    "Changes the mode of a link (macOS).",
  ),
  chown: system(
    36,
    [written, ["uid", "id"], ["gid", "id"]],
    "none",
    "chown",
    "Changes the owner.",
  ),
  lchown: system(
    37,
    [written, ["uid", "id"], ["gid", "id"]],
    "none",
    "lchown",
    "Changes the owner of a link.",
  ),
  utimes: system(
    38,
    [written, ["atime", "seconds"], ["mtime", "seconds"], ["form", "form"]],
    "none",
    "utime",
    "Sets the times.",
  ),
  lutimes: system(
    39,
    [written, ["atime", "seconds"], ["mtime", "seconds"], ["form", "form"]],
    "none",
    "lutime",
    "Sets the times of a link.",
  ),
  link: system(
    40,
    [
      ["existingPath", "path", "both"],
      ["newPath", "path", "write"],
    ],
    "none",
    "link",
    "Makes a hard link.",
  ),
  symlink: system(
    41,
    [
      ["target", "path", "all"],
      ["path", "path", "all"],
      ["type", "flags"],
    ],
    "none",
    "symlink",
    "Makes a symbolic link.",
  ),
  readlink: repeating(
    system(42, [path], "bytes", "readlink", "Reads where a link points."),
  ),
  rename: system(
    43,
    [
      ["oldPath", "path", "both"],
      ["newPath", "path", "write"],
    ],
    "none",
    "rename",
    "Renames.",
  ),
  unlink: system(44, [written], "none", "unlink", "Removes a name."),
  rmdir: system(45, [written], "none", "rmdir", "Removes an empty folder."),
  mkdir: system(46, [written, mode], "none", "mkdir", "Makes a folder."),
  copyFile: holding(
    { bytes: 1 << 20 },
    opening(
      system(
        47,
        [
          ["src", "path", "read"],
          ["dest", "path", "write"],
          ["mode", "flags"],
        ],
        "none",
        "copyfile",
        "Copies one file.",
      ),
    ),
  ),
  mkdtemp: system(
    48,
    [["prefix", "path", "write"]],
    "bytes",
    "mkdtemp",
    "Makes a folder with a unique name.",
  ),
  realpath: repeating(
    system(
      49,
      [path],
      "bytes",
      "realpath",
      "Resolves links with the system's own function.",
    ),
  ),
} as const satisfies Record<string, Op>;

// What fs.cp refuses, in Node's words, and the tests that it refuses by. Nothing here touches a
// file.
import { constants } from "node:fs";
import os from "node:os";
import { sep } from "node:path";
import { absolute, textOf, type ByteText } from "./byte-text.ts";
import { NodeSystemError } from "../util/node-system-error.ts";

export const DIRECTORY = "folder";
export type FileKind =
  "folder" | "file" | "link" | "device" | "fifo" | "socket" | "unknown";

const kinds = new Map<number, FileKind>([
  [constants.S_IFDIR, DIRECTORY],
  [constants.S_IFREG, "file"],
  [constants.S_IFLNK, "link"],
  [constants.S_IFCHR, "device"],
  [constants.S_IFBLK, "device"],
  [constants.S_IFIFO, "fifo"],
  [constants.S_IFSOCK, "socket"],
]);

export const kindOf = ({ mode }: { mode: number }): FileKind =>
  kinds.get(mode & constants.S_IFMT) ?? "unknown";

interface Identity {
  dev: bigint;
  ino: bigint;
}

export const sameFile = (a: Identity, b: Identity): boolean =>
  b.ino !== 0n && b.dev !== 0n && a.ino === b.ino && a.dev === b.dev;

const partsOf = (path: ByteText): ByteText[] =>
  absolute(path).split(sep).filter(Boolean);

/** Whether `path` lies in `folder`, or is it, by the text of the paths alone. */
export function within(folder: ByteText, path: ByteText): boolean {
  const parts = partsOf(path);
  return partsOf(folder).every((part, i) => parts[i] === part);
}

/** In `folder`, and not the folder itself. */
export const isBelow = (folder: ByteText, path: ByteText): boolean =>
  within(folder, path) && !within(path, folder);

type Errno = "EEXIST" | "EINVAL" | "EISDIR" | "ENOTDIR";

const refusal = (
  code: string,
  errno: Errno,
  path: ByteText,
  message: string,
): Error =>
  new NodeSystemError(code, {
    message: textOf(message),
    path: textOf(path),
    syscall: "cp",
    errno: os.constants.errno[errno],
    code: errno,
  });

export const refuse = {
  same: (dest: ByteText) =>
    refusal(
      "ERR_FS_CP_EINVAL",
      "EINVAL",
      dest,
      "src and dest cannot be the same",
    ),
  folderOntoFile: (src: ByteText, dest: ByteText) =>
    refusal(
      "ERR_FS_CP_DIR_TO_NON_DIR",
      "EISDIR",
      dest,
      `cannot overwrite non-directory ${dest} with directory ${src}`,
    ),
  fileOntoFolder: (src: ByteText, dest: ByteText) =>
    refusal(
      "ERR_FS_CP_NON_DIR_TO_DIR",
      "ENOTDIR",
      dest,
      `cannot overwrite directory ${dest} with non-directory ${src}`,
    ),
  intoItself: (src: ByteText, dest: ByteText) =>
    refusal(
      "ERR_FS_CP_EINVAL",
      "EINVAL",
      dest,
      `cannot copy ${src} to a subdirectory of self ${dest}`,
    ),
  linkIntoItself: (leadsTo: ByteText, led: ByteText, dest: ByteText) =>
    refusal(
      "ERR_FS_CP_EINVAL",
      "EINVAL",
      dest,
      `cannot copy ${leadsTo} to a subdirectory of self ${led}`,
    ),
  linkAbove: (leadsTo: ByteText, led: ByteText, dest: ByteText) =>
    refusal(
      "ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY",
      "EINVAL",
      dest,
      `cannot overwrite ${led} with ${leadsTo}`,
    ),
  folder: (src: ByteText) =>
    refusal(
      "ERR_FS_EISDIR",
      "EISDIR",
      src,
      `${src} is a directory (not copied)`,
    ),
  exists: (dest: ByteText) =>
    refusal("ERR_FS_CP_EEXIST", "EEXIST", dest, `${dest} already exists`),
  socket: (dest: ByteText) =>
    refusal(
      "ERR_FS_CP_SOCKET",
      "EINVAL",
      dest,
      `cannot copy a socket file: ${dest}`,
    ),
  fifo: (dest: ByteText) =>
    refusal(
      "ERR_FS_CP_FIFO_PIPE",
      "EINVAL",
      dest,
      `cannot copy a FIFO pipe: ${dest}`,
    ),
  unknown: (dest: ByteText) =>
    refusal(
      "ERR_FS_CP_UNKNOWN",
      "EINVAL",
      dest,
      `cannot copy an unknown file type: ${dest}`,
    ),
};

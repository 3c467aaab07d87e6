// Makes the running Node's own Dirents, so that their fields and methods are whatever it has. It
// does not know where names and types come from.
import fs from "node:fs";

export type DirentName = string | Buffer;
export type AnyDirent = fs.Dirent & { parentPath: string };

/** Types as libuv numbers them; 0 is unknown, and resolved before it comes here. */
export const DirentType = { file: 1, directory: 2, link: 3 } as const;

type MakeDirent = new (
  name: DirentName,
  type: number,
  parentPath: unknown,
) => AnyDirent;

export const Dirent = fs.Dirent as unknown as MakeDirent;

/** The type of a Dirent, from a file's mode. */
export function typeOfMode(mode: number): number {
  const { S_IFMT } = fs.constants;
  return typeByFormat.get(mode & S_IFMT) ?? 0;
}

const typeByFormat = new Map([
  [fs.constants.S_IFREG, 1],
  [fs.constants.S_IFDIR, 2],
  [fs.constants.S_IFLNK, 3],
  [fs.constants.S_IFIFO, 4],
  [fs.constants.S_IFSOCK, 5],
  [fs.constants.S_IFCHR, 6],
  [fs.constants.S_IFBLK, 7],
]);

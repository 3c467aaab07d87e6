// What a simulated disk consists of: files, folders and links in memory, and the list of what was done to them, from which
// a crash makes what is left. It knows how they are stored, and no path.

export type InodeType = "file" | "folder" | "link";

export interface Inode {
  readonly ino: number;
  readonly type: InodeType;
  mode: number;
  /** The one that it was created with. */
  readonly bornMode: number;
  uid: number;
  gid: number;
  links: number;
  atimeMs: number;
  mtimeMs: number;
  ctimeMs: number;
  birthMs: number;
  /** Of a file: its content, and behind `size` room to grow. */
  data: Buffer;
  size: number;
  /** Of a folder: names, as one character for each byte, to numbers of inodes. */
  entries: Map<string, number>;
  /** Of a folder: the one that it is in. */
  parent: number;
  /** Of a link. */
  target: string;
}

/** In a folder a name now leads to that inode, or to nothing. */
export type NameChange = [folder: number, name: string, ino: number | null];

/** One change, in the order of the system calls that made them. */
export type Change =
  | { kind: "write"; ino: number; offset: number; bytes: Buffer }
  | { kind: "resize"; ino: number; size: number }
  /** `replaces`: the name led to another file before (a rename). */
  | { kind: "names"; names: NameChange[]; replaces: number | null }
  | { kind: "attributes"; ino: number; mode: number; uid: number; gid: number }
  /** fsync or fdatasync of a file or a folder came back; `whole` is fsync. */
  | { kind: "sync"; ino: number; whole: boolean }
  | { kind: "syncAll" };

export const ROOT = 1;
const NO_BYTES = Buffer.alloc(0);

export function makeInode(
  ino: number,
  type: InodeType,
  mode: number,
  nowMs: number,
): Inode {
  return {
    ...{ ino, type, mode, bornMode: mode, uid: 0, gid: 0, links: 0 },
    ...{ atimeMs: nowMs, mtimeMs: nowMs, ctimeMs: nowMs, birthMs: nowMs },
    ...{ data: NO_BYTES, size: 0, entries: new Map<string, number>() },
    ...{ parent: ROOT, target: "" },
  };
}

/** Gives a file another length; what is new is zeros. */
export function resize(inode: Inode, size: number): void {
  if (size > inode.data.byteLength) {
    const larger = Buffer.alloc(Math.max(size, 2 * inode.data.byteLength));
    inode.data.copy(larger, 0, 0, inode.size);
    inode.data = larger;
  } else if (size > inode.size) inode.data.fill(0, inode.size, size);
  inode.size = size;
}

export function writeBytes(inode: Inode, offset: number, bytes: Buffer): void {
  if (offset + bytes.byteLength > inode.size)
    resize(inode, offset + bytes.byteLength);
  bytes.copy(inode.data, offset);
}

/** A copy that shares nothing. */
export function copyInode(inode: Inode): Inode {
  return {
    ...inode,
    data: Buffer.from(inode.data.subarray(0, inode.size)),
    entries: new Map(inode.entries),
  };
}

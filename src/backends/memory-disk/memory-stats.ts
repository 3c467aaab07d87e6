// What is said of a simulated file, in the forms of node:fs: stats, and entries of folders. It knows inodes, and not how they
// are found.
import type { Inode, InodeType } from "./inodes.ts";

const BLOCK_BYTES = 4096;
const SECTOR_BYTES = 512;
const DEVICE = 0xe10;

class Kinds {
  readonly #type: InodeType;

  constructor(type: InodeType) {
    this.#type = type;
  }

  isFile(): boolean {
    return this.#type === "file";
  }
  isDirectory(): boolean {
    return this.#type === "folder";
  }
  isSymbolicLink(): boolean {
    return this.#type === "link";
  }
  isFIFO(): boolean {
    return false;
  }
  isSocket(): boolean {
    return false;
  }
  isCharacterDevice(): boolean {
    return false;
  }
  isBlockDevice(): boolean {
    return false;
  }
}

/** Its numbers are properties; with `bigint`, bigints, and times in nanoseconds, too. */
export class MemoryStats extends Kinds {
  declare readonly size: number;
  declare readonly mode: number;
  declare readonly ino: number;
  declare readonly nlink: number;
  declare readonly mtimeMs: number;

  constructor(inode: Inode, bigint: boolean) {
    super(inode.type);
    const size =
      inode.type === "link" ? inode.target.length : Math.max(inode.size, 0);
    const { mode, uid, gid, ino } = inode;
    const { atimeMs, mtimeMs, ctimeMs, birthMs: birthtimeMs } = inode;
    const times = { atimeMs, mtimeMs, ctimeMs, birthtimeMs };
    const numbers = {
      ...{ dev: DEVICE, mode, nlink: inode.links, uid, gid, rdev: 0, ino },
      ...{ size, blksize: BLOCK_BYTES, blocks: Math.ceil(size / SECTOR_BYTES) },
      ...times,
    };
    if (!bigint) {
      Object.assign(this, numbers);
      return;
    }
    for (const [name, value] of Object.entries(numbers))
      Object.assign(this, { [name]: BigInt(Math.trunc(value)) });
    for (const [name, ms] of Object.entries(times))
      Object.assign(this, {
        [name.replace("Ms", "Ns")]: BigInt(Math.trunc(ms)) * 1_000_000n,
      });
  }
}

export class Dirent extends Kinds {
  readonly name: string | Buffer;
  readonly parentPath: string;

  constructor(name: string | Buffer, type: InodeType, parentPath: string) {
    super(type);
    this.name = name;
    this.parentPath = parentPath;
  }
}

export const dirent = (
  name: string | Buffer,
  type: InodeType,
  folder: string | Uint8Array | URL,
): Dirent => new Dirent(name, type, folder.toString());

// The files of a simulated disk by the synchronous functions of node:fs, as far as the portable executors use them, with
// Node's errors. It knows descriptors and arguments; the tree itself is a Volume's.
import { constants } from "node:fs";
import { systemError } from "../../request/errors.ts";
import type { Inode } from "./inodes.ts";
import {
  MemoryDir,
  bytesOf,
  encodingIn,
  named,
  setTimes,
  type NameOptions,
  type PathArgument,
  type TimeArgument,
} from "./memory-arguments.ts";
import { MemoryStats, dirent, type Dirent } from "./memory-stats.ts";
import { Errno, type Place, type Volume } from "./volume.ts";

interface Open {
  inode: Inode;
  flags: number;
  position: number;
}

interface StatOptions {
  bigint?: boolean;
  throwIfNoEntry?: boolean;
}

const { O_ACCMODE = 3 } = constants as { O_ACCMODE?: number };
const { O_APPEND, O_CREAT, O_DIRECTORY, O_DSYNC } = constants;
const { O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants;
const { O_TRUNC, O_WRONLY } = constants;
const FLAGS: Record<string, number> = {
  r: O_RDONLY,
  "r+": O_RDWR,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  wx: O_WRONLY | O_CREAT | O_EXCL,
  "w+": O_RDWR | O_CREAT | O_TRUNC,
  a: O_WRONLY | O_CREAT | O_APPEND,
};
/** Numbers that no descriptor of the process has. */
const FD_FIRST = 1 << 24;
const NEW_FILE = 0o666;
const NEW_FOLDER = 0o777;
const UMASK = 0o022;
const BLOCK_BYTES = 4096;
const RANDOM_NAME = "abcdefghijklmnopqrstuvwxyz0123456789";
const TYPES = { file: 0o100000, folder: 0o040000, link: 0o120000 };

export class MemoryFs {
  readonly volume: Volume;
  readonly #open = new Map<number, Open>();
  #lastFd = FD_FIRST;
  #names = 0;
  readonly Dir = MemoryDir;
  readonly constants = constants;

  constructor(volume: Volume) {
    this.volume = volume;
  }

  // --- descriptors ---

  openSync(path: PathArgument, flags: number | string = "r", mode = NEW_FILE) {
    const wanted = typeof flags === "string" ? FLAGS[flags]! : flags;
    return this.#call("open", path, null, () => {
      const inode = this.#opened(path, wanted, mode);
      const fd = ++this.#lastFd;
      this.#open.set(fd, { inode, flags: wanted, position: 0 });
      return fd;
    });
  }

  #opened(path: PathArgument, flags: number, mode: number): Inode {
    const creates = (flags & O_CREAT) !== 0;
    const exclusive = creates && (flags & O_EXCL) !== 0;
    const follow = !exclusive && (flags & O_NOFOLLOW) === 0;
    const place = this.#find(path, follow);
    let { inode } = place;
    if (inode === null) {
      if (!creates) throw new Errno("ENOENT");
      return this.volume.create(place, "file", TYPES.file | (mode & ~UMASK));
    }
    if (exclusive) throw new Errno("EEXIST");
    if (inode.type === "link") throw new Errno("ELOOP");
    if (inode.type === "folder") {
      if ((flags & O_ACCMODE) !== O_RDONLY || creates)
        throw new Errno("EISDIR");
      return inode;
    }
    if ((flags & O_DIRECTORY) !== 0) throw new Errno("ENOTDIR");
    if ((flags & O_TRUNC) !== 0 && inode.size !== 0)
      this.volume.resize(inode, 0);
    return (inode = place.inode!);
  }

  closeSync(fd: number): void {
    this.#call("close", null, null, () => {
      const { inode } = this.#at(fd);
      this.#open.delete(fd);
      this.#forget(inode);
    });
  }

  #at(fd: number): Open {
    const open = this.#open.get(fd);
    if (open === undefined) throw new Errno("EBADF");
    return open;
  }

  #forget(inode: Inode): void {
    const isOpen = [...this.#open.values()].some(
      (open) => open.inode === inode,
    );
    if (inode.links === 0 && inode.type === "file" && !isOpen)
      this.volume.drop(inode);
  }

  readSync(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): number {
    return this.#transfer("read", fd, position, (inode, at) => {
      if (inode.type === "folder") throw new Errno("EISDIR");
      const count = Math.max(0, Math.min(length, inode.size - at));
      buffer.set(inode.data.subarray(at, at + count), offset);
      return count;
    });
  }

  writeSync(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): number {
    return this.#transfer("write", fd, position, (inode, at) => {
      const count = this.volume.roomFor(inode, at, length);
      if (count === 0 && length !== 0) throw new Errno("ENOSPC");
      if (count !== 0)
        this.volume.write(inode, at, buffer.subarray(offset, offset + count));
      return count;
    });
  }

  /** Where it starts, and what becomes of the position of the descriptor. */
  #transfer(
    name: "read" | "write",
    fd: number,
    position: number | null,
    move: (inode: Inode, at: number) => number,
  ): number {
    return this.#call(name, null, null, () => {
      const open = this.#at(fd);
      const { inode, flags } = open;
      const other = name === "read" ? O_WRONLY : O_RDONLY;
      if ((flags & O_ACCMODE) === other) throw new Errno("EBADF");
      const appends = name === "write" && (flags & O_APPEND) !== 0;
      const at = appends ? inode.size : (position ?? open.position);
      const count = move(inode, at);
      if (position === null) open.position = at + count;
      if (name === "write" && (flags & O_DSYNC) !== 0)
        this.volume.sync(inode, false);
      return count;
    });
  }

  ftruncateSync(fd: number, size = 0): void {
    this.#call("ftruncate", null, null, () =>
      this.volume.resize(this.#writable(fd), size),
    );
  }

  #writable(fd: number): Inode {
    const { inode, flags } = this.#at(fd);
    if ((flags & O_ACCMODE) === O_RDONLY) throw new Errno("EINVAL");
    return inode;
  }

  /** Room for a range, which becomes zeros where nothing was. */
  fallocate(fd: number, mode: number, offset: number, length: number): void {
    this.#call("fallocate", null, null, () => {
      const inode = this.#writable(fd);
      const end = offset + length;
      if (mode !== 0) throw new Errno("EOPNOTSUPP");
      if (end > inode.size) this.volume.resize(inode, end);
    });
  }

  fsyncSync(fd: number): void {
    this.#call("fsync", null, null, () =>
      this.volume.sync(this.#at(fd).inode, true),
    );
  }

  fdatasyncSync(fd: number): void {
    this.#call("fdatasync", null, null, () =>
      this.volume.sync(this.#at(fd).inode, false),
    );
  }

  fstatSync(fd: number, options?: StatOptions): MemoryStats {
    return this.#call("fstat", null, null, () =>
      this.#stats(this.#at(fd).inode, options),
    );
  }

  fchmodSync(fd: number, mode: number): void {
    this.#call("fchmod", null, null, () =>
      this.#chmod(this.#at(fd).inode, mode),
    );
  }

  fchownSync(fd: number, uid: number, gid: number): void {
    this.#call("fchown", null, null, () =>
      this.#chown(this.#at(fd).inode, uid, gid),
    );
  }

  futimesSync(fd: number, atime: TimeArgument, mtime: TimeArgument): void {
    this.#call("futime", null, null, () =>
      setTimes(this.#at(fd).inode, atime, mtime),
    );
  }

  // --- paths ---

  statSync(path: PathArgument, options?: StatOptions) {
    return this.#described("stat", path, true, options);
  }

  lstatSync(path: PathArgument, options?: StatOptions) {
    return this.#described("lstat", path, false, options);
  }

  #described(
    syscall: string,
    path: PathArgument,
    follow: boolean,
    options?: StatOptions,
  ): MemoryStats | undefined {
    const describe = (): MemoryStats =>
      this.#stats(this.#existing(path, follow).inode, options);
    if (options?.throwIfNoEntry !== false)
      return this.#call(syscall, path, null, describe);
    try {
      return describe();
    } catch (error) {
      if (error instanceof Errno) return undefined;
      throw error;
    }
  }

  existsSync(path: PathArgument): boolean {
    return this.statSync(path, { throwIfNoEntry: false }) !== undefined;
  }

  accessSync(path: PathArgument): void {
    this.#call("access", path, null, () => void this.#existing(path, true));
  }

  chmodSync(path: PathArgument, mode: number): void {
    this.#call("chmod", path, null, () =>
      this.#chmod(this.#existing(path, true).inode, mode),
    );
  }

  lchmodSync(path: PathArgument): void {
    this.#call("lchmod", path, null, () => {
      throw new Errno("EOPNOTSUPP");
    });
  }

  chownSync(path: PathArgument, uid: number, gid: number): void {
    this.#call("chown", path, null, () =>
      this.#chown(this.#existing(path, true).inode, uid, gid),
    );
  }

  lchownSync(path: PathArgument, uid: number, gid: number): void {
    this.#call("lchown", path, null, () =>
      this.#chown(this.#existing(path, false).inode, uid, gid),
    );
  }

  utimesSync(path: PathArgument, a: TimeArgument, m: TimeArgument): void {
    this.#call("utime", path, null, () =>
      setTimes(this.#existing(path, true).inode, a, m),
    );
  }

  lutimesSync(path: PathArgument, a: TimeArgument, m: TimeArgument): void {
    this.#call("lutime", path, null, () =>
      setTimes(this.#existing(path, false).inode, a, m),
    );
  }

  linkSync(path: PathArgument, path2: PathArgument): void {
    this.#call("link", path, path2, () => {
      const { inode } = this.#existing(path, false);
      if (inode.type === "folder") throw new Errno("EPERM");
      const { folder, name } = this.#free(path2);
      this.volume.rename([[folder.ino, name, inode.ino]]);
    });
  }

  symlinkSync(target: PathArgument, path: PathArgument): void {
    this.#call("symlink", target, path, () => {
      const place = this.#free(path);
      const mode = TYPES.link | NEW_FOLDER;
      this.volume.create(place, "link", mode, bytesOf(target));
    });
  }

  readlinkSync(path: PathArgument, options?: NameOptions | "buffer") {
    return this.#call("readlink", path, null, () => {
      const { inode } = this.#existing(path, false);
      if (inode.type !== "link") throw new Errno("EINVAL");
      return named(inode.target, encodingIn(options));
    });
  }

  /** `noReplace` and `exchange` are the flags of renameat2. */
  renameSync(path: PathArgument, path2: PathArgument, flags = 0): void {
    this.#call("rename", path, path2, () => {
      const from = this.#existing(path, false);
      const to = this.#find(path2, false);
      this.#checkNames(path, path2, from, to);
      const { inode } = from;
      if (flags !== 0 && (flags & 3) !== flags) throw new Errno("EINVAL");
      if (flags === 2) return this.#exchange(from, to);
      if (to.inode === inode) return;
      if (to.inode !== null) {
        if (flags === 1) throw new Errno("EEXIST");
        this.#checkReplaced(inode, to.inode);
      }
      this.volume.rename(
        [
          [from.folder.ino, from.name, null],
          [to.folder.ino, to.name, inode.ino],
        ],
        to.inode?.ino ?? null,
      );
      if (to.inode !== null) this.#forget(to.inode);
    });
  }

  #exchange(from: Place, to: Place): void {
    if (to.inode === null) throw new Errno("ENOENT");
    this.volume.rename([
      [from.folder.ino, from.name, to.inode.ino],
      [to.folder.ino, to.name, from.inode!.ino],
    ]);
  }

  #checkNames(
    path: PathArgument,
    path2: PathArgument,
    from: Place,
    to: Place,
  ): void {
    if (from.name === "." || to.name === ".") throw new Errno("EBUSY");
    const isFolder = from.inode!.type === "folder";
    if (
      !isFolder &&
      (bytesOf(path).endsWith("/") || bytesOf(path2).endsWith("/"))
    )
      throw new Errno("ENOTDIR");
    for (
      let above = to.folder;
      isFolder;
      above = this.volume.at(above.parent)
    ) {
      if (above === from.inode) throw new Errno("EINVAL");
      if (above.parent === above.ino) break;
    }
  }

  #checkReplaced(by: Inode, replaced: Inode): void {
    if (replaced.type !== "folder") {
      if (by.type === "folder") throw new Errno("ENOTDIR");
    } else if (by.type !== "folder") throw new Errno("EISDIR");
    else if (replaced.entries.size !== 0) throw new Errno("ENOTEMPTY");
  }

  unlinkSync(path: PathArgument): void {
    this.#call("unlink", path, null, () => {
      const { folder, name, inode } = this.#existing(path, false);
      if (inode.type === "folder") throw new Errno("EISDIR");
      this.volume.rename([[folder.ino, name, null]]);
      this.#forget(inode);
    });
  }

  rmdirSync(path: PathArgument): void {
    this.#call("rmdir", path, null, () => {
      const { folder, name, inode } = this.#existing(path, false);
      if (inode.type !== "folder") throw new Errno("ENOTDIR");
      if (inode.entries.size !== 0) throw new Errno("ENOTEMPTY");
      if (name === ".") throw new Errno("EBUSY");
      this.volume.rename([[folder.ino, name, null]]);
    });
  }

  rmSync(path: PathArgument): void {
    if (this.existsSync(path)) this.unlinkSync(path);
  }

  mkdirSync(
    path: PathArgument,
    options: number | { mode?: number; recursive?: boolean } = NEW_FOLDER,
  ): string | undefined {
    const { mode = NEW_FOLDER, recursive = false } =
      typeof options === "number" ? { mode: options } : options;
    if (!recursive) {
      this.#mkdir(path, mode);
      return undefined;
    }
    let first: string | undefined;
    const parts = bytesOf(path).split("/");
    parts.forEach((name, i) => {
      const above = parts.slice(0, i + 1).join("/");
      const bytes = Buffer.from(above, "latin1");
      if (name === "" || this.existsSync(bytes)) return;
      this.#mkdir(bytes, mode);
      first ??= bytes.toString();
    });
    return first;
  }

  #mkdir(path: PathArgument, mode: number): void {
    this.#call("mkdir", path, null, () => {
      const place = this.#free(path);
      this.volume.create(place, "folder", TYPES.folder | (mode & ~UMASK));
    });
  }

  mkdtempSync(prefix: PathArgument, options?: NameOptions | "buffer") {
    const letter = (): string =>
      RANDOM_NAME[(this.#names++ * 7) % RANDOM_NAME.length]!;
    const end = Array.from({ length: 6 }, letter).join("");
    const path = bytesOf(prefix) + end;
    this.#mkdir(Buffer.from(path, "latin1"), 0o700);
    return named(path, encodingIn(options));
  }

  copyFileSync(src: PathArgument, dest: PathArgument, mode = 0): void {
    this.#call("copyfile", src, dest, () => {
      const { inode } = this.#existing(src, true);
      if (inode.type === "folder") throw new Errno("EISDIR");
      const exclusive = (mode & constants.COPYFILE_EXCL) !== 0;
      const flags = O_WRONLY | O_CREAT | O_TRUNC | (exclusive ? O_EXCL : 0);
      const copy = this.#opened(dest, flags, inode.mode);
      if (inode.size !== 0)
        this.volume.write(copy, 0, inode.data.subarray(0, inode.size));
    });
  }

  readdirSync(path: PathArgument, options?: NameOptions | BufferEncoding) {
    const encoding = encodingIn(options);
    return this.#call("scandir", path, null, () => {
      const { inode } = this.#existing(path, true);
      if (inode.type !== "folder") throw new Errno("ENOTDIR");
      const typed = typeof options === "object" && options?.withFileTypes;
      return [...inode.entries].map(([name, ino]) =>
        typed
          ? dirent(named(name, encoding), this.volume.at(ino).type, path)
          : named(name, encoding),
      );
    });
  }

  opendirSync(path: PathArgument, options?: NameOptions): MemoryDir {
    const entries = this.#call("opendir", path, null, () =>
      this.readdirSync(path, { ...options, withFileTypes: true }),
    );
    return new MemoryDir(entries as Dirent[]);
  }

  readonly realpathSync = Object.assign(
    (path: PathArgument, options?: NameOptions | "buffer") =>
      this.#realpath("lstat", path, options),
    {
      native: (path: PathArgument, options?: NameOptions | "buffer") =>
        this.#realpath("realpath", path, options),
    },
  );

  #realpath(
    syscall: string,
    path: PathArgument,
    options?: NameOptions | "buffer",
  ): string | Buffer {
    return this.#call(syscall, path, null, () =>
      named(
        this.volume.pathOf(this.#existing(path, true)),
        encodingIn(options),
      ),
    );
  }

  statfsSync(path: PathArgument, { bigint = false }: StatOptions = {}) {
    return this.#call("statfs", path, null, () => {
      this.#existing(path, true);
      const { capacityBytes } = this.volume.options;
      const free = capacityBytes - this.volume.usedBytes;
      const [blocks, bfree] = [capacityBytes, free].map((bytes) =>
        Math.floor(bytes / BLOCK_BYTES),
      ) as [number, number];
      const numbers = {
        ...{ type: 0x01021994, bsize: BLOCK_BYTES, blocks, bfree },
        ...{ bavail: bfree, files: 1 << 20, ffree: 1 << 20 },
      };
      if (!bigint) return numbers;
      return Object.fromEntries(
        Object.entries(numbers).map(([name, value]) => [name, BigInt(value)]),
      );
    });
  }

  syncAll(): void {
    this.volume.syncAll();
  }

  // --- what tests look with ---

  readFileSync(path: PathArgument): Buffer;
  readFileSync(path: PathArgument, encoding: BufferEncoding): string;
  readFileSync(path: PathArgument, encoding?: BufferEncoding): string | Buffer {
    const bytes = this.#call("open", path, null, () => {
      const { inode } = this.#existing(path, true);
      if (inode.type === "folder") throw new Errno("EISDIR");
      return Buffer.from(inode.data.subarray(0, inode.size));
    });
    return encoding === undefined ? bytes : bytes.toString(encoding);
  }

  writeFileSync(path: PathArgument, data: string | Uint8Array): void {
    const fd = this.openSync(path, "w");
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    this.writeSync(fd, bytes, 0, bytes.byteLength, 0);
    this.closeSync(fd);
  }

  // --- inside ---

  #find(path: PathArgument, follow: boolean): Place {
    return this.volume.find(bytesOf(path), follow, (fd) => this.#at(fd).inode);
  }

  #existing(path: PathArgument, follow: boolean): Place & { inode: Inode } {
    const place = this.#find(path, follow);
    if (place.inode === null) throw new Errno("ENOENT");
    return place as Place & { inode: Inode };
  }

  #free(path: PathArgument): Place {
    const place = this.#find(path, false);
    if (place.inode !== null) throw new Errno("EEXIST");
    return place;
  }

  #chmod(inode: Inode, mode: number): void {
    inode.mode = (inode.mode & ~0o7777) | (mode & 0o7777);
    this.volume.attributes(inode);
  }

  #chown(inode: Inode, uid: number, gid: number): void {
    if (uid !== -1) inode.uid = uid;
    if (gid !== -1) inode.gid = gid;
    this.volume.attributes(inode);
  }

  #stats(inode: Inode, options?: StatOptions): MemoryStats {
    return new MemoryStats(inode, options?.bigint === true);
  }

  /** Errors in Node's form. */
  #call<T>(
    syscall: string,
    path: PathArgument | null,
    path2: PathArgument | null,
    run: () => T,
  ): T {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const [shown, shown2] = [path, path2].map((one) =>
        one instanceof URL ? one.pathname : one,
      );
      throw systemError(error.errno, syscall, shown, shown2);
    }
  }
}

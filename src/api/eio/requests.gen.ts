// Made from the declarations of requests by `npm run emit:eio`; not to be edited.
import type { Stats } from "node:fs";
import type { EioScan } from "./composites/folders.ts";
import type { EioGroup } from "./group.ts";
import type {
  EioFd,
  EioListing,
  EioPath,
  EioPlainPath,
  EioRead,
} from "./values.ts";
import type { EioRequest, EioRequestOptions } from "./request.ts";
import type { EioExecute } from "./requests/special.ts";
import type { EioStatvfs } from "./statvfs.ts";
import type { WorkingDirectory } from "../working-directories/working-directory.ts";
import type { Extent } from "../sys/fiemap.ts";
import type { Statx } from "../sys/statx.ts";

/** Every request: its own arguments, then `pri, cb, data` as in libeio; a callback may take the place of `pri`. */
export interface EioRequests {
  /** Opens a folder as a working directory, for paths as [wd, path]: `value` is it, or EIO_INVALID_WD. */
  wd_open<D = undefined>(
    path: EioPath,
    cb: (req: EioRequest<D, WorkingDirectory>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, WorkingDirectory>;
  /** Opens a folder as a working directory, for paths as [wd, path]: `value` is it, or EIO_INVALID_WD. */
  wd_open<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, WorkingDirectory>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, WorkingDirectory>;
  /** Lets a working directory go, when the requests that started there are done. */
  wd_close<D = undefined>(
    wd: WorkingDirectory,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Lets a working directory go, when the requests that started there are done. */
  wd_close<D = undefined>(
    wd: WorkingDirectory,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Does nothing, the whole way through: the latency probe. */
  nop<D = undefined>(
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Does nothing, the whole way through: the latency probe. */
  nop<D = undefined>(
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Ties up one worker for so many seconds. */
  busy<D = undefined>(
    delay: number | Date,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Ties up one worker for so many seconds. */
  busy<D = undefined>(
    delay: number | Date,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Runs a function of a module in the pool: `value` is what it gave, and so is the result where that is an integer. One that throws ends with EIO (or its own errno) and an `error`. */
  custom<D = undefined>(
    execute: EioExecute,
    cb: (req: EioRequest<D, unknown>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, unknown>;
  /** Runs a function of a module in the pool: `value` is what it gave, and so is the result where that is an integer. One that throws ends with EIO (or its own errno) and an `error`. */
  custom<D = undefined>(
    execute: EioExecute,
    pri?: number | null,
    cb?: ((req: EioRequest<D, unknown>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, unknown>;
  /** Closes a descriptor. */
  close<D = undefined>(
    fd: EioFd,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Closes a descriptor. */
  close<D = undefined>(
    fd: EioFd,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Makes a descriptor mean what another one means. */
  dup2<D = undefined>(
    fd: EioFd,
    fd2: EioFd,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Makes a descriptor mean what another one means. */
  dup2<D = undefined>(
    fd: EioFd,
    fd2: EioFd,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Moves the position, also to the next data or hole. The result is 0; the new position is `offs`, and `value`, which from 2^53 on is a bigint. */
  seek<D = undefined>(
    fd: EioFd,
    offset: number | bigint,
    whence: number,
    cb: (req: EioRequest<D, number | bigint>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, number | bigint>;
  /** Moves the position, also to the next data or hole. The result is 0; the new position is `offs`, and `value`, which from 2^53 on is a bigint. */
  seek<D = undefined>(
    fd: EioFd,
    offset: number | bigint,
    whence: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, number | bigint>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, number | bigint>;
  /** Begins to read a range into the page cache. */
  readahead<D = undefined>(
    fd: EioFd,
    offset: number | bigint,
    length: number | bigint,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Begins to read a range into the page cache. */
  readahead<D = undefined>(
    fd: EioFd,
    offset: number | bigint,
    length: number | bigint,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Describes an open file: `value` is the Stats. */
  fstat<D = undefined>(
    fd: EioFd,
    cb: (req: EioRequest<D, Stats>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Stats>;
  /** Describes an open file: `value` is the Stats. */
  fstat<D = undefined>(
    fd: EioFd,
    pri?: number | null,
    cb?: ((req: EioRequest<D, Stats>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Stats>;
  /** Describes the file system of an open file in full. */
  fstatvfs<D = undefined>(
    fd: EioFd,
    cb: (req: EioRequest<D, EioStatvfs>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, EioStatvfs>;
  /** Describes the file system of an open file in full. */
  fstatvfs<D = undefined>(
    fd: EioFd,
    pri?: number | null,
    cb?: ((req: EioRequest<D, EioStatvfs>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, EioStatvfs>;
  /** Sets the times of an open file; -1 for both is now. */
  futime<D = undefined>(
    fd: EioFd,
    atime: number | Date,
    mtime: number | Date,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sets the times of an open file; -1 for both is now. */
  futime<D = undefined>(
    fd: EioFd,
    atime: number | Date,
    mtime: number | Date,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sets the length of an open file. */
  ftruncate<D = undefined>(
    fd: EioFd,
    offset: number | bigint,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sets the length of an open file. */
  ftruncate<D = undefined>(
    fd: EioFd,
    offset: number | bigint,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Changes the mode of an open file. */
  fchmod<D = undefined>(
    fd: EioFd,
    mode: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Changes the mode of an open file. */
  fchmod<D = undefined>(
    fd: EioFd,
    mode: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Changes the owner of an open file. */
  fchown<D = undefined>(
    fd: EioFd,
    uid: number,
    gid: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Changes the owner of an open file. */
  fchown<D = undefined>(
    fd: EioFd,
    uid: number,
    gid: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Brings all file systems to the disk. */
  sync<D = undefined>(
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Brings all file systems to the disk. */
  sync<D = undefined>(
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Brings data and metadata to the disk. */
  fsync<D = undefined>(
    fd: EioFd,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Brings data and metadata to the disk. */
  fsync<D = undefined>(
    fd: EioFd,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Brings data to the disk. */
  fdatasync<D = undefined>(
    fd: EioFd,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Brings data to the disk. */
  fdatasync<D = undefined>(
    fd: EioFd,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Brings a whole file system to its disk. */
  syncfs<D = undefined>(
    fd: EioFd,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Brings a whole file system to its disk. */
  syncfs<D = undefined>(
    fd: EioFd,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Writes a range of the page cache to the disk, without metadata. */
  sync_file_range<D = undefined>(
    fd: EioFd,
    offset: number | bigint,
    nbytes: number | bigint,
    flags: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Writes a range of the page cache to the disk, without metadata. */
  sync_file_range<D = undefined>(
    fd: EioFd,
    offset: number | bigint,
    nbytes: number | bigint,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Gives a range of a file space, or takes it: holes, zeros, insertion, removal. */
  fallocate<D = undefined>(
    fd: EioFd,
    mode: number,
    offset: number | bigint,
    len: number | bigint,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Gives a range of a file space, or takes it: holes, zeros, insertion, removal. */
  fallocate<D = undefined>(
    fd: EioFd,
    mode: number,
    offset: number | bigint,
    len: number | bigint,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Reads into `buf`, or where that is null into a Buffer of that length, which is the value: at `offset`, or at the current position when it is -1. The result is the count. */
  read<B extends NodeJS.ArrayBufferView | null, D = undefined>(
    fd: EioFd,
    buf: B,
    length: number | bigint | null,
    offset: number | bigint | null,
    cb: (req: EioRequest<D, EioRead<B>>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, EioRead<B>>;
  /** Reads into `buf`, or where that is null into a Buffer of that length, which is the value: at `offset`, or at the current position when it is -1. The result is the count. */
  read<B extends NodeJS.ArrayBufferView | null, D = undefined>(
    fd: EioFd,
    buf: B,
    length: number | bigint | null,
    offset: number | bigint | null,
    pri?: number | null,
    cb?: ((req: EioRequest<D, EioRead<B>>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, EioRead<B>>;
  /** Writes from `buf` (null is EFAULT): at `offset`, or at the current position when it is -1. The result is the count. */
  write<B extends NodeJS.ArrayBufferView | null, D = undefined>(
    fd: EioFd,
    buf: B,
    length: number | bigint | null,
    offset: number | bigint | null,
    cb: (req: EioRequest<D, B>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, B>;
  /** Writes from `buf` (null is EFAULT): at `offset`, or at the current position when it is -1. The result is the count. */
  write<B extends NodeJS.ArrayBufferView | null, D = undefined>(
    fd: EioFd,
    buf: B,
    length: number | bigint | null,
    offset: number | bigint | null,
    pri?: number | null,
    cb?: ((req: EioRequest<D, B>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, B>;
  /** Sends from a file to a socket, a pipe or a file. Where the kernel refuses it is done by reads and writes. */
  sendfile<D = undefined>(
    out_fd: EioFd,
    in_fd: EioFd,
    in_offset: number | bigint | null,
    length: number | bigint,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sends from a file to a socket, a pipe or a file. Where the kernel refuses it is done by reads and writes. */
  sendfile<D = undefined>(
    out_fd: EioFd,
    in_fd: EioFd,
    in_offset: number | bigint | null,
    length: number | bigint,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Opens a file; the result is the descriptor. */
  open<D = undefined>(
    path: EioPath,
    flags: number | string,
    mode: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Opens a file; the result is the descriptor. */
  open<D = undefined>(
    path: EioPath,
    flags: number | string,
    mode: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Describes a file, links followed: `value` is the Stats. */
  stat<D = undefined>(
    path: EioPath,
    cb: (req: EioRequest<D, Stats>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Stats>;
  /** Describes a file, links followed: `value` is the Stats. */
  stat<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, Stats>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Stats>;
  /** Describes a file, a link itself: `value` is the Stats. */
  lstat<D = undefined>(
    path: EioPath,
    cb: (req: EioRequest<D, Stats>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Stats>;
  /** Describes a file, a link itself: `value` is the Stats. */
  lstat<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, Stats>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Stats>;
  /** Describes the file system of a path in full. */
  statvfs<D = undefined>(
    path: EioPath,
    cb: (req: EioRequest<D, EioStatvfs>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, EioStatvfs>;
  /** Describes the file system of a path in full. */
  statvfs<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, EioStatvfs>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, EioStatvfs>;
  /** Sets the length of a file. */
  truncate<D = undefined>(
    path: EioPath,
    offset: number | bigint,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sets the length of a file. */
  truncate<D = undefined>(
    path: EioPath,
    offset: number | bigint,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sets the times; -1 for both is now. */
  utime<D = undefined>(
    path: EioPath,
    atime: number | Date,
    mtime: number | Date,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sets the times; -1 for both is now. */
  utime<D = undefined>(
    path: EioPath,
    atime: number | Date,
    mtime: number | Date,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Changes the mode. */
  chmod<D = undefined>(
    path: EioPath,
    mode: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Changes the mode. */
  chmod<D = undefined>(
    path: EioPath,
    mode: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Changes the owner; -1 leaves it. */
  chown<D = undefined>(
    path: EioPath,
    uid: number,
    gid: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Changes the owner; -1 leaves it. */
  chown<D = undefined>(
    path: EioPath,
    uid: number,
    gid: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Makes a folder. */
  mkdir<D = undefined>(
    path: EioPath,
    mode: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Makes a folder. */
  mkdir<D = undefined>(
    path: EioPath,
    mode: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Removes an empty folder. */
  rmdir<D = undefined>(
    path: EioPath,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Removes an empty folder. */
  rmdir<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Removes a name. */
  unlink<D = undefined>(
    path: EioPath,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Removes a name. */
  unlink<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Renames. */
  rename<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Renames. */
  rename<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Makes a hard link. */
  link<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Makes a hard link. */
  link<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Makes a symbolic link. */
  symlink<D = undefined>(
    target: EioPlainPath,
    path: EioPath,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Makes a symbolic link. */
  symlink<D = undefined>(
    target: EioPlainPath,
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Reads where a link points: `value` is the path. */
  readlink<D = undefined>(
    path: EioPath,
    cb: (req: EioRequest<D, string | Buffer>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, string | Buffer>;
  /** Reads where a link points: `value` is the path. */
  readlink<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, string | Buffer>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, string | Buffer>;
  /** Resolves all links: `value` is the absolute path. */
  realpath<D = undefined>(
    path: EioPath,
    cb: (req: EioRequest<D, string | Buffer>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, string | Buffer>;
  /** Resolves all links: `value` is the absolute path. */
  realpath<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, string | Buffer>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, string | Buffer>;
  /** Makes a device, a fifo, a socket or a file. */
  mknod<D = undefined>(
    path: EioPath,
    mode: number,
    dev: number | bigint,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Makes a device, a fifo, a socket or a file. */
  mknod<D = undefined>(
    path: EioPath,
    mode: number,
    dev: number | bigint,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Lists a folder, without `.` and `..`: `value` is the names, or with READDIR_DENTS the entries; the result is how many. The flags that sort need READDIR_DENTS. */
  readdir<D = undefined>(
    path: EioPath,
    flags: number,
    cb: (req: EioRequest<D, EioListing>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, EioListing>;
  /** Lists a folder, without `.` and `..`: `value` is the names, or with READDIR_DENTS the entries; the result is how many. The flags that sort need READDIR_DENTS. */
  readdir<D = undefined>(
    path: EioPath,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, EioListing>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, EioListing>;
  /** Lists a folder as `readdir`, where the flags that sort do so for names as well; `int1` is the flags, with READDIR_FOUND_UNKNOWN where a type was not told, and READDIR_DENTS in any case. */
  readdirx<D = undefined>(
    path: EioPath,
    flags: number,
    cb: (req: EioRequest<D, EioListing>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, EioListing>;
  /** Lists a folder as `readdir`, where the flags that sort do so for names as well; `int1` is the flags, with READDIR_FOUND_UNKNOWN where a type was not told, and READDIR_DENTS in any case. */
  readdirx<D = undefined>(
    path: EioPath,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, EioListing>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, EioListing>;
  /** Writes mapped memory to its file. */
  msync<D = undefined>(
    addr: NodeJS.ArrayBufferView,
    length: number | bigint | null,
    flags: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Writes mapped memory to its file. */
  msync<D = undefined>(
    addr: NodeJS.ArrayBufferView,
    length: number | bigint | null,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Touches each page of memory: brings it in, or makes it dirty. */
  mtouch<D = undefined>(
    addr: NodeJS.ArrayBufferView,
    length: number | bigint | null,
    flags: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Touches each page of memory: brings it in, or makes it dirty. */
  mtouch<D = undefined>(
    addr: NodeJS.ArrayBufferView,
    length: number | bigint | null,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Keeps memory from the swap. */
  mlock<D = undefined>(
    addr: NodeJS.ArrayBufferView,
    length: number | bigint | null,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Keeps memory from the swap. */
  mlock<D = undefined>(
    addr: NodeJS.ArrayBufferView,
    length: number | bigint | null,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Lets memory swap again. */
  munlock<D = undefined>(
    addr: NodeJS.ArrayBufferView,
    length: number | bigint | null,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Lets memory swap again. */
  munlock<D = undefined>(
    addr: NodeJS.ArrayBufferView,
    length: number | bigint | null,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Keeps all memory of the process from the swap. */
  mlockall<D = undefined>(
    flags: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Keeps all memory of the process from the swap. */
  mlockall<D = undefined>(
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Lets all memory of the process swap again. */
  munlockall<D = undefined>(
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Lets all memory of the process swap again. */
  munlockall<D = undefined>(
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Describes a file in full (birth time, mount, alignment): `value` is the Statx. A mask of 0 asks for everything. */
  statx<D = undefined>(
    path: EioPath,
    flags: number,
    mask: number,
    cb: (req: EioRequest<D, Statx>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Statx>;
  /** Describes a file in full (birth time, mount, alignment): `value` is the Statx. A mask of 0 asks for everything. */
  statx<D = undefined>(
    path: EioPath,
    flags: number,
    mask: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, Statx>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Statx>;
  /** Describes an open file in full. */
  fstatx<D = undefined>(
    fd: EioFd,
    flags: number,
    mask: number,
    cb: (req: EioRequest<D, Statx>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Statx>;
  /** Describes an open file in full. */
  fstatx<D = undefined>(
    fd: EioFd,
    flags: number,
    mask: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, Statx>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Statx>;
  /** Moves data from or to a pipe. */
  splice<D = undefined>(
    in_fd: EioFd,
    in_offset: number | bigint | null,
    out_fd: EioFd,
    out_offset: number | bigint | null,
    length: number | bigint,
    flags: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Moves data from or to a pipe. */
  splice<D = undefined>(
    in_fd: EioFd,
    in_offset: number | bigint | null,
    out_fd: EioFd,
    out_offset: number | bigint | null,
    length: number | bigint,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Copies what is in one pipe to another, and leaves it there. */
  tee<D = undefined>(
    in_fd: EioFd,
    out_fd: EioFd,
    length: number | bigint,
    flags: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Copies what is in one pipe to another, and leaves it there. */
  tee<D = undefined>(
    in_fd: EioFd,
    out_fd: EioFd,
    length: number | bigint,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Copies a range inside the kernel, or inside the file system. */
  copy_file_range<D = undefined>(
    in_fd: EioFd,
    in_offset: number | bigint | null,
    out_fd: EioFd,
    out_offset: number | bigint | null,
    length: number | bigint,
    flags: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Copies a range inside the kernel, or inside the file system. */
  copy_file_range<D = undefined>(
    in_fd: EioFd,
    in_offset: number | bigint | null,
    out_fd: EioFd,
    out_offset: number | bigint | null,
    length: number | bigint,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Renames: EIO_RENAME_NOREPLACE, or EIO_RENAME_EXCHANGE for two names that change places. */
  rename2<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    flags: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Renames: EIO_RENAME_NOREPLACE, or EIO_RENAME_EXCHANGE for two names that change places. */
  rename2<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Reports where on its disk a file lies: `value` is the extents, at most `count` of them; the result is how many. A count of 0 only counts. */
  fiemap<D = undefined>(
    fd: EioFd,
    start: number | bigint,
    length: number | bigint | null,
    flags: number,
    count: number | bigint | null,
    cb: (req: EioRequest<D, Extent[]>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Extent[]>;
  /** Reports where on its disk a file lies: `value` is the extents, at most `count` of them; the result is how many. A count of 0 only counts. */
  fiemap<D = undefined>(
    fd: EioFd,
    start: number | bigint,
    length: number | bigint | null,
    flags: number,
    count: number | bigint | null,
    pri?: number | null,
    cb?: ((req: EioRequest<D, Extent[]>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Extent[]>;
  /** Reads or changes what a descriptor is. The argument is a number, or a buffer that is read or filled where it lies. */
  fcntl<D = undefined>(
    fd: EioFd,
    command: number,
    argument: number | NodeJS.ArrayBufferView,
    cb: (req: EioRequest<D, number>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, number>;
  /** Reads or changes what a descriptor is. The argument is a number, or a buffer that is read or filled where it lies. */
  fcntl<D = undefined>(
    fd: EioFd,
    command: number,
    argument: number | NodeJS.ArrayBufferView,
    pri?: number | null,
    cb?: ((req: EioRequest<D, number>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, number>;
  /** Controls a device, in its own numbers. The argument is a number, or a buffer that is read or filled where it lies. */
  ioctl<D = undefined>(
    fd: EioFd,
    command: number,
    argument: number | NodeJS.ArrayBufferView,
    cb: (req: EioRequest<D, number>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, number>;
  /** Controls a device, in its own numbers. The argument is a number, or a buffer that is read or filled where it lies. */
  ioctl<D = undefined>(
    fd: EioFd,
    command: number,
    argument: number | NodeJS.ArrayBufferView,
    pri?: number | null,
    cb?: ((req: EioRequest<D, number>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, number>;
  /** Reads an extended attribute: `value` is its bytes, the result how many. */
  getxattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    cb: (req: EioRequest<D, Buffer>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Buffer>;
  /** Reads an extended attribute: `value` is its bytes, the result how many. */
  getxattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    pri?: number | null,
    cb?: ((req: EioRequest<D, Buffer>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Buffer>;
  /** Reads an extended attribute of a link itself. */
  lgetxattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    cb: (req: EioRequest<D, Buffer>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Buffer>;
  /** Reads an extended attribute of a link itself. */
  lgetxattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    pri?: number | null,
    cb?: ((req: EioRequest<D, Buffer>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Buffer>;
  /** Reads an extended attribute of an open file. */
  fgetxattr<D = undefined>(
    fd: EioFd,
    name: string | Uint8Array,
    cb: (req: EioRequest<D, Buffer>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Buffer>;
  /** Reads an extended attribute of an open file. */
  fgetxattr<D = undefined>(
    fd: EioFd,
    name: string | Uint8Array,
    pri?: number | null,
    cb?: ((req: EioRequest<D, Buffer>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Buffer>;
  /** Sets an extended attribute: EIO_XATTR_CREATE, EIO_XATTR_REPLACE, or 0 for either. */
  setxattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    value: string | Uint8Array,
    flags: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sets an extended attribute: EIO_XATTR_CREATE, EIO_XATTR_REPLACE, or 0 for either. */
  setxattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    value: string | Uint8Array,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sets an extended attribute of a link itself. */
  lsetxattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    value: string | Uint8Array,
    flags: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sets an extended attribute of a link itself. */
  lsetxattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    value: string | Uint8Array,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sets an extended attribute of an open file. */
  fsetxattr<D = undefined>(
    fd: EioFd,
    name: string | Uint8Array,
    value: string | Uint8Array,
    flags: number,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Sets an extended attribute of an open file. */
  fsetxattr<D = undefined>(
    fd: EioFd,
    name: string | Uint8Array,
    value: string | Uint8Array,
    flags: number,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Names the extended attributes: `value` is the names, the result how many. */
  listxattr<D = undefined>(
    path: EioPath,
    cb: (req: EioRequest<D, string[]>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, string[]>;
  /** Names the extended attributes: `value` is the names, the result how many. */
  listxattr<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, string[]>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, string[]>;
  /** Names the extended attributes of a link itself. */
  llistxattr<D = undefined>(
    path: EioPath,
    cb: (req: EioRequest<D, string[]>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, string[]>;
  /** Names the extended attributes of a link itself. */
  llistxattr<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, string[]>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, string[]>;
  /** Names the extended attributes of an open file. */
  flistxattr<D = undefined>(
    fd: EioFd,
    cb: (req: EioRequest<D, string[]>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, string[]>;
  /** Names the extended attributes of an open file. */
  flistxattr<D = undefined>(
    fd: EioFd,
    pri?: number | null,
    cb?: ((req: EioRequest<D, string[]>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, string[]>;
  /** Removes an extended attribute. */
  removexattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Removes an extended attribute. */
  removexattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Removes an extended attribute of a link itself. */
  lremovexattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Removes an extended attribute of a link itself. */
  lremovexattr<D = undefined>(
    path: EioPath,
    name: string | Uint8Array,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Removes an extended attribute of an open file. */
  fremovexattr<D = undefined>(
    fd: EioFd,
    name: string | Uint8Array,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Removes an extended attribute of an open file. */
  fremovexattr<D = undefined>(
    fd: EioFd,
    name: string | Uint8Array,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Opens, reads and closes: `value` is the bytes, the result how many. An offset below 0 counts from the end; a length of 0 is the rest. */
  slurp<D = undefined>(
    path: EioPath,
    offset: number | bigint,
    length: number | bigint,
    cb: (req: EioRequest<D, Buffer>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Buffer>;
  /** Opens, reads and closes: `value` is the bytes, the result how many. An offset below 0 counts from the end; a length of 0 is the rest. */
  slurp<D = undefined>(
    path: EioPath,
    offset: number | bigint,
    length: number | bigint,
    pri?: number | null,
    cb?: ((req: EioRequest<D, Buffer>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, Buffer>;
  /** Copies a file or a tree, with modes and times, and links as they are. What was copied before an error stays. */
  cptree<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    cb: (req: EioRequest<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Copies a file or a tree, with modes and times, and links as they are. What was copied before an error stays. */
  cptree<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    pri?: number | null,
    cb?: ((req: EioRequest<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioRequest<D, undefined>;
  /** Reads a whole file: `value` is its bytes, the result how many. */
  load<D = undefined>(
    path: EioPath,
    cb: (req: EioGroup<D, Buffer>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, Buffer>;
  /** Reads a whole file: `value` is its bytes, the result how many. */
  load<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioGroup<D, Buffer>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, Buffer>;
  /** Copies one file: with mode 0200, then its data, times, mode and owner (as far as they may be set). A device or a FIFO gets the data alone. After an error a copy that was made is removed; what was there before stays. */
  copy<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    cb: (req: EioGroup<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, undefined>;
  /** Copies one file: with mode 0200, then its data, times, mode and owner (as far as they may be set). A device or a FIFO gets the data alone. After an error a copy that was made is removed; what was there before stays. */
  copy<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    pri?: number | null,
    cb?: ((req: EioGroup<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, undefined>;
  /** Renames a file, or copies it and removes it where that is another file system. */
  move<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    cb: (req: EioGroup<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, undefined>;
  /** Renames a file, or copies it and removes it where that is another file system. */
  move<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    pri?: number | null,
    cb?: ((req: EioGroup<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, undefined>;
  /** Opens, syncs and closes: for a folder after a rename in it. */
  pathsync<D = undefined>(
    path: EioPath,
    cb: (req: EioGroup<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, undefined>;
  /** Opens, syncs and closes: for a folder after a rename in it. */
  pathsync<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioGroup<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, undefined>;
  /** Splits what is in a folder: `value` has `dirs` and `nondirs`. Files are looked at only where the folder tells no types, `maxreq` (0 or less: 4) at once. */
  scandir<D = undefined>(
    path: EioPath,
    maxreq: number | bigint,
    cb: (req: EioGroup<D, EioScan>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, EioScan>;
  /** Splits what is in a folder: `value` has `dirs` and `nondirs`. Files are looked at only where the folder tells no types, `maxreq` (0 or less: 4) at once. */
  scandir<D = undefined>(
    path: EioPath,
    maxreq: number | bigint,
    pri?: number | null,
    cb?: ((req: EioGroup<D, EioScan>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, EioScan>;
  /** Removes a folder and what is in it; the result is that of the last rmdir. Links are removed, not followed. */
  rmtree<D = undefined>(
    path: EioPath,
    cb: (req: EioGroup<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, undefined>;
  /** Removes a folder and what is in it; the result is that of the last rmdir. Links are removed, not followed. */
  rmtree<D = undefined>(
    path: EioPath,
    pri?: number | null,
    cb?: ((req: EioGroup<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, undefined>;
  /** Renames a file or a tree, or copies it and removes it where that is another file system. After an error the partial copy is removed. */
  mvtree<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    cb: (req: EioGroup<D, undefined>) => unknown,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, undefined>;
  /** Renames a file or a tree, or copies it and removes it where that is another file system. After an error the partial copy is removed. */
  mvtree<D = undefined>(
    path: EioPath,
    new_path: EioPath,
    pri?: number | null,
    cb?: ((req: EioGroup<D, undefined>) => unknown) | null,
    data?: D,
    options?: EioRequestOptions,
  ): EioGroup<D, undefined>;
}

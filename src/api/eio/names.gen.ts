// The named exports of node-eio/eio, as eio.h and IO::AIO have them. Made from the declarations of requests by `npm run emit:eio`; not to be edited.
import { eio } from "../create.ts";

const door = eio.eio;

/** Opens a folder as a working directory, for paths as [wd, path]: `value` is it, or EIO_INVALID_WD. */
export const eio_wd_open = door.wd_open;
/** Lets a working directory go, when the requests that started there are done. */
export const eio_wd_close = door.wd_close;
/** Does nothing, the whole way through: the latency probe. */
export const eio_nop = door.nop;
/** Ties up one worker for so many seconds. */
export const eio_busy = door.busy;
/** Runs a function of a module in the pool: `value` is what it gave, and so is the result where that is an integer. One that throws ends with EIO (or its own errno) and an `error`. */
export const eio_custom = door.custom;
/** Closes a descriptor. */
export const eio_close = door.close;
/** Makes a descriptor mean what another one means. */
export const eio_dup2 = door.dup2;
/** Moves the position, also to the next data or hole. The result is 0; the new position is `offs`, and `value`, which from 2^53 on is a bigint. */
export const eio_seek = door.seek;
/** Begins to read a range into the page cache. */
export const eio_readahead = door.readahead;
/** Describes an open file: `value` is the Stats. */
export const eio_fstat = door.fstat;
/** Describes the file system of an open file in full. */
export const eio_fstatvfs = door.fstatvfs;
/** Sets the times of an open file; -1 for both is now. */
export const eio_futime = door.futime;
/** Sets the length of an open file. */
export const eio_ftruncate = door.ftruncate;
/** Changes the mode of an open file. */
export const eio_fchmod = door.fchmod;
/** Changes the owner of an open file. */
export const eio_fchown = door.fchown;
/** Brings all file systems to the disk. */
export const eio_sync = door.sync;
/** Brings data and metadata to the disk. */
export const eio_fsync = door.fsync;
/** Brings data to the disk. */
export const eio_fdatasync = door.fdatasync;
/** Brings a whole file system to its disk. */
export const eio_syncfs = door.syncfs;
/** Writes a range of the page cache to the disk, without metadata. */
export const eio_sync_file_range = door.sync_file_range;
/** Gives a range of a file space, or takes it: holes, zeros, insertion, removal. */
export const eio_fallocate = door.fallocate;
/** Reads into `buf`, or where that is null into a Buffer of that length, which is the value: at `offset`, or at the current position when it is -1. The result is the count. */
export const eio_read = door.read;
/** Writes from `buf` (null is EFAULT): at `offset`, or at the current position when it is -1. The result is the count. */
export const eio_write = door.write;
/** Sends from a file to a socket, a pipe or a file. Where the kernel refuses it is done by reads and writes. */
export const eio_sendfile = door.sendfile;
/** Opens a file; the result is the descriptor. */
export const eio_open = door.open;
/** Describes a file, links followed: `value` is the Stats. */
export const eio_stat = door.stat;
/** Describes a file, a link itself: `value` is the Stats. */
export const eio_lstat = door.lstat;
/** Describes the file system of a path in full. */
export const eio_statvfs = door.statvfs;
/** Sets the length of a file. */
export const eio_truncate = door.truncate;
/** Sets the times; -1 for both is now. */
export const eio_utime = door.utime;
/** Changes the mode. */
export const eio_chmod = door.chmod;
/** Changes the owner; -1 leaves it. */
export const eio_chown = door.chown;
/** Makes a folder. */
export const eio_mkdir = door.mkdir;
/** Removes an empty folder. */
export const eio_rmdir = door.rmdir;
/** Removes a name. */
export const eio_unlink = door.unlink;
/** Renames. */
export const eio_rename = door.rename;
/** Makes a hard link. */
export const eio_link = door.link;
/** Makes a symbolic link. */
export const eio_symlink = door.symlink;
/** Reads where a link points: `value` is the path. */
export const eio_readlink = door.readlink;
/** Resolves all links: `value` is the absolute path. */
export const eio_realpath = door.realpath;
/** Makes a device, a fifo, a socket or a file. */
export const eio_mknod = door.mknod;
/** Lists a folder, without `.` and `..`: `value` is the names, or with READDIR_DENTS the entries; the result is how many. The flags that sort need READDIR_DENTS. */
export const eio_readdir = door.readdir;
/** Lists a folder as `readdir`, where the flags that sort do so for names as well; `int1` is the flags, with READDIR_FOUND_UNKNOWN where a type was not told, and READDIR_DENTS in any case. */
export const eio_readdirx = door.readdirx;
/** Writes mapped memory to its file. */
export const eio_msync = door.msync;
/** Touches each page of memory: brings it in, or makes it dirty. */
export const eio_mtouch = door.mtouch;
/** Keeps memory from the swap. */
export const eio_mlock = door.mlock;
/** Lets memory swap again. */
export const eio_munlock = door.munlock;
/** Keeps all memory of the process from the swap. */
export const eio_mlockall = door.mlockall;
/** Lets all memory of the process swap again. */
export const eio_munlockall = door.munlockall;
/** Describes a file in full (birth time, mount, alignment): `value` is the Statx. A mask of 0 asks for everything. */
export const eio_statx = door.statx;
/** Describes an open file in full. */
export const eio_fstatx = door.fstatx;
/** Moves data from or to a pipe. */
export const eio_splice = door.splice;
/** Copies what is in one pipe to another, and leaves it there. */
export const eio_tee = door.tee;
/** Copies a range inside the kernel, or inside the file system. */
export const eio_copy_file_range = door.copy_file_range;
/** Renames: EIO_RENAME_NOREPLACE, or EIO_RENAME_EXCHANGE for two names that change places. */
export const eio_rename2 = door.rename2;
/** Reports where on its disk a file lies: `value` is the extents, at most `count` of them; the result is how many. A count of 0 only counts. */
export const eio_fiemap = door.fiemap;
/** Reads or changes what a descriptor is. The argument is a number, or a buffer that is read or filled where it lies. */
export const eio_fcntl = door.fcntl;
/** Controls a device, in its own numbers. The argument is a number, or a buffer that is read or filled where it lies. */
export const eio_ioctl = door.ioctl;
/** Reads an extended attribute: `value` is its bytes, the result how many. */
export const eio_getxattr = door.getxattr;
/** Reads an extended attribute of a link itself. */
export const eio_lgetxattr = door.lgetxattr;
/** Reads an extended attribute of an open file. */
export const eio_fgetxattr = door.fgetxattr;
/** Sets an extended attribute: EIO_XATTR_CREATE, EIO_XATTR_REPLACE, or 0 for either. */
export const eio_setxattr = door.setxattr;
/** Sets an extended attribute of a link itself. */
export const eio_lsetxattr = door.lsetxattr;
/** Sets an extended attribute of an open file. */
export const eio_fsetxattr = door.fsetxattr;
/** Names the extended attributes: `value` is the names, the result how many. */
export const eio_listxattr = door.listxattr;
/** Names the extended attributes of a link itself. */
export const eio_llistxattr = door.llistxattr;
/** Names the extended attributes of an open file. */
export const eio_flistxattr = door.flistxattr;
/** Removes an extended attribute. */
export const eio_removexattr = door.removexattr;
/** Removes an extended attribute of a link itself. */
export const eio_lremovexattr = door.lremovexattr;
/** Removes an extended attribute of an open file. */
export const eio_fremovexattr = door.fremovexattr;
/** Opens, reads and closes: `value` is the bytes, the result how many. An offset below 0 counts from the end; a length of 0 is the rest. */
export const eio_slurp = door.slurp;
/** Copies a file or a tree, with modes and times, and links as they are. What was copied before an error stays. */
export const eio_cptree = door.cptree;
/** Reads a whole file: `value` is its bytes, the result how many. */
export const eio_load = door.load;
/** Copies one file: with mode 0200, then its data, times, mode and owner (as far as they may be set). A device or a FIFO gets the data alone. After an error a copy that was made is removed; what was there before stays. */
export const eio_copy = door.copy;
/** Renames a file, or copies it and removes it where that is another file system. */
export const eio_move = door.move;
/** Opens, syncs and closes: for a folder after a rename in it. */
export const eio_pathsync = door.pathsync;
/** Splits what is in a folder: `value` has `dirs` and `nondirs`. Files are looked at only where the folder tells no types, `maxreq` (0 or less: 4) at once. */
export const eio_scandir = door.scandir;
/** Removes a folder and what is in it; the result is that of the last rmdir. Links are removed, not followed. */
export const eio_rmtree = door.rmtree;
/** Renames a file or a tree, or copies it and removes it where that is another file system. After an error the partial copy is removed. */
export const eio_mvtree = door.mvtree;
/** From now on results are delivered by eio_poll only. `want_poll` is called when there is something to poll, `done_poll` when all was taken; neither may call the door. The door has an instance of its own then. */
export const eio_init = door.init;
/** Begins anew: what was submitted before is not delivered any more. */
export const eio_reinit = door.reinit;
/** Delivers what is done: 0 when nothing is left, -1 when a limit was reached, else the first number other than 0 that a callback returned. */
export const eio_poll = door.poll;
/** IO::AIO's name of eio_poll. */
export const eio_poll_cb = door.poll_cb;
/** Waits until there is something to poll, or nothing is outstanding; above max_outstanding it polls, and goes on waiting. */
export const eio_poll_wait = door.poll_wait;
/** Waits until nothing is outstanding, and polls. */
export const eio_flush = door.flush;
/** A descriptor that can be read while there is something to poll. */
export const eio_poll_fileno = door.poll_fileno;
/** Seconds that one poll may take; looked at after each callback. 0 is no limit. */
export const eio_set_max_poll_time = door.set_max_poll_time;
/** Callbacks that one poll may call; 0 is no limit. */
export const eio_set_max_poll_reqs = door.set_max_poll_reqs;
/** At least so many workers may run: raises the most that there may be. */
export const eio_set_min_parallel = door.set_min_parallel;
/** At most so many workers run: lowers the most that there may be. 0 pauses execution. */
export const eio_set_max_parallel = door.set_max_parallel;
/** So many idle workers stay. */
export const eio_set_max_idle = door.set_max_idle;
/** Seconds after which an idle worker beyond that leaves. */
export const eio_set_idle_timeout = door.set_idle_timeout;
/** More outstanding requests than this make poll_wait go on waiting; 0 is no limit. */
export const eio_max_outstanding = door.max_outstanding;
/** Raises the limit of open descriptors to at least this; throws where it may not. */
export const eio_min_fdlimit = door.min_fdlimit;
/** Requests in flight: not delivered yet. */
export const eio_nreqs = door.nreqs;
/** Requests that are yet to begin. */
export const eio_nready = door.nready;
/** Requests done but not delivered. */
export const eio_npending = door.npending;
/** Workers. */
export const eio_nthreads = door.nthreads;
/** The priority of the next request that gives none; sets it, for that one request, where it is given. */
export const eio_pri = door.pri;
/** Lowers the priority of the next request by so much (below 0: raises it); returns what it was. */
export const eio_nice = door.nice;
/** IO::AIO's name of eio_pri. */
export const aioreq_pri = door.aioreq_pri;
/** IO::AIO's name of eio_nice. */
export const aioreq_nice = door.aioreq_nice;
/** Opens a working directory on the caller's own thread; EIO_INVALID_WD where it cannot be. */
export const eio_wd_open_sync = door.wd_open_sync;
/** Lets a working directory go. */
export const eio_wd_close_sync = door.wd_close_sync;
/** Submits a request that is given in fields; the functions by name do so themselves. */
export const eio_submit = door.submit;
/** What is yet to begin will not begin; what runs goes on. Its callback is called in either case. */
export const eio_cancel = door.cancel;
/** A group: done when it is polled and all that was added is done. */
export const eio_grp = door.grp;
/** Adds a request, or a group, to a group. Returns it. */
export const eio_grp_add = door.grp_add;
/** Calls `feed` whenever fewer than `limit` (2) requests of the group are active, until it adds none. null takes the feed away. */
export const eio_grp_feed = door.grp_feed;
/** How many requests a feed keeps active. */
export const eio_grp_limit = door.grp_limit;
/** Cancels all that is in a group, and in groups in it, and takes its feed away; not the group. */
export const eio_grp_cancel = door.grp_cancel;
/** The group's end: its result, and an errno. */
export const eio_grp_set = door.grp_set;
/** The result of a request. */
export const EIO_RESULT = door.RESULT;
/** What a request made: as `req.value`. */
export const EIO_BUF = door.BUF;
/** The Stats of stat, lstat and fstat. */
export const EIO_STAT_BUF = door.STAT_BUF;
/** What statvfs and fstatvfs returned. */
export const EIO_STATVFS_BUF = door.STATVFS_BUF;
/** The path that a request was given. */
export const EIO_PATH = door.PATH;
export const {
  EIO_CWD,
  EIO_INVALID_WD,
  EIO_PRI_MIN,
  EIO_PRI_MAX,
  EIO_PRI_DEFAULT,
  EIO_DT_UNKNOWN,
  EIO_DT_FIFO,
  EIO_DT_CHR,
  EIO_DT_DIR,
  EIO_DT_BLK,
  EIO_DT_REG,
  EIO_DT_LNK,
  EIO_DT_SOCK,
  EIO_DT_WHT,
  EIO_READDIR_DENTS,
  EIO_READDIR_DIRS_FIRST,
  EIO_READDIR_STAT_ORDER,
  EIO_READDIR_FOUND_UNKNOWN,
  EIO_MS_ASYNC,
  EIO_MS_INVALIDATE,
  EIO_MS_SYNC,
  EIO_MT_MODIFY,
  EIO_MCL_CURRENT,
  EIO_MCL_FUTURE,
  EIO_MCL_ONFAULT,
  EIO_SYNC_FILE_RANGE_WAIT_BEFORE,
  EIO_SYNC_FILE_RANGE_WRITE,
  EIO_SYNC_FILE_RANGE_WAIT_AFTER,
  EIO_FALLOC_FL_KEEP_SIZE,
  EIO_FALLOC_FL_PUNCH_HOLE,
  EIO_FALLOC_FL_COLLAPSE_RANGE,
  EIO_FALLOC_FL_ZERO_RANGE,
  EIO_FALLOC_FL_INSERT_RANGE,
  EIO_FALLOC_FL_UNSHARE_RANGE,
  EIO_RENAME_NOREPLACE,
  EIO_RENAME_EXCHANGE,
  EIO_RENAME_WHITEOUT,
  EIO_XATTR_CREATE,
  EIO_XATTR_REPLACE,
} = door.constants;

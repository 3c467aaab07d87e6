// The system calls that the core makes, as a table that a test can replace (EINTR, EAGAIN, short
// transfers, ENOMEM). Each returns what the kernel does: 0 or more, or a negative errno.
#pragma once

#include <linux/aio_abi.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <time.h>

struct io_uring_params;

struct calls {
  int64_t (*read)(int fd, void *data, size_t bytes, int64_t position);
  int64_t (*write)(int fd, const void *data, size_t bytes, int64_t position);
  int64_t (*writev)(int fd, const struct iovec *parts, int count,
                    int64_t position);
  /** Only what is in the page cache: EAGAIN for the rest. */
  int64_t (*read_nowait)(int fd, void *data, size_t bytes, int64_t position);
  int64_t (*copy_range)(int to, int from, size_t bytes);
  /** FICLONE: both share what is on the disk. */
  int (*clone)(int to, int from);
  /** A position below 0 is the descriptor's own. */
  int64_t (*sendfile)(int to, int from, int64_t position, size_t bytes);
  int (*open)(int folder, const char *path, int flags, unsigned mode);
  /** Only what `resolve` (RESOLVE_*) lets a path lead to. */
  int (*open_within)(int folder, const char *path, int flags, unsigned mode,
                     uint64_t resolve);
  /** The same, and only where no part of the path has to be read: EAGAIN otherwise. */
  int (*open_cached)(int folder, const char *path, uint64_t flags,
                     uint64_t resolve);
  int (*close)(int fd);
  int (*statx)(int fd, const char *path, int flags, struct statx *to);
  int (*fsync)(int fd, int data_only);
  int (*truncate)(int fd, int64_t bytes);
  int64_t (*getdents)(int fd, void *to, size_t bytes);
  /** inotify_add_watch: the number of the watch. */
  int (*watch)(int inotify, const char *path, uint32_t mask);
  /** fanotify_mark, of what is open. */
  int (*mark)(int fanotify, unsigned flags, uint64_t mask, int fd);
  int (*mkdir)(int folder, const char *path, unsigned mode);
  /** AT_REMOVEDIR: a folder. */
  int (*unlink)(int folder, const char *path, int flags);
  int (*rename)(int folder, const char *path, int folder2, const char *path2);
  int (*link)(int folder, const char *path, int folder2, const char *path2);
  int (*symlink)(const char *target, int folder, const char *path);
  /** How many bytes; there is no NUL behind them. */
  int (*readlink)(int folder, const char *path, char *to, size_t bytes);
  int (*chmod)(int folder, const char *path, unsigned mode);
  int (*chown)(int folder, const char *path, unsigned uid, unsigned gid,
               int flags);
  /** A path of NULL: the file that is open as `folder`. */
  int (*utimes)(int folder, const char *path, const struct timespec times[2],
                int flags);
  int (*ring_setup)(unsigned entries, struct io_uring_params *);
  /** Returns EINTR, too: its caller knows what is left to submit. */
  int (*ring_enter)(int fd, unsigned count, unsigned wait_for, unsigned flags,
                    const void *arg, size_t bytes);
  int (*ring_register)(int fd, unsigned what, const void *arg, unsigned count);
  int (*eventfd)(void);
  int (*aio_setup)(unsigned events, aio_context_t *);
  int (*aio_destroy)(aio_context_t);
  /** Returns EINTR, too: then nothing was taken. */
  long (*aio_submit)(aio_context_t, long count, struct iocb **);
  long (*aio_events)(aio_context_t, long min, long max, struct io_event *,
                     struct timespec *);
};

extern const struct calls kernel_calls;
/** Those of faults.c, for a test's build. */
extern const struct calls faulty_calls;
/** Those in use. */
extern const struct calls *calls;

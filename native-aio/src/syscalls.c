// The system calls as Linux makes them; see syscalls.h. EINTR is met here: a call that a signal broke
// off has done nothing and is made again, except close, which has closed.
#include "syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults.h"
#include "page-cache.h"
#include "stats.h"

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif
#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

/** Whether a test wants the call that this function makes broken off. */
#define IS_BROKEN_OFF faults_breaks_off(__func__ + sizeof "call_" - 1)

#define AGAIN(answer, call)                                                    \
  do                                                                           \
    answer = IS_BROKEN_OFF ? -1 : (call);                                      \
  while (answer == -1 && errno == EINTR)

#define ANSWER(type, call)                                                     \
  type answer;                                                                 \
  AGAIN(answer, call);                                                         \
  return answer == -1 ? -errno : answer

static int64_t call_read(int fd, void *data, size_t bytes, int64_t position) {
  if (page_cache_drops()) {
    const struct iovec part = {.iov_base = data, .iov_len = bytes};
    ANSWER(int64_t, page_cache_read(fd, &part, position));
  }
  ANSWER(int64_t, position < 0 ? read(fd, data, bytes)
                               : pread(fd, data, bytes, position));
}

static int64_t call_write(int fd, const void *data, size_t bytes,
                          int64_t position) {
  if (page_cache_drops()) {
    const struct iovec part = {.iov_base = (void *)(uintptr_t)data,
                               .iov_len = bytes};
    ANSWER(int64_t, page_cache_write(fd, &part, 1, position));
  }
  ANSWER(int64_t, position < 0 ? write(fd, data, bytes)
                               : pwrite(fd, data, bytes, position));
}

static int64_t call_writev(int fd, const struct iovec *parts, int count,
                           int64_t position) {
  if (page_cache_drops()) {
    ANSWER(int64_t, page_cache_write(fd, parts, count, position));
  }
  ANSWER(int64_t, position < 0 ? writev(fd, parts, count)
                               : pwritev(fd, parts, count, position));
}

static int64_t call_read_nowait(int fd, void *data, size_t bytes,
                                int64_t position) {
  const struct iovec part = {.iov_base = data, .iov_len = bytes};
  // The raw call: C libraries that lack preadv2 have its number all the same.
  ANSWER(int64_t, syscall(SYS_preadv2, fd, &part, 1UL, (long)position,
                          (long)(position >> 63), RWF_NOWAIT));
}

static int call_open(int folder, const char *path, int flags, unsigned mode) {
  ANSWER(int, openat(folder, path, flags | O_CLOEXEC, mode));
}

static int call_open_within(int folder, const char *path, int flags,
                            unsigned mode, uint64_t resolve) {
  const struct open_how how = {
      .flags = (uint64_t)(uint32_t)flags | O_CLOEXEC,
      .mode = mode,
      .resolve = resolve,
  };
  ANSWER(int, (int)syscall(SYS_openat2, folder, path, &how, sizeof how));
}

static int call_open_cached(int folder, const char *path, uint64_t flags,
                            uint64_t resolve) {
  const struct open_how how = {.flags = flags | O_CLOEXEC,
                               .resolve = resolve | RESOLVE_CACHED};
  ANSWER(int, (int)syscall(SYS_openat2, folder, path, &how, sizeof how));
}

static int64_t call_copy_range(int to, int from, size_t bytes) {
  ANSWER(int64_t, syscall(SYS_copy_file_range, from, NULL, to, NULL, bytes, 0));
}

static int call_clone(int to, int from) {
  ANSWER(int, ioctl(to, FICLONE, from));
}

static int64_t call_sendfile(int to, int from, int64_t position, size_t bytes) {
  off_t at = position;
  int64_t count = sendfile(to, from, position < 0 ? NULL : &at, bytes);
  return count == -1 ? -errno : count;
}

static int call_close(int fd) {
  int answer = close(fd);
  if (IS_BROKEN_OFF)
    answer = -1;
  if (answer == 0 || errno == EINTR || errno == EINPROGRESS)
    return 0;
  return -errno;
}

static int call_statx(int fd, const char *path, int flags, struct statx *to) {
  ANSWER(int, (int)syscall(SYS_statx, fd, path, flags, STATS_MASK, to));
}

static int call_fsync(int fd, int data_only) {
  ANSWER(int, data_only ? fdatasync(fd) : fsync(fd));
}

static int call_truncate(int fd, int64_t bytes) {
  ANSWER(int, ftruncate(fd, bytes));
}

static int64_t call_getdents(int fd, void *to, size_t bytes) {
  ANSWER(int64_t, syscall(SYS_getdents64, fd, to, bytes));
}

static int call_watch(int inotify, const char *path, uint32_t mask) {
  ANSWER(int, inotify_add_watch(inotify, path, mask));
}

static int call_mark(int fanotify, unsigned flags, uint64_t mask, int fd) {
  ANSWER(int, (int)syscall(SYS_fanotify_mark, fanotify, flags, mask, fd, NULL));
}

static int call_mkdir(int folder, const char *path, unsigned mode) {
  ANSWER(int, mkdirat(folder, path, mode));
}

static int call_unlink(int folder, const char *path, int flags) {
  ANSWER(int, unlinkat(folder, path, flags));
}

static int call_rename(int folder, const char *path, int folder2,
                       const char *path2) {
  ANSWER(int, renameat(folder, path, folder2, path2));
}

static int call_link(int folder, const char *path, int folder2,
                     const char *path2) {
  ANSWER(int, linkat(folder, path, folder2, path2, 0));
}

static int call_symlink(const char *target, int folder, const char *path) {
  ANSWER(int, symlinkat(target, folder, path));
}

static int call_readlink(int folder, const char *path, char *to, size_t bytes) {
  ANSWER(int, (int)readlinkat(folder, path, to, bytes));
}

static int call_chmod(int folder, const char *path, unsigned mode) {
  ANSWER(int, fchmodat(folder, path, mode, 0));
}

static int call_chown(int folder, const char *path, unsigned uid, unsigned gid,
                      int flags) {
  ANSWER(int, fchownat(folder, path, uid, gid, flags));
}

static int call_utimes(int folder, const char *path,
                       const struct timespec times[2], int flags) {
  // The raw call: the C library's takes no path of NULL.
  ANSWER(int, (int)syscall(SYS_utimensat, folder, path, times, flags));
}

static int call_ring_setup(unsigned entries, struct io_uring_params *params) {
  ANSWER(int, (int)syscall(SYS_io_uring_setup, entries, params));
}

static int call_ring_enter(int fd, unsigned count, unsigned wait_for,
                           unsigned flags, const void *arg, size_t bytes) {
  long taken =
      syscall(SYS_io_uring_enter, fd, count, wait_for, flags, arg, bytes);
  return taken == -1 ? -errno : (int)taken;
}

static int call_ring_register(int fd, unsigned what, const void *arg,
                              unsigned count) {
  ANSWER(int, (int)syscall(SYS_io_uring_register, fd, what, arg, count));
}

static int call_eventfd(void) {
  ANSWER(int, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

static int call_aio_setup(unsigned events, aio_context_t *context) {
  ANSWER(int, (int)syscall(SYS_io_setup, events, context));
}

static int call_aio_destroy(aio_context_t context) {
  ANSWER(int, (int)syscall(SYS_io_destroy, context));
}

static long call_aio_submit(aio_context_t context, long count,
                            struct iocb **iocbs) {
  long taken = syscall(SYS_io_submit, context, count, iocbs);
  return taken == -1 ? -errno : taken;
}

static long call_aio_events(aio_context_t context, long min, long max,
                            struct io_event *to, struct timespec *time) {
  long count = syscall(SYS_io_getevents, context, min, max, to, time);
  return count == -1 ? -errno : count;
}

const struct calls kernel_calls = {
    .read = call_read,
    .write = call_write,
    .writev = call_writev,
    .read_nowait = call_read_nowait,
    .copy_range = call_copy_range,
    .clone = call_clone,
    .sendfile = call_sendfile,
    .open = call_open,
    .open_within = call_open_within,
    .open_cached = call_open_cached,
    .close = call_close,
    .statx = call_statx,
    .fsync = call_fsync,
    .truncate = call_truncate,
    .getdents = call_getdents,
    .watch = call_watch,
    .mark = call_mark,
    .mkdir = call_mkdir,
    .unlink = call_unlink,
    .rename = call_rename,
    .link = call_link,
    .symlink = call_symlink,
    .readlink = call_readlink,
    .chmod = call_chmod,
    .chown = call_chown,
    .utimes = call_utimes,
    .ring_setup = call_ring_setup,
    .ring_enter = call_ring_enter,
    .ring_register = call_ring_register,
    .eventfd = call_eventfd,
    .aio_setup = call_aio_setup,
    .aio_destroy = call_aio_destroy,
    .aio_submit = call_aio_submit,
    .aio_events = call_aio_events,
};

#ifdef EIO_FAULTS
const struct calls *calls = &faulty_calls;
#else
const struct calls *calls = &kernel_calls;
#endif

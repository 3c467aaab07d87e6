// See page-cache.h. From 6.14 on the kernel lets go of the pages itself, and only of those that the call has brought in; where it or the
// file system does not, they are given up by range once they are on the disk.
#include "page-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x80
#endif

static _Thread_local enum cache_way way_now;

void page_cache_use(enum cache_way way) { way_now = way; }

enum cache_way page_cache_way(void) { return way_now; }

bool page_cache_drops(void) { return way_now != CACHE_KEEP; }

/** The raw calls: C libraries that lack these have their numbers all the same. */
static int64_t transfer(long number, int fd, const struct iovec *parts,
                        int count, int64_t position) {
  return syscall(number, fd, parts, (long)count, (long)position,
                 (long)(position >> 63), RWF_DONTCACHE);
}

static bool is_unable(int64_t result) {
  return result == -1 && (errno == EOPNOTSUPP || errno == ENOSYS);
}

/** The range that ends where the descriptor is now, or begins at a position. errno stays as it is. */
static void let_go(int fd, int64_t position, int64_t bytes, bool written) {
  int before = errno;
  int64_t from = position < 0 ? lseek(fd, 0, SEEK_CUR) - bytes : position;
  if (bytes > 0 && from >= 0) {
    // Pages that are not on the disk yet cannot be given up.
    if (written)
      sync_file_range(fd, from, bytes,
                      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                          SYNC_FILE_RANGE_WAIT_AFTER);
    posix_fadvise(fd, from, bytes, POSIX_FADV_DONTNEED);
  }
  errno = before;
}

int64_t page_cache_read(int fd, const struct iovec *part, int64_t position) {
  int64_t count = transfer(SYS_preadv2, fd, part, 1, position);
  if (!is_unable(count))
    return count;
  count = position < 0 ? readv(fd, part, 1) : preadv(fd, part, 1, position);
  let_go(fd, position, count, false);
  return count;
}

int64_t page_cache_write(int fd, const struct iovec *parts, int count,
                         int64_t position) {
  int64_t written = transfer(SYS_pwritev2, fd, parts, count, position);
  if (!is_unable(written))
    return written;
  written = position < 0 ? writev(fd, parts, count)
                         : pwritev(fd, parts, count, position);
  let_go(fd, position, written, true);
  return written;
}

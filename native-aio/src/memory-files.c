// See memory-files.h.
#include "memory-files.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <time.h>

#include "mounts.h"
#include "syscalls.h"

/** Swap is not switched on from one moment to the next, and pages are swapped out later still. */
enum { SWAP_KNOWN_S = 1 };

/** The second of the last look, and 1 where there was swap then: one word, for all threads. */
static _Atomic int64_t looked = -1;

static bool has_swap(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  int64_t last = atomic_load_explicit(&looked, memory_order_relaxed);
  if (last >= 0 && now.tv_sec - (last >> 1) < SWAP_KNOWN_S)
    return (last & 1) != 0;
  struct sysinfo info;
  bool swap = sysinfo(&info) != 0 || info.totalswap != 0;
  atomic_store_explicit(&looked, (int64_t)now.tv_sec << 1 | swap,
                        memory_order_relaxed);
  return swap;
}

bool is_memory_file(int fd) {
  if (has_swap())
    return false;
  // Not fstatfs(), which a file system that is a program may never return from.
  struct statx stats;
  return calls->statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, &stats) ==
             0 &&
         S_ISREG(stats.stx_mode) && mounts_kind(&stats) == MOUNT_MEMORY;
}

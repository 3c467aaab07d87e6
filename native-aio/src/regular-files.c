// See regular-files.h.
#include "regular-files.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>

#include "faults.h"
#include "mounts.h"
#include "syscalls.h"

static bool is_local(int fd) {
  struct statx stats;
  if (calls->statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, &stats) < 0)
    return false;
  if (S_ISBLK(stats.stx_mode))
    return true;
  // What is on a device of its own is there.
  return S_ISREG(stats.stx_mode) &&
         (stats.stx_dev_major != 0 || mounts_is_local(&stats));
}

bool regular_files_has(struct regular_files *known, int fd) {
  if (fd < 0)
    return false;
  int at = fd % LOCAL_FDS_KEPT;
  if (known->fds[at] != fd) {
    known->fds[at] = fd;
    known->local[at] = faults_any_fd() || is_local(fd);
  }
  return known->local[at];
}

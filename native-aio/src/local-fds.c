// See local-fds.h.
#include "local-fds.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>

#include "calls.h"
#include "mounts.h"

/** What is on a device of its own is there; a pipe or a socket is waited for by the ring. */
static bool is_local(int fd, bool *placed) {
  struct statx stats;
  int result = calls->statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, &stats);
  *placed = result < 0 || S_ISREG(stats.stx_mode) || S_ISBLK(stats.stx_mode);
  return result < 0 || stats.stx_dev_major != 0 || !S_ISREG(stats.stx_mode) ||
         mounts_is_local(&stats);
}

bool local_fds_has(struct local_fds *known, int fd) {
  if (fd < 0)
    return true;
  int at = fd % LOCAL_FDS_KEPT;
  if (known->fds[at] != fd) {
    known->fds[at] = fd;
    known->local[at] = is_local(fd, &known->placed[at]);
  }
  return known->local[at];
}

// Finds out from the kernel how a descriptor was opened; see direct-fds.h.
#include "direct-fds.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "syscalls.h"

static bool is_direct(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_DIRECT) == 0)
    return false;
  // To a pipe the same flag means packets.
  struct statx stats;
  return calls->statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, &stats) ==
             0 &&
         (S_ISREG(stats.stx_mode) || S_ISBLK(stats.stx_mode));
}

bool direct_fds_has(struct direct_fds *known, int fd) {
  if (fd < 0)
    return false;
  int at = fd % DIRECT_FDS_KEPT;
  if (known->fds[at] != fd) {
    known->fds[at] = fd;
    known->direct[at] = is_direct(fd);
  }
  return known->direct[at];
}

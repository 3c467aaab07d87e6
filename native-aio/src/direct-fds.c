// Asks the kernel how a descriptor was opened; see direct-fds.h.
#include "direct-fds.h"

#include <fcntl.h>
#include <sys/stat.h>

static bool is_direct(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_DIRECT) == 0)
    return false;
  // To a pipe the same flag means packets.
  struct stat stats;
  return fstat(fd, &stats) == 0 &&
         (S_ISREG(stats.st_mode) || S_ISBLK(stats.st_mode));
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

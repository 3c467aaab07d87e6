// Which descriptors bypass the page cache (O_DIRECT), remembered for as long as one flush takes:
// no JavaScript runs meanwhile, so nothing on this thread closes a descriptor and opens another under
// its number. It knows descriptors, not what is done with them.
#pragma once

#include <stdbool.h>
#include <string.h>

enum { DIRECT_FDS_KEPT = 16 };

struct direct_fds {
  int fds[DIRECT_FDS_KEPT];
  bool direct[DIRECT_FDS_KEPT];
};

static inline void direct_fds_forget(struct direct_fds *known) {
  memset(known->fds, -1, sizeof known->fds);
}

/** A file or a device that is open with O_DIRECT; one or two system calls where it is not known. */
bool direct_fds_has(struct direct_fds *known, int fd);

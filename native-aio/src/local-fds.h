// Which descriptors can hold up nobody but whoever waits for them, remembered for as long as one flush
// takes, as in direct-fds.h.
//
// The ring asks a file that knows nothing of IOCB_NOWAIT whether it is readable (vfs_poll), on the
// thread that submits. A file system that is a program (FUSE) is asked then, and may never answer.
//
// And of what has no positions (a pipe, a socket, a terminal) it reads on, wherever it is told to begin,
// and waits, where pread() refuses it.
#pragma once

#include <stdbool.h>
#include <string.h>

enum { LOCAL_FDS_KEPT = 16 };

struct local_fds {
  int fds[LOCAL_FDS_KEPT];
  bool local[LOCAL_FDS_KEPT];
  bool placed[LOCAL_FDS_KEPT];
};

static inline void local_fds_forget(struct local_fds *known) {
  memset(known->fds, -1, sizeof known->fds);
}

/** False: a file of a file system that may not answer. One system call where it is not known. */
bool local_fds_has(struct local_fds *known, int fd);

/** Of one that has just been asked about as above: a file or a disk, which have positions. */
static inline bool local_fds_is_placed(const struct local_fds *known, int fd) {
  return fd < 0 || known->placed[fd % LOCAL_FDS_KEPT];
}

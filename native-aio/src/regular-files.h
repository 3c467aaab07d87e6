// Which descriptors the ring may have, remembered for as long as one flush takes, as in direct-fds.h: regular files
// and disks, on file systems that respond by themselves.
//
// Whatever else there is (pipes, terminals, sockets, devices, event descriptors, files that the kernel makes up)
// the ring reads by rules of its own: it waits where O_NONBLOCK says EAGAIN, waits for a read of no bytes, and
// has no ESPIPE. And it checks a file without support for IOCB_NOWAIT for being readable (vfs_poll), on
// the thread that submits: one of a file system that is a program (FUSE) may never respond.
#pragma once

#include <stdbool.h>
#include <string.h>

enum { LOCAL_FDS_KEPT = 16 };

struct regular_files {
  int fds[LOCAL_FDS_KEPT];
  bool local[LOCAL_FDS_KEPT];
};

static inline void regular_files_forget(struct regular_files *known) {
  memset(known->fds, -1, sizeof known->fds);
}

/** One system call where it is not known. */
bool regular_files_has(struct regular_files *known, int fd);

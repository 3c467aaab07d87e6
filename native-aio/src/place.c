// Opens paths within limits; see place.h.
#include "place.h"

#include <errno.h>
#include <stdbool.h>

#include "calls.h"

#ifndef O_TMPFILE
#define O_TMPFILE 020200000
#endif

enum {
  /** A rename anywhere may make the kernel unsure of a "..": it then says EAGAIN. */
  TRIES_MAX = 256,
  MODE_BITS = 07777,
};

int place_open(int folder, const char *path, int flags, unsigned mode,
               uint64_t resolve) {
  if (resolve == 0)
    return calls->open(folder, path, flags, mode);
  // What open() leaves unlooked at, openat2() refuses.
  if ((flags & O_PATH) != 0)
    flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  int fd = -EAGAIN;
  for (int tries = 0; fd == -EAGAIN && tries < TRIES_MAX; tries++)
    fd = calls->open_within(folder, path, flags, makes ? mode & MODE_BITS : 0,
                            resolve);
  return fd;
}

// An event descriptor that is made unreadable. It knows nothing of who writes to it.
#pragma once

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

/** Until the next event it cannot be read. */
static inline void event_quiet(int fd) {
  uint64_t count;
  while (read(fd, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

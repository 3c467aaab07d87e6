// Memory of alloc() that is registered with a ring, so that a direct transfer need not look up and pin
// its pages. It is registered by the megabyte, when a direct transfer first wants it: what is registered
// is resident, and counts as locked. It knows entries, not ops.
#pragma once

#include "slot.h"
#include "uring.h"

struct uring_fixed {
  /** Where the memory begins, and of how many parts it consists; 0: nothing is to be registered. */
  uint8_t *base;
  unsigned parts;
  /** By part: whether it is registered. */
  bool *registered;
  /** Why not, as -errno. */
  int error;
  char text[80];
};

void uring_fixed_open(struct uring_fixed *, struct uring *,
                      const struct memory *);
/** For people: what became of it. */
const char *uring_fixed_how(struct uring_fixed *);
void uring_fixed_close(struct uring_fixed *);
/** Makes a READ or a WRITE one of registered memory, if it is of such and looks direct. */
void uring_fixed_use(struct uring_fixed *, struct uring *,
                     struct io_uring_sqe *);

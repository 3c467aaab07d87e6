// Small files of which the path is in the kernel's memory and the data is not: opened on the loop, read
// by the ring, so that no worker waits for the disk. What is not as it was a moment ago (a file that grew or
// shrank, an error) is left, as it was requested, to the pool.
//
//   nowait: a regular file, nothing cached -> notes its size -> begin: open -> READ -> end: close
#pragma once

#include <stdbool.h>

#include "slot.h"
#include "uring-abi.h"

struct slurp;

struct uring_slurps {
  /** By slot; null where there is none. */
  struct slurp **jobs;
  int count;
};

bool uring_slurps_open(struct uring_slurps *, int slots);
/** Closes what is open still. */
void uring_slurps_close(struct uring_slurps *, int slots);

/** False: it is not for here, and nothing was done. */
bool uring_slurp_begin(struct uring_slurps *, const struct memory *, int slot);
void uring_slurp_fill(struct uring_slurps *, const struct memory *,
                      struct io_uring_sqe *, int slot);
/** What the slot's result is, now that the read has this one. */
int32_t uring_slurp_end(struct uring_slurps *, const struct memory *, int slot,
                        int32_t result);

static inline bool uring_is_slurp(const struct uring_slurps *s, int slot) {
  return s->count != 0 && s->jobs[slot] != NULL;
}

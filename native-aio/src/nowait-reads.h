// Reads of the nowait lane, by themselves or several in one call (reads-together.h), within what is left of a turn. It knows descriptors,
// and no path.
#pragma once

#include <fcntl.h>
#include <stdint.h>

#include "direct-fds.h"
#include "lane.h"

enum {
  /** One op copies at most this much: 64 KiB take a thread's wake-up to copy. */
  OP_MAX_BYTES = 1 << 16,
  /**
   * Of a descriptor, without querying a file system that is a program or a machine and may be dead: of
   * a local one this is the truth. Such a one would hold up the loop in open() and close(), too.
   */
  AS_KNOWN = AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
};

/** What is left of a turn for reads; a close counts as one. */
struct read_budget {
  int calls;
  int64_t bytes;
  struct direct_fds direct;
};

/** Where the file system has no such read (EOPNOTSUPP) but keeps all in memory, an ordinary one waits for nothing. */
int64_t nowait_read_now(int fd, void *data, int64_t bytes, int64_t position);
/** Of a count below 0. Others of this file system would be refused, too: whoever hands requests out may learn that. */
int32_t nowait_refusal(int64_t count);
int32_t nowait_read_one(struct lane *, int slot, struct read_budget *);
/** Reads those of list[0..count) that can be read together; at[]: where the results of these are, and below 0 for the others. */
void nowait_read_together(struct lane *, const int32_t *list, int count,
                          struct read_budget *, int *at);
/** What a slot's read comes to, whose count (or error) this is. */
int32_t nowait_end_read(struct lane *, int slot, int64_t count,
                        struct read_budget *);

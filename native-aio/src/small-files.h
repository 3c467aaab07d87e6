// Small whole files, read together: the kernel opens, reads and closes all of them in three calls by a ring, instead of four
// for each. It does so without waiting or not at all: what would wait is left to be run as any other request. It
// knows slots, and no queue.
#pragma once

#include <stdbool.h>

#include "slot.h"

/** Read together at most. */
enum { TOGETHER_MAX = 16 };

struct small_file {
  int slot;
  /** What the request ends with, unless something is left to be done. */
  int32_t result;
  bool left;
  /** As far as is known, it waits for nothing: it is larger than the slot's room, say. */
  bool ready;
  /** Of what is left: below 0 nothing was begun, else it is open. */
  int fd;
  /** What was read of it that cannot be read once more, in a block of so much room; or NULL. */
  uint8_t *data;
  size_t used, room;
};

struct small_files;

/** NULL: no memory, or no ring is to be had. */
struct small_files *small_files_open(void);
void small_files_close(struct small_files *);

/** Whether this op could be one of those, whatever its operands are; the slot may be anybody's. */
bool small_file_maybe(const struct memory *, int slot);
/**
 * Whether the request is one, and its folder is on a local file system, which is looked up where it is not known and
 * `looks` is given.
 */
bool small_file_may(struct small_files *, const struct memory *, int slot,
                    bool looks);
/** False: the ring is of no use any more. All are either done or left. */
bool small_files_read(struct small_files *, const struct memory *,
                      struct small_file *files, int count);

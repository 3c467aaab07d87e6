// Reads of one turn of the loop, by one call of the kernel's instead of one for each, where several are of one file. It knows
// descriptors and memory, and neither slots nor who may read.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "regular-files.h"
#include "uring.h"

/** Fewer are not worth it. */
enum { READS_MIN = 4, READS_TOGETHER_MAX = 64 };

struct reads_together {
  struct uring ring;
  bool opened, refused;
  /** So many chances are let pass: the file system of the last ones has no reads that do not wait. */
  int spared;
  struct regular_files regular;
  int count;
  int32_t results[READS_TOGETHER_MAX];
};

/** A turn begins in which so many reads are to be made. False: each is to be made by itself. */
bool reads_begin(struct reads_together *, int count);
/** Has it read with the others that were added: what becomes of it is results[returned]. Below 0: it is to be made by itself. */
int reads_add(struct reads_together *, int fd, void *data, size_t bytes,
              int64_t position);
/** Reads all that were added, without waiting. False: it read none of them. */
bool reads_run(struct reads_together *);
void reads_close(struct reads_together *);

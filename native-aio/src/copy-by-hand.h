// The data of one regular file into another through memory, where the kernel does not copy by itself, or where somebody wants to see
// it: for a digest, or to keep it out of the page cache. It knows two descriptors at the same place of their files.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"

/** Where transfers that bypass the page cache begin, and a multiple of it is what they take. */
enum { BLOCK_OF_DISK = 4096 };

struct by_hand {
  int to, from;
  /** NULL: none is wanted. */
  struct digest *digest;
  /** Both bypass the page cache now. */
  bool direct;
};

/** How many bytes went, at least one unless the source is at its end, or -errno. */
int64_t copy_by_hand(struct by_hand *, size_t bytes);

/** From here on, which is a whole block's beginning, they bypass the page cache; false: the file system refuses. */
bool copy_directly(struct by_hand *);
/** What is left goes through the page cache again. */
void copy_through_cache(struct by_hand *);

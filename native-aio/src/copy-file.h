// One regular file copied as libuv's copyfile does it. It knows two places, and no request.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "digest.h"

/** As fs.constants. */
enum { COPY_EXCL = 1, COPY_CLONE = 2, COPY_CLONE_FORCE = 4 };

struct copy_end {
  int folder;
  const char *path;
  /** RESOLVE_* of openat2. */
  uint64_t resolve;
};

/** What has become of the target when copying fails: it was opened, it was made. */
struct copy_target {
  bool opened, made;
};

/** What else is done with the data, what is to be said of it, and who hears of it. */
struct copy_record {
  /** NULL: none is wanted. */
  struct digest *digest;
  uint64_t bytes;
  /** No page of it went through the page cache, but for what is no whole block at the end. */
  bool past_cache;
  /** Called with the size of the source, before any of it is copied; NULL: nobody is. */
  void (*begins)(void *state, uint64_t size);
  void *state;
};

/**
 * 0 or -errno; ECANCELED once the word at `cancelled` is not 0. SPECIAL_DECLINED: it is no regular file, and nothing
 * was done.
 */
int copy_file(const struct copy_end *from, const struct copy_end *to,
              unsigned how, const int32_t *cancelled, struct copy_target *,
              struct copy_record *);

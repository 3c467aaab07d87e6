// Where the paths of a request start, and where they may lead: a folder's descriptor and openat2's
// limits, as the slot tells them. It knows nothing of what is done with what is found there.
#pragma once

#include <fcntl.h>

#include "slot.h"

/** The folder of the first path; AT_FDCWD where the slot names none. */
static inline int slot_wd(const int32_t *words) {
  return words[SLOT_WD] < 0 ? AT_FDCWD : words[SLOT_WD];
}

/** Where the first path may lead: RESOLVE_*, 0 is anywhere. */
static inline uint64_t slot_resolve(const int32_t *words) {
  return words[SLOT_WD] < 0 ? 0 : (uint64_t)(words[SLOT_RESOLVE] & 0xffff);
}

/** Opens as open() does, but nothing that the limits keep out. A descriptor or -errno. */
int place_open(int folder, const char *path, int flags, unsigned mode,
               uint64_t resolve);

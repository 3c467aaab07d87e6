// What lies in one open folder, as getdents64 gives it: names with types, however many, without an object for any
// of them. It knows descriptors, and no path.
#pragma once

#include <stdbool.h>

#include "bytes.h"
#include "slot.h"

/** Node's numbers of types, as far as they are looked at here. */
enum { TYPE_UNKNOWN = 0, TYPE_FILE = 1, TYPE_FOLDER = 2, TYPE_LINK = 3 };

/** Entry after entry: a byte of type, the name, a NUL. */
struct listing {
  struct bytes entries;
  size_t count;
  /** Bytes of the names, each with its NUL. */
  size_t name_bytes;
  /** What could not be looked at for its type, when reading fails for that. */
  const char *untyped;
};

/** An entry is its type; the name follows. */
static inline const char *entry_name(const uint8_t *entry) {
  return (const char *)entry + 1;
}
static inline const uint8_t *entry_next(const uint8_t *entry) {
  return entry + strlen(entry_name(entry)) + 2;
}

/**
 * Reads all, in the order of the disk, into a cleared listing. Types that the file system leaves out are
 * looked up where they are wanted. 0 or -errno; -ECANCELED once the request of `words` is cancelled.
 */
int listing_read(struct listing *, int fd, bool typed, const int32_t *words);
/** By the names' bytes, as libuv's scandir does. 0 or -ENOMEM. */
int listing_sort(struct listing *);
void listing_free(struct listing *);

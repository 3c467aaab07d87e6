// What is in one folder, as types and names in little more room than the names take. It knows descriptors, and no path.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** As Node numbers them. */
enum entry_type { ENTRY_UNKNOWN, ENTRY_FILE, ENTRY_FOLDER, ENTRY_LINK };

struct listing {
  /** For each entry a byte of type, the name and a NUL; an entry is where its type is. */
  uint8_t *data;
  size_t used, room;
  /** Where the entries begin, by name; NULL: they are in the order of the disk. */
  uint32_t *order;
  size_t count;
};

/** Why reading ended early, besides -errno. */
struct listing_failure {
  /** The entry that has no type and could not be looked at; "": it was the folder. */
  char name[256];
};

/**
 * Reads all that is left of an open folder. Types that the file system leaves out are looked up where they are wanted.
 * 0 or -errno: ECANCELED as soon as the word at `cancelled` is not 0.
 */
int listing_read(struct listing *, int fd, bool typed, const int32_t *cancelled,
                 struct listing_failure *);
/** 0 or -ENOMEM. */
int listing_sort(struct listing *);
void listing_free(struct listing *);

/** One after the other: `at` begins at 0, `next` is the number of the entry. The entry, or NULL at the end. */
const uint8_t *listing_next(const struct listing *, size_t *at, size_t *next);

/** That of a number below the count, of a sorted listing. */
static inline const uint8_t *listing_entry(const struct listing *l,
                                           size_t number) {
  return l->data + (l->order == NULL ? 0 : l->order[number]);
}

/** Bytes of all names with a NUL behind each. */
static inline size_t listing_text_bytes(const struct listing *l) {
  return l->used - l->count;
}

// What is in one folder with types and inodes, in the orders that libeio has. It knows descriptors, and no slot.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bits of `how`, as libeio numbers its flags. */
enum dents_how {
  DENTS_INODES = 1,
  DENTS_DIRS_FIRST = 2,
  DENTS_STAT_ORDER = 4,
};

struct dent {
  uint64_t inode;
  /** Where the name begins. */
  uint32_t name;
  uint16_t bytes;
  /** DT_*. */
  uint8_t type;
  /** How likely it is a folder: the lowest come first where folders do. */
  uint8_t score;
};

struct dents {
  struct dent *entries;
  size_t count, entries_room;
  /** The names, without anything between them. */
  uint8_t *names;
  size_t names_bytes, names_room;
  /** Of all inodes: what any has, and what all have. */
  uint64_t inodes_or, inodes_and;
  bool unknown;
};

/** Reads all that is left of an open folder. 0 or -errno: ECANCELED once the word at `cancelled` is not 0. */
int dents_read(struct dents *, int fd, const int32_t *cancelled);
/** 0 or -ENOMEM. */
int dents_sort(struct dents *, int how);
void dents_free(struct dents *);

// Reads a folder in pieces, of any size, and sorts its entries as libeio does; see dents.h. Types are what the folder
// says: no entry is looked at, so a folder that may be read but not searched is no exception.
#include "dents.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "syscalls.h"

enum {
  READ_BYTES = 32 << 10,
  /** In front of a name in what the kernel writes, and the least that an entry takes. */
  HEAD_BYTES = 19,
  ENTRY_MIN_BYTES = 24,
  /** Scores are below it; the last is that of what is no folder, or hardly one. */
  SCORES = 8,
  NO_FOLDER = SCORES - 1,
  DIGIT_BITS = 11,
  DIGITS = 1 << DIGIT_BITS,
  INODE_BITS = 64,
};

/** An entry as the kernel gives it. */
struct raw_entry {
  uint64_t inode;
  int64_t next;
  uint16_t bytes;
  uint8_t type;
  char name[];
};

static bool is_dots(const char *name) {
  return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

/** A leading dot or none at all are likelier a folder's, and so are short names; libeio counts the NUL. */
static uint8_t score_of(const char *name, size_t bytes, uint8_t type) {
  if (type == DT_DIR)
    return 0;
  if (type != DT_UNKNOWN)
    return NO_FOLDER;
  if (name[0] == '.')
    return 1;
  if (memchr(name, '.', bytes) != NULL)
    return NO_FOLDER;
  size_t length = bytes + 1;
  if (length <= 2)
    return (uint8_t)(4 - length);
  return length <= 4 ? 4 : length <= 7 ? 5 : 6;
}

/** Room for `bytes` of `item` each behind `used`; grows by halves. */
static void *grown(void *data, size_t *room, size_t used, size_t more,
                   size_t item) {
  if (*room - used >= more)
    return data;
  size_t wanted = used + used / 2 + more;
  void *larger = wanted > UINT32_MAX ? NULL : realloc(data, wanted * item);
  if (larger != NULL)
    *room = wanted;
  return larger;
}

/** For one more read, of which each entry takes less once it is kept. */
static int make_room(struct dents *d, size_t bytes) {
  void *entries = grown(d->entries, &d->entries_room, d->count,
                        bytes / ENTRY_MIN_BYTES + 1, sizeof *d->entries);
  if (entries == NULL)
    return -ENOMEM;
  d->entries = entries;
  void *names = grown(d->names, &d->names_room, d->names_bytes, bytes, 1);
  if (names == NULL)
    return -ENOMEM;
  d->names = names;
  return 0;
}

static void add_entry(struct dents *d, const struct raw_entry *e) {
  size_t bytes = strlen(e->name);
  d->entries[d->count++] = (struct dent){
      .inode = e->inode,
      .name = (uint32_t)d->names_bytes,
      .bytes = (uint16_t)bytes,
      .type = e->type,
      .score = score_of(e->name, bytes, e->type),
  };
  memcpy(d->names + d->names_bytes, e->name, bytes);
  d->names_bytes += bytes;
  d->inodes_or |= e->inode;
  d->inodes_and &= e->inode;
  d->unknown = d->unknown || e->type == DT_UNKNOWN;
}

int dents_read(struct dents *d, int fd, const int32_t *cancelled) {
  _Alignas(struct raw_entry) uint8_t raw[READ_BYTES];
  *d = (struct dents){.inodes_and = UINT64_MAX};
  for (;;) {
    if (__atomic_load_n(cancelled, __ATOMIC_SEQ_CST) != 0)
      return -ECANCELED;
    int64_t count = calls->getdents(fd, raw, sizeof raw);
    if (count <= 0)
      return (int)count;
    if (make_room(d, (size_t)count) < 0)
      return -ENOMEM;
    for (int64_t at = 0; at < count;) {
      const struct raw_entry *e = (const struct raw_entry *)(raw + at);
      if (!is_dots(e->name))
        add_entry(d, e);
      at += e->bytes;
    }
  }
}

/** One pass of a stable sort by some of the bits that `digit` returns. */
static void sort_pass(const struct dent *from, struct dent *to, size_t count,
                      int shift) {
  size_t starts[DIGITS] = {0};
  for (size_t i = 0; i < count; i++)
    starts[from[i].inode >> shift & (DIGITS - 1)]++;
  for (size_t digit = 0, sum = 0; digit < DIGITS; digit++) {
    size_t many = starts[digit];
    starts[digit] = sum;
    sum += many;
  }
  for (size_t i = 0; i < count; i++)
    to[starts[from[i].inode >> shift & (DIGITS - 1)]++] = from[i];
}

static void score_pass(const struct dent *from, struct dent *to, size_t count) {
  size_t starts[SCORES + 1] = {0};
  for (size_t i = 0; i < count; i++)
    starts[from[i].score + 1]++;
  for (size_t score = 1; score < SCORES; score++)
    starts[score] += starts[score - 1];
  for (size_t i = 0; i < count; i++)
    to[starts[from[i].score]++] = from[i];
}

static bool in_inode_order(const struct dent *entries, size_t count) {
  for (size_t i = 1; i < count; i++)
    if (entries[i - 1].inode > entries[i].inode)
      return false;
  return true;
}

/** By inode, and, where folders come first, by score above all. `entries` are all that `d` has, or its first ones. */
static int sort_entries(struct dents *d, size_t count, bool by_score) {
  bool sorted = in_inode_order(d->entries, count);
  if (count < 2 || (sorted && !by_score))
    return 0;
  struct dent *other = malloc(count * sizeof *other);
  if (other == NULL)
    return -ENOMEM;
  struct dent *from = d->entries, *to = other;
  uint64_t differing = d->inodes_or & ~d->inodes_and;
  for (int shift = 0; !sorted && shift < INODE_BITS; shift += DIGIT_BITS) {
    if ((differing >> shift & (DIGITS - 1)) == 0)
      continue;
    sort_pass(from, to, count, shift);
    struct dent *swap = from;
    from = to;
    to = swap;
  }
  if (by_score) {
    score_pass(from, to, count);
    from = to;
  }
  if (from != d->entries)
    memcpy(d->entries, from, count * sizeof *from);
  free(other);
  return 0;
}

/** All types are known: folders change places with what is no folder, from both ends. Returns how many there are. */
static size_t partition(struct dents *d) {
  struct dent *folder = d->entries, *other = d->entries + d->count;
  while (other > folder)
    if (folder->type == DT_DIR)
      folder++;
    else if ((--other)->type == DT_DIR) {
      struct dent swap = *folder;
      *folder++ = *other;
      *other = swap;
    }
  return (size_t)(folder - d->entries);
}

int dents_sort(struct dents *d, int how) {
  bool first = (how & DENTS_DIRS_FIRST) != 0;
  if ((how & DENTS_STAT_ORDER) != 0 || (first && d->unknown))
    return sort_entries(d, d->count, first);
  return first ? sort_entries(d, partition(d), false) : 0;
}

void dents_free(struct dents *d) {
  free(d->entries);
  free(d->names);
}

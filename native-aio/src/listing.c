// Reads folders piece by piece and sorts them by the part of the names that differs; see listing.h.
#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "blocks.h"
#include "calls.h"
#include "sys-ops.h"

enum { READ_BYTES = 64 << 10 };

/** As the kernel packs it (struct linux_dirent64). */
struct dents_entry {
  uint64_t inode;
  int64_t next;
  uint16_t bytes;
  uint8_t type;
  char name[];
};

/** By DT_*. */
static const uint8_t node_types[16] = {
    [DT_REG] = 1,  [DT_DIR] = 2, [DT_LNK] = 3, [DT_FIFO] = 4,
    [DT_SOCK] = 5, [DT_CHR] = 6, [DT_BLK] = 7,
};

static bool is_dots(const char *name) {
  return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

static int type_of(int fd, const char *name) {
  struct statx stats;
  int result =
      calls->statx(fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, &stats);
  return result < 0 ? result : node_types[IFTODT(stats.stx_mode) & 15];
}

/** Takes over what one call has read. */
static int take(struct listing *l, int fd, bool typed, const uint8_t *data,
                size_t bytes) {
  for (size_t at = 0; at < bytes;) {
    const struct dents_entry *e = (const struct dents_entry *)(data + at);
    at += e->bytes;
    if (is_dots(e->name))
      continue;
    size_t name_bytes = strlen(e->name) + 1;
    uint8_t *entry = bytes_add(&l->entries, name_bytes + 1);
    if (entry == NULL)
      return -ENOMEM;
    memcpy(entry + 1, e->name, name_bytes);
    int type = node_types[e->type & 15];
    if (type == TYPE_UNKNOWN && typed) {
      type = type_of(fd, e->name);
      if (type < 0) {
        l->untyped = entry_name(entry);
        return type;
      }
    }
    *entry = (uint8_t)type;
    l->name_bytes += name_bytes;
    l->count++;
  }
  return 0;
}

int listing_read(struct listing *l, int fd, bool typed, const int32_t *words) {
  size_t room;
  uint8_t *data = block_take(READ_BYTES, &room);
  if (data == NULL)
    return -ENOMEM;
  int64_t result;
  do {
    result =
        slot_cancelled(words) ? -ECANCELED : calls->getdents(fd, data, room);
    if (result <= 0)
      break;
    result = take(l, fd, typed, data, (size_t)result);
  } while (result == 0);
  block_give(data, room);
  return (int)result;
}

void listing_free(struct listing *l) { bytes_free(&l->entries); }

// --- sorting: by eight bytes behind what all names have in common, as a number ---

struct sorted {
  uint64_t key;
  const uint8_t *entry;
};

static size_t common_bytes(const struct listing *l) {
  const char *first = entry_name(l->entries.data);
  size_t common = strlen(first);
  const uint8_t *entry = l->entries.data;
  for (size_t i = 1; i < l->count && common > 0; i++) {
    entry = entry_next(entry);
    const char *name = entry_name(entry);
    size_t same = 0;
    while (same < common && name[same] == first[same])
      same++;
    common = same;
  }
  return common;
}

static uint64_t key_of(const char *name) {
  uint64_t key = 0;
  int shift = 64;
  while (shift > 0 && *name != 0)
    key |= (uint64_t)(uint8_t)*name++ << (shift -= 8);
  return key;
}

static int by_key(const void *a, const void *b) {
  const struct sorted *left = a, *right = b;
  if (left->key != right->key)
    return left->key < right->key ? -1 : 1;
  return strcmp(entry_name(left->entry), entry_name(right->entry));
}

int listing_sort(struct listing *l) {
  if (l->count < 2)
    return 0;
  struct bytes ordered = {0};
  struct sorted *order = malloc(l->count * sizeof *order);
  uint8_t *to = bytes_add(&ordered, l->entries.used);
  if (order == NULL || to == NULL) {
    free(order);
    bytes_free(&ordered);
    return -ENOMEM;
  }
  size_t common = common_bytes(l);
  const uint8_t *entry = l->entries.data;
  for (size_t i = 0; i < l->count; i++, entry = entry_next(entry))
    order[i] = (struct sorted){key_of(entry_name(entry) + common), entry};
  qsort(order, l->count, sizeof *order, by_key);
  for (size_t i = 0; i < l->count; i++) {
    size_t bytes = strlen(entry_name(order[i].entry)) + 2;
    memcpy(to, order[i].entry, bytes);
    to += bytes;
  }
  free(order);
  bytes_free(&l->entries);
  l->entries = ordered;
  return 0;
}

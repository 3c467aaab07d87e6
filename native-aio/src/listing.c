// Reads folders with getdents64, keeps types and names, and sorts them; see listing.h. Sorting compares eight bytes at
// once, those behind what all names have in common.
#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "syscalls.h"

enum {
  READ_BYTES = 32 << 10,
  /** What one entry takes at most: a type, a name, a NUL. */
  ENTRY_MAX_BYTES = 258,
};

/** An entry as the kernel gives it. */
struct raw_entry {
  uint64_t inode;
  int64_t next;
  uint16_t bytes;
  uint8_t type;
  char name[];
};

static const uint8_t node_types[16] = {
    [DT_REG] = ENTRY_FILE, [DT_DIR] = ENTRY_FOLDER, [DT_LNK] = ENTRY_LINK,
    [DT_FIFO] = 4,         [DT_SOCK] = 5,           [DT_CHR] = 6,
    [DT_BLK] = 7,
};

static bool is_dots(const char *name) {
  return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

/** 0 or -errno. */
static int look_up_type(int fd, const char *name, uint8_t *type) {
  struct statx stats;
  int result = calls->statx(fd, name, AT_SYMLINK_NOFOLLOW, &stats);
  if (result == 0)
    *type = node_types[IFTODT(stats.stx_mode) & 15];
  return result;
}

/** Names are up to 255 bytes on Linux; what is longer has no room where failures are reported. */
static int add_entry(struct listing *l, int fd, bool typed,
                     const struct raw_entry *e,
                     struct listing_failure *failure) {
  size_t bytes = strlen(e->name) + 1;
  uint8_t *to = l->data + l->used;
  if (bytes + 1 > ENTRY_MAX_BYTES)
    return -ENAMETOOLONG;
  to[0] = node_types[e->type & 15];
  if (to[0] == ENTRY_UNKNOWN && typed) {
    int result = look_up_type(fd, e->name, to);
    if (result < 0) {
      memcpy(failure->name, e->name, bytes < sizeof failure->name ? bytes : 0);
      return result;
    }
  }
  memcpy(to + 1, e->name, bytes);
  l->used += bytes + 1;
  l->count++;
  return 0;
}

/** Room for one more read, which takes less once it is kept. */
static int make_room(struct listing *l, size_t bytes) {
  if (l->room - l->used >= bytes)
    return 0;
  size_t room = l->used + l->used / 2 + bytes;
  uint8_t *data = room > UINT32_MAX ? NULL : realloc(l->data, room);
  if (data == NULL)
    return -ENOMEM;
  l->data = data;
  l->room = room;
  return 0;
}

int listing_read(struct listing *l, int fd, bool typed,
                 const int32_t *cancelled, struct listing_failure *failure) {
  _Alignas(struct raw_entry) uint8_t raw[READ_BYTES];
  failure->name[0] = 0;
  for (;;) {
    if (__atomic_load_n(cancelled, __ATOMIC_SEQ_CST) != 0)
      return -ECANCELED;
    int64_t count = calls->getdents(fd, raw, sizeof raw);
    // A folder that was removed is empty, as it is for readdir(3).
    if (count == -ENOENT)
      return 0;
    if (count <= 0)
      return (int)count;
    int result = make_room(l, (size_t)count);
    for (int64_t at = 0; at < count && result == 0;) {
      const struct raw_entry *e = (const struct raw_entry *)(raw + at);
      at += e->bytes;
      if (!is_dots(e->name))
        result = add_entry(l, fd, typed, e, failure);
    }
    if (result < 0)
      return result;
  }
}

struct key {
  /** As many bytes as fit, in an order that compares as a number. */
  uint64_t begin;
  /** The rest, where the begin is the same. */
  const char *rest;
};

static int by_name(const void *a, const void *b) {
  const struct key *left = a, *right = b;
  if (left->begin != right->begin)
    return left->begin < right->begin ? -1 : 1;
  // A name that ends within those eight bytes is there as a whole.
  if ((left->begin & 0xff) == 0)
    return 0;
  return strcmp(left->rest + sizeof left->begin,
                right->rest + sizeof right->begin);
}

static uint64_t begin_of(const char *name) {
  uint64_t begin = 0;
  for (size_t i = 0; i < sizeof begin; i++) {
    begin = begin << 8 | (uint8_t)*name;
    if (*name != 0)
      name++;
  }
  return begin;
}

static size_t common_bytes(const struct listing *l) {
  const char *first = (const char *)l->data + 1;
  size_t common = strlen(first);
  for (size_t at = 0; at < l->used && common > 0;) {
    const char *name = (const char *)l->data + at + 1;
    size_t same = 0;
    while (same < common && name[same] == first[same])
      same++;
    common = same;
    at += strlen(name) + 2;
  }
  return common;
}

int listing_sort(struct listing *l) {
  if (l->count < 2)
    return 0;
  struct key *keys = malloc(l->count * sizeof *keys);
  uint32_t *order = malloc(l->count * sizeof *order);
  if (keys == NULL || order == NULL) {
    free(keys);
    free(order);
    return -ENOMEM;
  }
  size_t common = common_bytes(l), i = 0;
  bool sorted = true;
  for (size_t at = 0; at < l->used; i++) {
    const char *name = (const char *)l->data + at + 1;
    keys[i] =
        (struct key){.begin = begin_of(name + common), .rest = name + common};
    sorted = sorted && (i == 0 || by_name(&keys[i - 1], &keys[i]) < 0);
    at += strlen(name) + 2;
  }
  if (!sorted)
    qsort(keys, l->count, sizeof *keys, by_name);
  for (i = 0; i < l->count; i++)
    order[i] = (uint32_t)((const uint8_t *)keys[i].rest - common - 1 - l->data);
  free(keys);
  l->order = order;
  return 0;
}

const uint8_t *listing_next(const struct listing *l, size_t *at, size_t *next) {
  if (*next == l->count)
    return NULL;
  size_t number = (*next)++;
  const uint8_t *entry = l->data + (l->order == NULL ? *at : l->order[number]);
  if (l->order == NULL)
    *at += strlen((const char *)entry + 1) + 2;
  return entry;
}

void listing_free(struct listing *l) {
  free(l->data);
  free(l->order);
  *l = (struct listing){0};
}

// A folder's entries as the kernel packs them (struct linux_dirent64), each with a type, in the order
// of inodes on request: what is in the room is sorted here, pieces are merged by the caller.
#include "sys-ops.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "syscalls.h"

enum {
  FROM_START = 1,
  INODE_ORDER = 2,
  /** The longest entry: with less room than that the kernel might refuse. */
  ENTRY_MAX_BYTES = 280,
};

struct entry {
  uint64_t inode;
  int64_t next;
  uint16_t bytes;
  uint8_t type;
  char name[];
};

static uint8_t type_by_mode(int fd, const char *name) {
  struct statx stats;
  int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
  return calls->statx(fd, name, flags, &stats) < 0 ? DT_UNKNOWN
                                                   : IFTODT(stats.stx_mode);
}

/** Some file systems leave types out. Returns how many entries there are. */
static size_t complete_types(int fd, uint8_t *data, size_t used) {
  size_t count = 0;
  for (size_t at = 0; at < used; count++) {
    struct entry *e = (struct entry *)(data + at);
    if (e->type == DT_UNKNOWN)
      e->type = type_by_mode(fd, e->name);
    at += e->bytes;
  }
  return count;
}

static int by_inode(const void *a, const void *b) {
  const struct entry *const *left = a, *const *right = b;
  return ((*left)->inode > (*right)->inode) -
         ((*left)->inode < (*right)->inode);
}

static int sort_entries(uint8_t *data, size_t used, size_t count) {
  if (count < 2)
    return 0;
  uint8_t *copy = malloc(used);
  const struct entry **order = malloc(count * sizeof *order);
  int result = copy == NULL || order == NULL ? -ENOMEM : 0;
  if (result == 0) {
    memcpy(copy, data, used);
    for (size_t i = 0, at = 0; i < count; at += order[i++]->bytes)
      order[i] = (const struct entry *)(copy + at);
    qsort(order, count, sizeof *order, by_inode);
    for (size_t i = 0; i < count; i++) {
      memcpy(data, order[i], order[i]->bytes);
      data += order[i]->bytes;
    }
  }
  free(order);
  free(copy);
  return result;
}

/** 1: that was all. 0: the room is full, and there may be more. */
int32_t sys_getdents(const struct memory *m, int slot) {
  int32_t *w = slot_words(m, slot);
  int fd = w[SLOT_FD];
  int how = (int)slot_integer(w, NUMBERS_A);
  if ((how & FROM_START) != 0 && lseek(fd, 0, SEEK_SET) == -1)
    return -errno;
  uint8_t *data = slot_data(m, w);
  size_t used = 0, room = (size_t)w[SLOT_ROOM];
  int64_t count = 1;
  while (count > 0 && room - used >= ENTRY_MAX_BYTES && !slot_cancelled(w)) {
    count = calls->getdents(fd, data + used, room - used);
    if (count < 0)
      return (int32_t)count;
    used += (size_t)count;
  }
  size_t entries = complete_types(fd, data, used);
  if ((how & INODE_ORDER) != 0 && sort_entries(data, used, entries) < 0)
    return -ENOMEM;
  w[SLOT_OUT_BYTES] = (int32_t)used;
  return count == 0;
}

// Lists a folder with getdents64 and sorts it, as libuv's scandir does, without making an object of
// any entry. It knows one folder: trees, and entries without a type, are left to JavaScript.
#include "scandir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

#include "calls.h"
#include "place.h"

enum {
  WITH_TYPES = 1,
  READ_BYTES = 1 << 16,
  /** More than fits any chunk of shared memory anyway. */
  LIST_MAX_BYTES = 4 << 20,
};

struct entry {
  uint64_t inode;
  int64_t next;
  uint16_t bytes;
  uint8_t type;
  char name[];
};

struct listing {
  uint8_t *raw;
  size_t used;
  size_t room;
  const struct entry **entries;
  size_t count;
  size_t text_bytes;
  bool untyped;
};

/** By DT_*: the numbers that Node has for types. */
static const uint8_t node_types[16] = {
    [DT_REG] = 1,  [DT_DIR] = 2, [DT_LNK] = 3, [DT_FIFO] = 4,
    [DT_SOCK] = 5, [DT_CHR] = 6, [DT_BLK] = 7,
};

static int by_name(const void *a, const void *b) {
  const struct entry *const *left = a, *const *right = b;
  return strcmp((*left)->name, (*right)->name);
}

static int read_all(struct listing *l, int fd) {
  for (;;) {
    if (l->room - l->used < READ_BYTES) {
      size_t room = l->room == 0 ? 2 * READ_BYTES : 2 * l->room;
      uint8_t *raw = room > LIST_MAX_BYTES ? NULL : realloc(l->raw, room);
      if (raw == NULL)
        return SPECIAL_DECLINED;
      l->raw = raw;
      l->room = room;
    }
    int64_t count = calls->getdents(fd, l->raw + l->used, l->room - l->used);
    // A folder that was removed is empty, as it is for readdir(3).
    if (count == -ENOENT)
      return 0;
    if (count <= 0)
      return (int)count;
    l->used += (size_t)count;
  }
}

static int index_all(struct listing *l) {
  // No entry is shorter than this: inode, next, bytes, type, one character, padding.
  l->entries = malloc((l->used / 24 + 1) * sizeof *l->entries);
  if (l->entries == NULL)
    return SPECIAL_DECLINED;
  for (size_t at = 0; at < l->used;) {
    const struct entry *e = (const struct entry *)(l->raw + at);
    at += e->bytes;
    if (strcmp(e->name, ".") == 0 || strcmp(e->name, "..") == 0)
      continue;
    l->entries[l->count++] = e;
    l->text_bytes += strlen(e->name) + 1;
    l->untyped |= node_types[e->type & 15] == 0;
  }
  qsort(l->entries, l->count, sizeof *l->entries, by_name);
  return 0;
}

static int put(const struct memory *m, int slot, const struct listing *l,
               bool typed) {
  int32_t *w = slot_words(m, slot);
  size_t types = typed ? l->count : 0;
  size_t text = l->count == 0 ? 0 : l->text_bytes - 1;
  if (types + text + 1 > (size_t)w[SLOT_ROOM])
    return SPECIAL_DECLINED;
  uint8_t *type = slot_data(m, w);
  char *name = (char *)type + types;
  for (size_t i = 0; i < l->count; i++) {
    if (typed)
      type[i] = node_types[l->entries[i]->type & 15];
    name = stpcpy(name, l->entries[i]->name) + 1;
  }
  w[SLOT_OUT_BYTES] = (int32_t)(types + text);
  return (int)l->count;
}

int32_t scandir_run(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  bool typed = ((int)slot_number(w, NUMBERS_A) & WITH_TYPES) != 0;
  char path[PATH_BYTES];
  if (slot_number(w, NUMBERS_B) != 0)
    return SPECIAL_DECLINED;
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  int fd =
      place_open(slot_wd(w), path, O_RDONLY | O_DIRECTORY, 0, slot_resolve(w));
  if (fd < 0)
    return fd;
  struct listing list = {0};
  int result = read_all(&list, fd);
  calls->close(fd);
  if (result == 0)
    result = index_all(&list);
  if (result == 0)
    result =
        typed && list.untyped ? SPECIAL_DECLINED : put(m, slot, &list, typed);
  free(list.entries);
  free(list.raw);
  return result;
}

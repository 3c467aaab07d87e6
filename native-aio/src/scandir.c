// A folder in one hop: sorted by name, or in the order of the disk, with types or without, of any size. It knows
// the compact form in which entries travel; whole trees are scandir-tree.c's.
#include "scandir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "calls.h"
#include "job.h"
#include "listing.h"
#include "paths.h"
#include "place.h"
#include "sys-ops.h"

/** Types, then names with a NUL between them. */
static int32_t put(const struct memory *m, int slot, const struct listing *l,
                   bool typed) {
  size_t types = typed ? l->count : 0;
  size_t names = l->count == 0 ? 0 : l->name_bytes - 1;
  uint8_t *type = job_room(m, slot, types + names);
  if (type == NULL)
    return -ENOMEM;
  uint8_t *name = type + types;
  const uint8_t *end = name + names;
  const uint8_t *entry = l->entries.data;
  for (size_t i = 0; i < l->count; i++) {
    if (typed)
      *type++ = *entry;
    size_t bytes = strlen(entry_name(entry)) + 1;
    // The last one's NUL has no room.
    memcpy(name, entry_name(entry), name + bytes > end ? bytes - 1 : bytes);
    name += bytes;
    entry += bytes + 1;
  }
  return (int32_t)l->count;
}

int scandir_open(const struct memory *m, int slot, const char *path) {
  const int32_t *w = slot_words(m, slot);
  return place_open(slot_wd(w), path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0,
                    slot_resolve(w));
}

int32_t scandir_fail(const struct memory *m, int slot, int error,
                     const char *folder, const struct listing *l) {
  if (l->untyped == NULL)
    return job_fail(m, slot, error, "scandir", folder, NULL);
  char *path = path_in(folder, l->untyped);
  int32_t result = job_fail(m, slot, error, "lstat", path, NULL);
  free(path);
  return result;
}

static int32_t list(const struct memory *m, int slot, bool typed, bool sorted) {
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  int fd = scandir_open(m, slot, path);
  if (fd < 0)
    return fd;
  struct listing l = {0};
  int32_t result = listing_read(&l, fd, typed, slot_words(m, slot));
  calls->close(fd);
  if (result == 0 && sorted)
    result = listing_sort(&l);
  result = result < 0 ? scandir_fail(m, slot, result, path, &l)
                      : put(m, slot, &l, typed);
  listing_free(&l);
  return result;
}

int32_t sys_scandir(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  int how = (int)slot_number(w, NUMBERS_A);
  int order = (int)slot_number(w, NUMBERS_B);
  if (order != 0)
    return scandir_tree(m, slot, how, order);
  return list(m, slot, (how & SCANDIR_TYPES) != 0, true);
}

int32_t sys_opendir(const struct memory *m, int slot) {
  return list(m, slot, true, false);
}

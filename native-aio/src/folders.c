// scandir and opendir: a folder's entries in the compact form in which they travel, types first, then the names with a
// NUL between them. It knows one folder; what lies below it is folder-tree.c's business.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "folder-tree.h"
#include "job.h"
#include "listing.h"
#include "resolve.h"
#include "sys-ops.h"
#include "syscalls.h"

/** Bits of the `how` operand. */
enum { WITH_TYPES = 1, FOLLOW_LINKS = 2 };

static int32_t put(const struct memory *m, int slot, const struct listing *l,
                   bool typed) {
  size_t types = typed ? l->count : 0;
  size_t text = l->count == 0 ? 0 : listing_text_bytes(l) - 1;
  uint8_t *type = job_room(m, slot, types + text);
  if (type == NULL)
    return -ENOMEM;
  uint8_t *name = type + types;
  const uint8_t *end = name + text;
  const uint8_t *entry;
  for (size_t at = 0, next = 0;
       (entry = listing_next(l, &at, &next)) != NULL;) {
    if (typed)
      *type++ = *entry;
    size_t bytes = strlen((const char *)entry + 1);
    memcpy(name, entry + 1, bytes);
    name += bytes;
    if (name != end)
      *name++ = 0;
  }
  return (int32_t)l->count;
}

/** What was read, or the failure with the path of what could not be. */
static int32_t finish(const struct memory *m, int slot, const char *path,
                      int result, const struct listing *l, bool typed,
                      const struct listing_failure *failure) {
  if (result == 0)
    return put(m, slot, l, typed);
  if (failure->name[0] == 0)
    return job_fail(m, slot, result, "scandir", path, NULL);
  char below[PATH_BYTES + sizeof failure->name];
  snprintf(below, sizeof below, "%s/%s", path, failure->name);
  return job_fail(m, slot, result, "lstat", below, NULL);
}

static int32_t list(const struct memory *m, int slot, bool typed, bool sorted) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  int fd =
      place_open(slot_wd(w), path, O_RDONLY | O_DIRECTORY, 0, slot_resolve(w));
  if (fd < 0)
    return fd;
  struct listing l = {0};
  struct listing_failure failure;
  int result = listing_read(&l, fd, typed, &w[SLOT_CANCELLED], &failure);
  calls->close(fd);
  if (result == 0 && sorted)
    result = listing_sort(&l);
  result = finish(m, slot, path, result, &l, typed, &failure);
  listing_free(&l);
  return result;
}

int32_t sys_scandir(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  int how = (int)slot_integer(w, NUMBERS_A);
  int recursion = (int)slot_integer(w, NUMBERS_B);
  bool typed = (how & WITH_TYPES) != 0;
  if (recursion != 0)
    return folder_tree_list(m, slot, typed, (how & FOLLOW_LINKS) != 0,
                            recursion);
  return list(m, slot, typed, true);
}

int32_t sys_opendir(const struct memory *m, int slot) {
  return list(m, slot, true, false);
}

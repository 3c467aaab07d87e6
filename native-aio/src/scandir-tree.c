// A folder with everything below it, in the two orders in which Node's recursive readdir gives it. It knows the
// compact form of a tree: types, names, then each folder's path and how many of the entries are its own.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "calls.h"
#include "job.h"
#include "paths.h"
#include "place.h"
#include "scandir.h"
#include "sys-ops.h"

struct folder {
  struct folder *next;
  struct listing listing;
  char *path;
  /** How the names in it begin, where names are paths from the root; within `path` or a text of its own. */
  char *prefix;
};

struct walk {
  const struct memory *m;
  int slot;
  bool typed;
  /** Links are not followed. */
  bool only_folders;
  bool depth_first;
  /** What is still to be gone through: a stack, or a queue. */
  struct folder *first, *last;
  struct bytes types, names, folders;
};

static void drop_folder(struct folder *f) {
  listing_free(&f->listing);
  free(f->path);
  free(f->prefix);
  free(f);
}

/** Lists a folder; a failure is the request's. */
static int32_t read_folder(const struct walk *walk, struct folder *f) {
  int fd = scandir_open(walk->m, walk->slot, f->path);
  if (fd < 0)
    return scandir_fail(walk->m, walk->slot, fd, f->path, &f->listing);
  const int32_t *w = slot_words(walk->m, walk->slot);
  int32_t result = listing_read(&f->listing, fd, true, w);
  calls->close(fd);
  if (result == 0)
    result = listing_sort(&f->listing);
  return result == 0
             ? 0
             : scandir_fail(walk->m, walk->slot, result, f->path, &f->listing);
}

static void push(struct walk *walk, struct folder *f) {
  if (walk->depth_first || walk->first == NULL) {
    f->next = walk->first;
    walk->first = walk->last = f;
  } else {
    walk->last->next = f;
    walk->last = f;
  }
}

static struct folder *pop(struct walk *walk) {
  struct folder *f = walk->first;
  walk->first = f->next;
  return f;
}

/** Takes both texts over. Depth first, a folder is read when it is found. */
static int32_t add_folder(struct walk *walk, char *path, char *prefix) {
  struct folder *f = calloc(1, sizeof *f);
  if (f == NULL || path == NULL || prefix == NULL) {
    free(f);
    free(path);
    free(prefix);
    return -ENOMEM;
  }
  f->path = path;
  f->prefix = prefix;
  int32_t result = walk->depth_first ? read_folder(walk, f) : 0;
  if (result < 0)
    drop_folder(f);
  else
    push(walk, f);
  return result;
}

/** As Node looks: what cannot be looked at is no folder. */
static bool leads_to_folder(const struct walk *walk, const char *path) {
  const int32_t *w = slot_words(walk->m, walk->slot);
  uint64_t resolve = slot_resolve(w);
  struct statx stats;
  int result;
  if (resolve == 0)
    result = calls->statx(slot_wd(w), path, 0, &stats);
  else {
    int fd = place_open(slot_wd(w), path, O_PATH, 0, resolve);
    result = fd < 0 ? fd : calls->statx(fd, "", AT_EMPTY_PATH, &stats);
    if (fd >= 0)
      calls->close(fd);
  }
  return result == 0 && S_ISDIR(stats.stx_mode);
}

static bool is_folder(const struct walk *walk, uint8_t type, const char *path) {
  if (type == TYPE_FOLDER && walk->typed)
    return true;
  return !walk->only_folders && leads_to_folder(walk, path);
}

static int32_t take_entry(struct walk *walk, const struct folder *f,
                          const char *base, const uint8_t *entry) {
  uint8_t type = *entry;
  const char *name = entry_name(entry);
  uint8_t *to = bytes_add(&walk->types, 1);
  if (to == NULL)
    return -ENOMEM;
  *to = type;
  if (!walk->typed) {
    size_t before = strlen(f->prefix);
    to = bytes_add(&walk->names, before);
    if (to == NULL)
      return -ENOMEM;
    memcpy(to, f->prefix, before);
  }
  if (bytes_add_text(&walk->names, name) == NULL)
    return -ENOMEM;
  if (type != TYPE_FOLDER && (type == TYPE_FILE || walk->only_folders))
    return 0;
  char *path = path_below(base, name);
  if (path == NULL)
    return -ENOMEM;
  if (!is_folder(walk, type, path)) {
    free(path);
    return 0;
  }
  size_t bytes = strlen(f->prefix) + strlen(name) + 2;
  char *prefix = malloc(bytes);
  if (prefix != NULL)
    snprintf(prefix, bytes, "%s%s/", f->prefix, name);
  return add_folder(walk, path, prefix);
}

/** Names what is in a folder, and puts the folders in it on the list. */
static int32_t take_folder(struct walk *walk, struct folder *f) {
  int32_t result = walk->depth_first ? 0 : read_folder(walk, f);
  if (result < 0)
    return result;
  char count[24];
  snprintf(count, sizeof count, "%zu", f->listing.count);
  char *base = path_normalize(f->path);
  if (base == NULL || bytes_add_text(&walk->folders, f->path) == NULL ||
      bytes_add_text(&walk->folders, count) == NULL)
    result = -ENOMEM;
  const uint8_t *entry = f->listing.entries.data;
  for (size_t i = 0; i < f->listing.count && result == 0; i++) {
    result = take_entry(walk, f, base, entry);
    entry = entry_next(entry);
  }
  free(base);
  return result;
}

static int32_t put(const struct walk *walk) {
  size_t count = walk->types.used;
  size_t types = walk->typed ? count : 0;
  size_t folders = walk->typed && count > 0 ? walk->folders.used : 0;
  size_t text = count == 0 ? 0 : walk->names.used + folders - 1;
  uint8_t *to = job_room(walk->m, walk->slot, types + text);
  if (to == NULL)
    return -ENOMEM;
  if (count == 0)
    return 0;
  memcpy(to, walk->types.data, types);
  size_t names = walk->names.used - (folders == 0 ? 1 : 0);
  memcpy(to + types, walk->names.data, names);
  if (folders > 0)
    memcpy(to + types + names, walk->folders.data, folders - 1);
  return (int32_t)count;
}

static int32_t go_through(struct walk *walk, const char *root) {
  int32_t result = add_folder(walk, strdup(root), strdup(""));
  while (result == 0 && walk->first != NULL) {
    struct folder *f = pop(walk);
    result = slot_cancelled(slot_words(walk->m, walk->slot))
                 ? -ECANCELED
                 : take_folder(walk, f);
    drop_folder(f);
  }
  while (walk->first != NULL)
    drop_folder(pop(walk));
  return result;
}

int32_t scandir_tree(const struct memory *m, int slot, int how, int order) {
  bool typed = (how & SCANDIR_TYPES) != 0;
  struct walk walk = {
      .m = m,
      .slot = slot,
      .typed = typed,
      .only_folders = typed && (how & SCANDIR_FOLLOW) == 0,
      .depth_first = order == SCANDIR_DEPTH_FIRST,
  };
  char root[PATH_BYTES];
  if (!slot_copy_path(m, slot, root, sizeof root))
    return -ENAMETOOLONG;
  int32_t result = go_through(&walk, root);
  if (result == 0)
    result = put(&walk);
  bytes_free(&walk.types);
  bytes_free(&walk.names);
  bytes_free(&walk.folders);
  return result;
}

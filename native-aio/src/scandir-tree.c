// A folder with everything below it: folders are read by several threads, in no order, and put together in one of the
// two orders in which Node's recursive readdir gives them. It knows the compact form of a tree: types, names, then
// each folder's path and how many of the entries are its own.
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
#include "work-list.h"

struct folder {
  struct work_item item;
  /** Those that were found in it, in the order of their names: the first, and each one's next. */
  struct folder *children, *sibling;
  /** In the order in which folders are given. */
  struct folder *next;
  struct listing listing;
  /** Why it could not be read: -errno. */
  int error;
  /** It could not be looked at, so Node takes it for no folder. */
  bool is_none;
  char *path;
  /** How the names in it begin, where names are paths from the root. */
  char *prefix;
};

struct walk {
  struct work_list list;
  const struct memory *m;
  int slot;
  bool typed;
  /** Links are not followed. */
  bool only_folders;
  bool depth_first;
  /** What is still to be given: a stack, or a queue. */
  struct folder *first, *last;
  struct bytes types, names, folders;
};

// --- reading ---

static struct folder *folder_of(char *path, char *prefix) {
  struct folder *f = calloc(1, sizeof *f);
  if (f == NULL || path == NULL || prefix == NULL) {
    free(f);
    free(path);
    free(prefix);
    return NULL;
  }
  f->path = path;
  f->prefix = prefix;
  return f;
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

static int read_folder(const struct walk *walk, struct folder *f) {
  int fd = scandir_open(walk->m, walk->slot, f->path);
  if (fd < 0) {
    // Node has looked at it before, where it does not go by types.
    bool is_root = *f->prefix == 0;
    f->is_none = !walk->typed && !is_root && !leads_to_folder(walk, f->path);
    return fd;
  }
  const int32_t *w = slot_words(walk->m, walk->slot);
  int result = listing_read(&f->listing, fd, true, w);
  calls->close(fd);
  return result < 0 ? result : listing_sort(&f->listing);
}

static bool may_be_folder(const struct walk *walk, uint8_t type) {
  return type == TYPE_FOLDER || (type != TYPE_FILE && !walk->only_folders);
}

static struct folder *child_of(const struct folder *f, const char *base,
                               const char *name) {
  size_t bytes = strlen(f->prefix) + strlen(name) + 2;
  char *prefix = malloc(bytes);
  if (prefix != NULL)
    snprintf(prefix, bytes, "%s%s/", f->prefix, name);
  return folder_of(path_below(base, name), prefix);
}

/** The folders in it, which are read next. 0 or -ENOMEM. */
static int find_children(struct walk *walk, struct folder *f) {
  char *base = path_normalize(f->path);
  int result = base == NULL ? -ENOMEM : 0;
  struct folder **last = &f->children;
  const uint8_t *entry = f->listing.entries.data;
  for (size_t i = 0; i < f->listing.count && result == 0; i++) {
    const uint8_t *one = entry;
    entry = entry_next(entry);
    if (!may_be_folder(walk, *one))
      continue;
    struct folder *child = child_of(f, base, entry_name(one));
    if (child == NULL)
      result = -ENOMEM;
    else if (*one == TYPE_FOLDER || leads_to_folder(walk, child->path)) {
      *last = child;
      last = &child->sibling;
    } else {
      free(child->path);
      free(child->prefix);
      free(child);
    }
  }
  free(base);
  return result;
}

static void run(struct work_list *list, struct work_item *item) {
  struct walk *walk = (struct walk *)list;
  struct folder *f = (struct folder *)item;
  if (slot_cancelled(slot_words(walk->m, walk->slot)))
    f->error = -ECANCELED;
  else
    f->error = read_folder(walk, f);
  if (f->error == 0)
    f->error = find_children(walk, f);
  for (struct folder *c = f->children; c != NULL; c = c->sibling)
    work_list_add(list, &c->item);
}

// --- giving ---

static void push(struct walk *walk, struct folder *f) {
  if (walk->depth_first || walk->first == NULL) {
    f->next = walk->first;
    walk->first = walk->last = f;
  } else {
    walk->last->next = f;
    walk->last = f;
  }
}

static int give_entries(struct walk *walk, const struct folder *f) {
  size_t before = walk->typed ? 0 : strlen(f->prefix);
  const struct listing *l = &f->listing;
  uint8_t *type = bytes_add(&walk->types, l->count);
  uint8_t *name = bytes_add(&walk->names, l->name_bytes + l->count * before);
  if (type == NULL || name == NULL)
    return -ENOMEM;
  const uint8_t *entry = l->entries.data;
  for (size_t i = 0; i < l->count; i++) {
    *type++ = *entry;
    memcpy(name, f->prefix, before);
    size_t bytes = strlen(entry_name(entry)) + 1;
    memcpy(name + before, entry_name(entry), bytes);
    name += before + bytes;
    entry += bytes + 1;
  }
  if (!walk->typed)
    return 0;
  char count[24];
  snprintf(count, sizeof count, "%zu", l->count);
  bool added = bytes_add_text(&walk->folders, f->path) != NULL &&
               bytes_add_text(&walk->folders, count) != NULL;
  return added ? 0 : -ENOMEM;
}

static int32_t fail(const struct walk *walk, int error,
                    const struct folder *f) {
  return scandir_fail(walk->m, walk->slot, error, f->path, &f->listing);
}

/** Depth first, Node reads a folder when it has found it; else when its turn comes. */
static int32_t give_folder(struct walk *walk, const struct folder *f) {
  if (!walk->depth_first && f->error != 0)
    return fail(walk, f->error, f);
  int result = give_entries(walk, f);
  if (result < 0)
    return fail(walk, result, f);
  for (struct folder *c = f->children; c != NULL; c = c->sibling) {
    if (c->is_none)
      continue;
    if (walk->depth_first && c->error != 0)
      return fail(walk, c->error, c);
    push(walk, c);
  }
  return 0;
}

static int32_t give_all(struct walk *walk, struct folder *root) {
  if (root->error != 0)
    return fail(walk, root->error, root);
  push(walk, root);
  int32_t result = 0;
  while (walk->first != NULL && result == 0) {
    const struct folder *f = walk->first;
    walk->first = f->next;
    result = give_folder(walk, f);
  }
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

/** With all that is below it, however deep that is. */
static void drop(struct folder *f) {
  while (f != NULL) {
    struct folder *last = f->children;
    while (last != NULL && last->sibling != NULL)
      last = last->sibling;
    if (last != NULL) {
      last->sibling = f->sibling;
      f->sibling = f->children;
    }
    struct folder *next = f->sibling;
    listing_free(&f->listing);
    free(f->path);
    free(f->prefix);
    free(f);
    f = next;
  }
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
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  struct folder *root = folder_of(strdup(path), strdup(""));
  if (root == NULL)
    return -ENOMEM;
  work_list_open(&walk.list, run);
  work_list_add(&walk.list, &root->item);
  work_list_finish(&walk.list);
  int32_t result = give_all(&walk, root);
  if (result == 0)
    result = put(&walk);
  drop(root);
  bytes_free(&walk.types);
  bytes_free(&walk.names);
  bytes_free(&walk.folders);
  return result;
}

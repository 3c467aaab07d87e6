// Reads a tree on several threads, then puts its entries in the order of Node's recursive readdir; see folder-tree.h.
// Folders are opened by their paths from where the request starts, so a limit holds for each.
//
//   types (where wanted), names with a NUL between them, then (where types are wanted) of each folder its path and how
//   many of the entries are its own
#include "folder-tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "job.h"
#include "listing.h"
#include "resolve.h"
#include "sys-ops.h"
#include "syscalls.h"
#include "work-list.h"

enum {
  /** A number of entries and the NUL before it. */
  COUNT_BYTES = 12,
};

static struct tree_folder *new_folder(const char *path) {
  size_t bytes = strlen(path) + 1;
  struct tree_folder *f = malloc(sizeof *f + bytes);
  if (f != NULL) {
    *f = (struct tree_folder){0};
    memcpy(f->path, path, bytes);
  }
  return f;
}

bool tree_base(const char *path, char *to) {
  if (*path == '/')
    *to++ = '/';
  while (*path != 0) {
    size_t bytes = strcspn(path, "/");
    if (bytes == 2 && memcmp(path, "..", 2) == 0)
      return false;
    if (bytes > 0 && !(bytes == 1 && *path == '.')) {
      memcpy(to, path, bytes);
      to += bytes;
      *to++ = '/';
    }
    path += bytes + (path[bytes] == '/');
  }
  *to = 0;
  return true;
}

static bool is_folder(const struct tree *t, const char *path, uint8_t type) {
  if (type == ENTRY_FOLDER || !t->follows_links)
    return type == ENTRY_FOLDER;
  struct statx stats;
  int result =
      place_stat(slot_wd(t->words), path, 0, slot_resolve(t->words), &stats);
  return result == 0 && S_ISDIR(stats.stx_mode);
}

/** False: it is left to JavaScript. */
static bool add_folders(struct work_list *l, struct tree_folder *f) {
  const struct tree *t = l->state;
  char path[PATH_BYTES];
  const uint8_t *entry;
  bool is_root = f == t->root;
  for (size_t at = 0, next = 0;
       (entry = listing_next(&f->list, &at, &next)) != NULL;) {
    if (t->takes != NULL && !t->takes(*entry))
      return false;
    if (*entry != ENTRY_FOLDER && *entry != ENTRY_LINK)
      continue;
    int bytes =
        snprintf(path, sizeof path, "%s%s%s", is_root ? t->base : f->path,
                 is_root ? "" : "/", (const char *)entry + 1);
    if (bytes >= (int)sizeof path)
      return false;
    if (!is_folder(t, path, *entry))
      continue;
    struct tree_folder *below = new_folder(path);
    if (below == NULL)
      return false;
    if (f->last == NULL)
      f->first = below;
    else
      f->last->sibling = below;
    f->last = below;
  }
  for (struct tree_folder *below = f->first; below != NULL;
       below = below->sibling)
    work_list_add(l, &below->item);
  return true;
}

static bool read_folder(const struct tree *t, struct tree_folder *f) {
  const int32_t *w = t->words;
  int fd = place_open(slot_wd(w), f->path, O_RDONLY | O_DIRECTORY, 0,
                      slot_resolve(w));
  if (fd < 0)
    return false;
  struct listing_failure failure;
  int result = listing_read(&f->list, fd, true, &w[SLOT_CANCELLED], &failure);
  calls->close(fd);
  return result == 0 && listing_sort(&f->list) == 0;
}

static void visit(struct work_list *l, struct work_item *item) {
  struct tree *t = l->state;
  struct tree_folder *f = (struct tree_folder *)item;
  if (read_folder(t, f) && add_folders(l, f))
    return;
  __atomic_store_n(&t->failed, true, __ATOMIC_SEQ_CST);
  work_list_stop(l);
}

/** Chains all folders by `after`, in the given order. */
static void put_in_order(struct tree_folder *root, int order) {
  struct tree_folder *last = root;
  root->after = NULL;
  for (struct tree_folder *f = root; f != NULL; f = f->after) {
    struct tree_folder *rest = f->after, *below = f->first;
    if (below == NULL)
      continue;
    if (order == TREE_BREADTH_FIRST) {
      for (; below != NULL; below = below->sibling) {
        last->after = below;
        last = below;
        last->after = NULL;
      }
      continue;
    }
    // The last one in a folder comes first.
    for (; below != NULL; below = below->sibling) {
      below->after = rest;
      rest = below;
    }
    f->after = rest;
  }
}

/** Where paths relative to the root begin in those of the folders below it. */
static size_t relative_at(const struct tree *t) { return strlen(t->base); }

/** 0 for what lies in the root itself. */
static size_t prefix_bytes(const struct tree *t, const struct tree_folder *f) {
  return f == t->root ? 0 : strlen(f->path) - relative_at(t) + 1;
}

static char *put_text(char *to, const char *text) {
  return stpcpy(to, text) + 1;
}

static int32_t put_tree(const struct memory *m, int slot, const struct tree *t,
                        bool typed) {
  size_t count = 0, text = 0;
  for (const struct tree_folder *f = t->root; f != NULL; f = f->after) {
    count += f->list.count;
    text += listing_text_bytes(&f->list);
    text += typed ? strlen(f->path) + 1 + COUNT_BYTES
                  : f->list.count * prefix_bytes(t, f);
  }
  if (count == 0)
    return 0;
  uint8_t *type =
      count > INT32_MAX ? NULL : job_room(m, slot, text + (typed ? count : 0));
  if (type == NULL)
    return SPECIAL_DECLINED;
  char *start = (char *)type, *to = start + (typed ? count : 0);
  const uint8_t *entry;
  for (const struct tree_folder *f = t->root; f != NULL; f = f->after) {
    size_t prefix = typed ? 0 : prefix_bytes(t, f);
    for (size_t at = 0, next = 0;
         (entry = listing_next(&f->list, &at, &next)) != NULL;) {
      if (typed)
        *type++ = *entry;
      if (prefix > 0) {
        memcpy(to, f->path + relative_at(t), prefix - 1);
        to += prefix;
        to[-1] = '/';
      }
      to = put_text(to, (const char *)entry + 1);
    }
  }
  for (const struct tree_folder *f = t->root; typed && f != NULL;
       f = f->after) {
    to = put_text(to, f->path);
    to += snprintf(to, COUNT_BYTES, "%zu", f->list.count) + 1;
  }
  slot_words(m, slot)[SLOT_OUT_BYTES] = (int32_t)(to - start - 1);
  return (int32_t)count;
}

bool tree_read(struct tree *t, const char *path) {
  t->root = tree_base(path, t->base) ? new_folder(path) : NULL;
  if (t->root == NULL)
    return false;
  struct work_list l;
  work_list_open(&l, visit, t);
  work_list_add(&l, &t->root->item);
  work_list_run(&l);
  work_list_close(&l);
  return !t->failed;
}

void tree_free(struct tree *t) {
  if (t->root != NULL)
    put_in_order(t->root, TREE_BREADTH_FIRST);
  for (struct tree_folder *f = t->root, *after; f != NULL; f = after) {
    after = f->after;
    listing_free(&f->list);
    free(f);
  }
}

int32_t folder_tree_list(const struct memory *m, int slot, bool typed,
                         bool follows_links, int order) {
  char path[PATH_BYTES];
  struct tree t = {.words = slot_words(m, slot),
                   .follows_links = !typed || follows_links};
  int32_t result = SPECIAL_DECLINED;
  if (!slot_copy_path(m, slot, path, sizeof path))
    return result;
  if (tree_read(&t, path)) {
    put_in_order(t.root, order);
    result = put_tree(m, slot, &t, typed);
  } else if (slot_cancelled(t.words))
    result = -ECANCELED;
  tree_free(&t);
  return result;
}

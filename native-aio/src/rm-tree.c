// rm: a file or a tree, by several threads where it is large. Every folder is opened from the one above it and never by
// a path, so that no other process can put a link in its place. What cannot be removed does not keep its neighbours; what is left
// then is JavaScript's, which tries again as often as is wanted, and fails as Node does.
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "listing.h"
#include "resolve.h"
#include "sys-ops.h"
#include "syscalls.h"
#include "work-list.h"

struct folder {
  struct work_item item;
  struct folder *above;
  /** Of the folder above the root, where there is none above. */
  int above_fd;
  int fd;
  /** Folders in it that are still there, and 1 while it is read itself. */
  int left;
  bool kept;
  bool gone;
  char name[];
};

struct removal {
  const int32_t *words;
  uint64_t resolve;
  bool kept;
};

static bool is_gone(int result) { return result == 0 || result == -ENOENT; }

static void mark(bool *at) { __atomic_store_n(at, true, __ATOMIC_SEQ_CST); }
static bool is_marked(const bool *at) {
  return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

static struct folder *new_folder(struct folder *above, int above_fd,
                                 const char *name) {
  size_t bytes = strlen(name) + 1;
  struct folder *f = malloc(sizeof *f + bytes);
  if (f == NULL)
    return NULL;
  *f = (struct folder){
      .above = above, .above_fd = above_fd, .fd = -1, .left = 1};
  memcpy(f->name, name, bytes);
  return f;
}

/** One thing less is left in it: whoever takes the last one away removes the folder, and so on upwards. */
static void leave(struct removal *r, struct folder *f) {
  while (f != NULL && __atomic_sub_fetch(&f->left, 1, __ATOMIC_SEQ_CST) == 0) {
    struct folder *above = f->above;
    if (f->fd >= 0)
      calls->close(f->fd);
    if (is_marked(&f->kept) ||
        (!f->gone &&
         !is_gone(calls->unlink(f->above_fd, f->name, AT_REMOVEDIR))))
      mark(above == NULL ? &r->kept : &above->kept);
    free(f);
    f = above;
  }
}

static void empty(struct work_list *l, struct folder *f,
                  const struct listing *contents) {
  const struct removal *r = l->state;
  const uint8_t *entry;
  for (size_t at = 0, next = 0;
       (entry = listing_next(contents, &at, &next)) != NULL;) {
    const char *name = (const char *)entry + 1;
    if (slot_cancelled(r->words)) {
      mark(&f->kept);
      return;
    }
    if (*entry != ENTRY_FOLDER) {
      if (!is_gone(calls->unlink(f->fd, name, 0)))
        mark(&f->kept);
      continue;
    }
    struct folder *below = new_folder(f, f->fd, name);
    if (below == NULL) {
      mark(&f->kept);
      return;
    }
    __atomic_add_fetch(&f->left, 1, __ATOMIC_SEQ_CST);
    work_list_add(l, &below->item);
  }
}

/**
 * Whether only what is in it keeps it. What could not be removed when empty (where something is mounted, or the folder above may
 * not be changed) stays as it is, contents and all.
 */
static bool is_kept_by_contents(struct folder *f) {
  int result = calls->unlink(f->above_fd, f->name, AT_REMOVEDIR);
  f->gone = is_gone(result);
  if (f->gone)
    return false;
  if (result == -ENOTEMPTY || result == -EEXIST)
    return true;
  mark(&f->kept);
  return false;
}

static void read_and_empty(struct work_list *l, struct folder *f) {
  const struct removal *r = l->state;
  f->fd = place_open(f->above_fd, f->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
                     0, r->resolve);
  if (f->fd >= 0) {
    struct listing contents = {0};
    struct listing_failure failure;
    if (listing_read(&contents, f->fd, true, &r->words[SLOT_CANCELLED],
                     &failure) == 0)
      empty(l, f, &contents);
    listing_free(&contents);
  }
}

/** The root was tried before. */
static void visit(struct work_list *l, struct work_item *item) {
  struct removal *r = l->state;
  struct folder *f = (struct folder *)item;
  if (f->above == NULL || is_kept_by_contents(f))
    read_and_empty(l, f);
  if (slot_cancelled(r->words)) {
    mark(&f->kept);
    work_list_stop(l);
  }
  leave(r, f);
}

static int32_t remove_folder(const int32_t *w, const struct place *at) {
  struct removal r = {.words = w, .resolve = slot_resolve(w)};
  struct folder *root = new_folder(NULL, at->folder, at->path);
  if (root == NULL)
    return SPECIAL_DECLINED;
  struct work_list l;
  work_list_open(&l, visit, &r);
  work_list_add(&l, &root->item);
  work_list_run(&l);
  for (struct work_item *item; (item = work_list_drop(&l)) != NULL;) {
    struct folder *f = (struct folder *)item;
    mark(&f->kept);
    leave(&r, f);
  }
  work_list_close(&l);
  if (slot_cancelled(w))
    return -ECANCELED;
  return r.kept ? SPECIAL_DECLINED : 0;
}

static int32_t remove_at(const int32_t *w, const struct place *at,
                         bool recursive, bool force) {
  struct statx stats;
  int result = calls->statx(at->folder, at->path, AT_SYMLINK_NOFOLLOW, &stats);
  if (result == -ENOENT && force)
    return 0;
  if (result < 0)
    return SPECIAL_DECLINED;
  if (!S_ISDIR(stats.stx_mode))
    return is_gone(calls->unlink(at->folder, at->path, 0)) ? 0
                                                           : SPECIAL_DECLINED;
  if (!recursive)
    return SPECIAL_DECLINED;
  result = calls->unlink(at->folder, at->path, AT_REMOVEDIR);
  // A link with a slash behind it looks like a folder, and is not to be emptied as one.
  if (is_gone(result) || result == -ENOTDIR)
    return 0;
  return result == -ENOTEMPTY || result == -EEXIST ? remove_folder(w, at)
                                                   : SPECIAL_DECLINED;
}

int32_t sys_rmtree(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  struct place at;
  if (place_find(m, slot, -1, PLACE_NAME, &at) < 0)
    return SPECIAL_DECLINED;
  // With a slash behind it a link would be followed, wherever it leads.
  size_t bytes = strlen(at.path);
  if (slot_resolve(w) != 0 && bytes > 0 && at.path[bytes - 1] == '/') {
    place_leave(&at);
    return SPECIAL_DECLINED;
  }
  int32_t result = remove_at(w, &at, slot_number(w, NUMBERS_A) != 0,
                             slot_number(w, NUMBERS_B) != 0);
  place_leave(&at);
  return result;
}

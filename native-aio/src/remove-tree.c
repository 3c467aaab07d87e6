// rm in one hop: each folder is emptied by one thread, several at a time, and goes when the last thing in it has gone.
// Everything is reached from the descriptor of the folder that it lies in, so no link is followed; what cannot be
// removed does not keep its neighbours. It knows no retries: JavaScript has them.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "calls.h"
#include "job.h"
#include "listing.h"
#include "paths.h"
#include "place.h"
#include "sys-ops.h"
#include "work-list.h"

struct folder {
  struct work_item item;
  /** NULL: what is to be removed itself. */
  struct folder *parent;
  /** Open while anything in it may be left; -1. */
  int fd;
  /** Itself while it is emptied, and the folders in it. */
  int pending;
  /** Why it could not be read: it may be empty all the same. */
  int unread;
  /** Something in it could not be removed, or was not to be any more. */
  bool stays;
  char name[];
};

struct removal {
  struct work_list list;
  const struct memory *m;
  int slot;
  const char *path;
  /** Where the path leads from, and what is kept to below it. */
  struct place top;
  uint64_t resolve;
  /** The first failure. */
  int error;
  const char *syscall;
  char *failed;
  /** JavaScript is to try again. */
  bool declined;
};

static bool is_cancelled(const struct removal *r) {
  return slot_cancelled(slot_words(r->m, r->slot));
}

static int parent_fd(const struct removal *r, const struct folder *f) {
  return f->parent == NULL ? r->top.folder : f->parent->fd;
}

static char *path_of(const struct removal *r, const struct folder *f) {
  if (f->parent == NULL)
    return strdup(r->path);
  char *above = path_of(r, f->parent);
  char *path = above == NULL ? NULL : path_in(above, f->name);
  free(above);
  return path;
}

/** As often as the caller wants, and where there are too many descriptors, it is for JavaScript. */
static bool is_retried(const struct removal *r, int error) {
  if (error == -EMFILE || error == -ENFILE)
    return true;
  bool wanted = slot_number(slot_words(r->m, r->slot), NUMBERS_C) > 0;
  return wanted && (error == -EBUSY || error == -ENOTEMPTY || error == -EPERM);
}

/** What failed is a folder, or something in it. */
static void fail(struct removal *r, const char *syscall, int error,
                 const struct folder *f, const char *name) {
  char *path = path_of(r, f);
  if (path != NULL && name != NULL) {
    char *below = path_in(path, name);
    free(path);
    path = below;
  }
  pthread_mutex_lock(&r->list.lock);
  r->declined |= is_retried(r, error);
  if (r->error == 0) {
    r->error = error;
    r->syscall = syscall;
    r->failed = path;
    path = NULL;
  }
  pthread_mutex_unlock(&r->list.lock);
  free(path);
}

static bool is_full(int error) {
  return error == -ENOTEMPTY || error == -EEXIST || error == -EPERM;
}

/** Whether it, and what is above it, may go. */
static bool remove_empty(struct removal *r, struct folder *f) {
  if (f->stays)
    return false;
  int error = calls->unlink(parent_fd(r, f), f->name, AT_REMOVEDIR);
  if (error == 0 || error == -ENOENT)
    return true;
  if (f->unread != 0 && is_full(error))
    fail(r, "scandir", f->unread, f, NULL);
  else
    fail(r, "rmdir", error, f, NULL);
  return false;
}

/** One thing less is left in the folder: with the last one it goes, and is one less in its own. */
static void leave(struct removal *r, struct folder *f) {
  while (f != NULL &&
         __atomic_sub_fetch(&f->pending, 1, __ATOMIC_ACQ_REL) == 0) {
    struct folder *parent = f->parent;
    if (f->fd >= 0)
      calls->close(f->fd);
    if (!remove_empty(r, f) && parent != NULL)
      __atomic_store_n(&parent->stays, true, __ATOMIC_RELEASE);
    free(f);
    f = parent;
  }
}

static struct folder *folder_of(struct folder *parent, const char *name) {
  size_t bytes = strlen(name) + 1;
  struct folder *f = malloc(sizeof *f + bytes);
  if (f == NULL)
    return NULL;
  *f = (struct folder){.parent = parent, .fd = -1, .pending = 1};
  memcpy(f->name, name, bytes);
  return f;
}

static void add_folder(struct removal *r, struct folder *f, const char *name) {
  struct folder *below = folder_of(f, name);
  if (below == NULL) {
    fail(r, "scandir", -ENOMEM, f, name);
    f->stays = true;
    return;
  }
  __atomic_add_fetch(&f->pending, 1, __ATOMIC_RELAXED);
  work_list_add(&r->list, &below->item);
}

/** 0: it is gone. 1: it is a folder that is not empty. Below 0: -errno in `syscall`. */
static int remove_file(int folder, const char *name, const char **syscall) {
  *syscall = "unlink";
  int error = calls->unlink(folder, name, 0);
  if (error == 0 || error == -ENOENT)
    return 0;
  // A folder that was made in its place, or that only root may unlink.
  if (error != -EISDIR && error != -EPERM)
    return error;
  int second = calls->unlink(folder, name, AT_REMOVEDIR);
  if (second == 0 || second == -ENOENT)
    return 0;
  if (second == -ENOTDIR)
    return error;
  if (is_full(second))
    return 1;
  *syscall = "rmdir";
  return second;
}

static void remove_entry(struct removal *r, struct folder *f,
                         const uint8_t *entry) {
  const char *name = entry_name(entry), *syscall;
  int left = *entry == TYPE_FOLDER ? 1 : remove_file(f->fd, name, &syscall);
  if (left > 0)
    add_folder(r, f, name);
  if (left >= 0)
    return;
  fail(r, syscall, left, f, name);
  __atomic_store_n(&f->stays, true, __ATOMIC_RELEASE);
}

static void empty(struct removal *r, struct folder *f) {
  bool is_top = f->parent == NULL;
  // What the top was found by may be a path that starts nowhere.
  uint64_t resolve = is_top && r->top.folder == AT_FDCWD ? 0 : r->resolve;
  int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK;
  f->fd = place_open(parent_fd(r, f), f->name, flags, 0, resolve);
  if (f->fd < 0) {
    f->unread = f->fd;
    return;
  }
  struct listing l = {0};
  f->unread = listing_read(&l, f->fd, false, slot_words(r->m, r->slot));
  const uint8_t *entry = l.entries.data;
  for (size_t i = 0; i < l.count && !is_cancelled(r); i++) {
    remove_entry(r, f, entry);
    entry = entry_next(entry);
  }
  listing_free(&l);
}

static void run(struct work_list *list, struct work_item *item) {
  struct removal *r = (struct removal *)list;
  struct folder *f = (struct folder *)item;
  if (!is_cancelled(r))
    empty(r, f);
  if (is_cancelled(r))
    __atomic_store_n(&f->stays, true, __ATOMIC_RELEASE);
  leave(r, f);
}

static int32_t remove_all(struct removal *r) {
  struct folder *top = folder_of(NULL, r->top.path);
  if (top == NULL)
    return -ENOMEM;
  work_list_open(&r->list, run);
  work_list_add(&r->list, &top->item);
  work_list_finish(&r->list);
  int32_t result = 0;
  if (is_cancelled(r))
    result = -ECANCELED;
  else if (r->declined)
    result = SPECIAL_DECLINED;
  else if (r->error < 0)
    result = job_fail(r->m, r->slot, r->error, r->syscall, r->failed, NULL);
  free(r->failed);
  return result;
}

/** What is to be removed: its mode, or -errno. */
static int64_t mode_of(const struct memory *m, int slot) {
  struct place place;
  int result = place_find(m, slot, -1, PLACE_ITSELF, &place);
  if (result < 0)
    return result;
  struct statx stats;
  result = calls->statx(place.folder, place.path, AT_SYMLINK_NOFOLLOW, &stats);
  place_leave(&place);
  return result < 0 ? result : stats.stx_mode;
}

static int32_t remove_found(struct removal *r, bool is_folder) {
  const char *syscall;
  if (!is_folder) {
    int left = remove_file(r->top.folder, r->top.path, &syscall);
    if (left < 0)
      return is_retried(r, left)
                 ? SPECIAL_DECLINED
                 : job_fail(r->m, r->slot, left, syscall, r->path, NULL);
    return left == 0 ? 0 : remove_all(r);
  }
  // A link with a slash behind it looks like a folder, and is not to be emptied as one.
  int error = calls->unlink(r->top.folder, r->top.path, AT_REMOVEDIR);
  return error == 0 || error == -ENOTDIR ? 0 : remove_all(r);
}

int32_t sys_rmtree(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  bool recursive = slot_number(w, NUMBERS_A) != 0;
  bool force = slot_number(w, NUMBERS_B) != 0;
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return SPECIAL_DECLINED;
  int64_t mode = mode_of(m, slot);
  if (mode == -ENOENT && force)
    return 0;
  if (mode < 0)
    return job_fail(m, slot, (int)mode, "lstat", path, NULL);
  bool is_folder = S_ISDIR(mode);
  if (is_folder && !recursive)
    return SPECIAL_DECLINED; // Node has words of its own for that.
  struct removal r = {
      .m = m, .slot = slot, .path = path, .resolve = slot_resolve(w)};
  int found = place_find(m, slot, -1, PLACE_NAME, &r.top);
  if (found < 0)
    return job_fail(m, slot, found, is_folder ? "rmdir" : "unlink", path, NULL);
  int32_t result = remove_found(&r, is_folder);
  place_leave(&r.top);
  return result;
}

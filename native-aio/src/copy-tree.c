// Copies a file, a link or a tree: see copy-tree.h. It knows what goes where, and not why it may.
#include "copy-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy-file.h"
#include "sys-ops.h"
#include "syscalls.h"
#include "times.h"

enum {
  MODE_BITS = 07777,
  NEW_FOLDER_MODE = 0777,
  MS_PER_S = 1000,
  /** The files of a folder are worth another thread once one has copied so much of them, or so many. */
  OFFER_FROM_BYTES = 128 << 10,
  OFFER_FROM_FILES = 16,
};

/** One folder on its way. */
struct copied {
  struct work_item item;
  struct copied *above;
  const struct tree_folder *source;
  /** Where it is in the folders above, by its name. */
  const char *from_name, *to_name;
  int from_above, to_above;
  int from, to;
  /** The entry that is taken next. */
  size_t next;
  /** Folders in it that are still on their way, its offer, and each thread that copies from it. */
  int left;
};

// --- failures ---

/** Paths of what lies in a folder: the root's, the folder's own behind it, the name. */
static void show(const struct copy *c, const struct pair *p, bool of_target,
                 char *to) {
  const char *base = of_target ? c->to_base : c->from_base;
  const char *below = "";
  if (p->in == NULL)
    base = of_target ? p->to_name : p->from_name;
  else if (p->in->above != NULL)
    below = p->in->source->path + strlen(c->from_base);
  const char *parts[] = {base, below, *below == 0 ? "" : "/",
                         p->in == NULL ? "" : p->from_name};
  char *end = to + PATH_BYTES - 1;
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    size_t bytes = strnlen(parts[i], (size_t)(end - to));
    memcpy(to, parts[i], bytes);
    to += bytes;
  }
  *to = 0;
}

/** Under the lock: whether one thread alone had not come to the failure before this entry. */
static bool is_before_failure(const struct copy *c, const struct copied *in,
                              size_t entry) {
  return c->failed_in != NULL && c->failed_in == in && entry < c->failed_entry;
}

/** Notes the first one. */
static void note(struct copy *c, const struct pair *p, int error,
                 const char *call, const char *path, const char *dest) {
  pthread_mutex_lock(&c->lock);
  if (c->error == 0 || is_before_failure(c, p->in, p->entry)) {
    c->failed_in = p->entry == NO_ENTRY ? NULL : p->in;
    c->failed_entry = p->entry;
    c->failed_call = call;
    snprintf(c->failed_path, PATH_BYTES, "%s", path);
    snprintf(c->failed_dest, PATH_BYTES, "%s", dest);
    __atomic_store_n(&c->error, error, __ATOMIC_SEQ_CST);
  }
  pthread_mutex_unlock(&c->lock);
}

static void fail(struct copy *c, int error, const char *call,
                 const struct pair *p, bool of_target) {
  char path[PATH_BYTES];
  show(c, p, of_target, path);
  note(c, p, error, call, path, "");
}

static void fail_from_to(struct copy *c, int error, const char *call,
                         const struct pair *p) {
  char path[PATH_BYTES], dest[PATH_BYTES];
  show(c, p, false, path);
  show(c, p, true, dest);
  note(c, p, error, call, path, dest);
}

static bool goes_on(const struct copy *c) {
  return __atomic_load_n(&c->error, __ATOMIC_SEQ_CST) == 0 &&
         !slot_cancelled(c->words);
}

// --- one file, one link ---

/** Node goes by way of milliseconds. */
static struct timespec rounded(struct statx_timestamp t) {
  double ns = (double)((int64_t)t.tv_sec * 1000000000 + t.tv_nsec);
  return time_of_seconds(floor(ns / 1e6 + 0.5) / MS_PER_S, TIME_NODE);
}

/** Looked at again: reading the source has changed when it was last read. */
static bool copy_times(struct copy *c, const struct pair *p) {
  struct statx stats;
  int result = calls->statx(p->from, p->from_name, 0, &stats);
  if (result < 0) {
    fail(c, result, "stat", p, false);
    return false;
  }
  const struct timespec times[2] = {rounded(stats.stx_atime),
                                    rounded(stats.stx_mtime)};
  result = calls->utimes(p->to, p->to_name, times, 0);
  if (result < 0)
    fail(c, result, "utime", p, true);
  return result == 0;
}

static bool copy_recorded(struct copy *c, const struct pair *p,
                          struct copy_record *record) {
  const struct copy_end from = {p->from, p->from_name, 0};
  const struct copy_end to = {p->to, p->to_name, 0};
  struct copy_target target;
  int result =
      copy_file(&from, &to, c->how, &c->words[SLOT_CANCELLED], &target, record);
  if (result < 0) {
    if (target.opened)
      calls->unlink(p->to, p->to_name, 0);
    // It was a file when it was listed.
    fail_from_to(c, result == SPECIAL_DECLINED ? -EINVAL : result, "copyfile",
                 p);
    return false;
  }
  return (c->switches & PRESERVE_TIMESTAMPS) == 0 || copy_times(c, p);
}

bool copy_one_file(struct copy *c, const struct pair *p) {
  return copy_recorded(c, p, &(struct copy_record){0});
}

/** As path.resolve(): by the text alone. False: it is too long. */
static bool resolve_text(const char *base, const char *path, char *to) {
  char all[3 * PATH_BYTES];
  int bytes = snprintf(all, sizeof all, "%s/%s", base, path);
  if (bytes >= (int)sizeof all)
    return false;
  char *end = to;
  for (const char *at = all; *at != 0;) {
    size_t part = strcspn(at, "/");
    if (part == 2 && at[0] == '.' && at[1] == '.') {
      while (end > to && *--end != '/') {
      }
    } else if (part > 0 && !(part == 1 && *at == '.')) {
      if (end - to + (ptrdiff_t)part + 2 > PATH_BYTES)
        return false;
      *end++ = '/';
      memcpy(end, at, part);
      end += part;
    }
    at += part + (at[part] == '/');
  }
  if (end == to)
    *end++ = '/';
  *end = 0;
  return true;
}

/** The absolute path of where the source starts: 0 or -errno. */
static int start_path(const int32_t *w, char *to) {
  if (slot_wd(w) == AT_FDCWD)
    return getcwd(to, PATH_BYTES) == NULL ? -errno : 0;
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", slot_wd(w));
  int bytes = calls->readlink(AT_FDCWD, link, to, PATH_BYTES - 1);
  if (bytes >= 0)
    to[bytes] = 0;
  return bytes < 0 ? bytes : 0;
}

/** Where a link leads, from the folder that it is in: 0 or -errno. */
static int absolute_target(const struct copy *c, const struct pair *p,
                           char *target) {
  char path[PATH_BYTES], start[PATH_BYTES] = "";
  char folder[2 * PATH_BYTES + sizeof "//.."];
  show(c, p, false, path);
  int result = path[0] == '/' ? 0 : start_path(c->words, start);
  if (result < 0)
    return result;
  snprintf(folder, sizeof folder, "%s/%s/..", start, path);
  char resolved[PATH_BYTES];
  if (!resolve_text(folder, target, resolved))
    return -ENAMETOOLONG;
  memcpy(target, resolved, sizeof resolved);
  return 0;
}

bool copy_link(struct copy *c, const struct pair *p) {
  char target[PATH_BYTES];
  int result =
      calls->readlink(p->from, p->from_name, target, sizeof target - 1);
  if (result < 0) {
    fail(c, result, "readlink", p, false);
    return false;
  }
  target[result] = 0;
  result = 0;
  if ((c->switches & VERBATIM_SYMLINKS) == 0 && target[0] != '/')
    result = absolute_target(c, p, target);
  if (result == 0)
    result = calls->symlink(target, p->to, p->to_name);
  if (result < 0) {
    char path[PATH_BYTES];
    show(c, p, true, path);
    note(c, p, result, "symlink", target, path);
  }
  return result == 0;
}

// --- folders ---

static struct pair pair_of(const struct copied *f) {
  return (struct pair){f->from_above, f->to_above, f->from_name,
                       f->to_name,    f->above,    NO_ENTRY};
}

static void let_go(const struct copied *f) {
  if (f->from >= 0)
    calls->close(f->from);
  if (f->to >= 0)
    calls->close(f->to);
}

/** All that was in it is there: its times, its mode. */
static void complete(struct copy *c, const struct copied *f) {
  struct pair p = pair_of(f);
  struct statx stats;
  bool times = (c->switches & TIMES_OF_FOLDERS) != 0 &&
               (c->switches & PRESERVE_TIMESTAMPS) != 0;
  if (times && !copy_times(c, &p))
    return;
  int result = calls->statx(f->from, "", AT_EMPTY_PATH, &stats);
  if (result == 0)
    result = calls->chmod(f->to, ".", stats.stx_mode & MODE_BITS);
  if (result < 0)
    fail(c, result, "chmod", &p, true);
}

/** One thing less is on its way in it. */
static void leave(struct copy *c, struct copied *f) {
  while (f != NULL && __atomic_sub_fetch(&f->left, 1, __ATOMIC_SEQ_CST) == 0) {
    struct copied *above = f->above;
    if (f->to >= 0 && goes_on(c))
      complete(c, f);
    let_go(f);
    free(f);
    f = above;
  }
}

static struct copied *new_copied(struct copied *above,
                                 const struct tree_folder *source,
                                 const struct pair *p) {
  struct copied *f = malloc(sizeof *f);
  if (f != NULL)
    *f = (struct copied){.above = above,
                         .source = source,
                         .from_name = p->from_name,
                         .to_name = p->to_name,
                         .from_above = p->from,
                         .to_above = p->to,
                         .from = -1,
                         .to = -1,
                         .left = 1};
  return f;
}

/** Makes the folder, and opens both. */
static bool begin(struct copy *c, struct copied *f) {
  struct pair p = pair_of(f);
  const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW;
  int result = calls->mkdir(f->to_above, f->to_name, NEW_FOLDER_MODE);
  if (result < 0) {
    fail(c, result, "mkdir", &p, true);
    return false;
  }
  f->from = calls->open(f->from_above, f->from_name, flags, 0);
  if (f->from < 0) {
    fail(c, f->from, "opendir", &p, false);
    return false;
  }
  f->to = calls->open(f->to_above, f->to_name, flags, 0);
  if (f->to < 0)
    fail(c, f->to, "open", &p, true);
  return f->to >= 0;
}

/** Those in it are on the list, with none of their own begun; false: it has failed. */
static bool add_folders(struct work_list *l, struct copied *f) {
  const struct listing *list = &f->source->list;
  const struct tree_folder *below = f->source->first;
  for (size_t entry = 0; below != NULL && entry < list->count; entry++) {
    const uint8_t *at = listing_entry(list, entry);
    if (*at != ENTRY_FOLDER)
      continue;
    const char *name = (const char *)at + 1;
    struct pair p = {f->from, f->to, name, name, f, NO_ENTRY};
    struct copied *folder = new_copied(f, below, &p);
    if (folder == NULL) {
      fail(l->state, -ENOMEM, "mkdir", &p, true);
      return false;
    }
    below = below->sibling;
    __atomic_add_fetch(&f->left, 1, __ATOMIC_SEQ_CST);
    work_list_add(l, &folder->item);
  }
  return true;
}

/** One thread that copies entries of a folder. */
struct turn {
  struct work_list *list;
  struct copied *folder;
  uint64_t bytes;
  size_t files;
  bool offered;
};

/** To whatever thread has nothing else to do. */
static void offer_rest(struct turn *t) {
  struct copied *f = t->folder;
  if (__atomic_load_n(&f->next, __ATOMIC_SEQ_CST) >= f->source->list.count)
    return;
  t->offered = true;
  __atomic_add_fetch(&f->left, 1, __ATOMIC_SEQ_CST);
  work_list_offer(t->list, &f->item);
}

/** The rest is offered before a large file is copied, and not after it. */
static void count_file(void *state, uint64_t size) {
  struct turn *t = state;
  t->bytes += size;
  t->files++;
  bool is_worth = t->bytes >= OFFER_FROM_BYTES || t->files >= OFFER_FROM_FILES;
  if (is_worth && !t->offered)
    offer_rest(t);
}

/**
 * Entry after entry, beside whoever else has come; false: it has failed, or is not wanted any more. What is taken is
 * copied, whatever fails meanwhile: so all that comes before the entry that failed is there.
 */
static bool copy_entries(struct copy *c, struct turn *t) {
  struct copied *f = t->folder;
  const struct listing *list = &f->source->list;
  while (goes_on(c)) {
    size_t entry = __atomic_fetch_add(&f->next, 1, __ATOMIC_SEQ_CST);
    if (entry >= list->count)
      return true;
    const uint8_t *at = listing_entry(list, entry);
    const char *name = (const char *)at + 1;
    struct pair p = {f->from, f->to, name, name, f, entry};
    struct copy_record record = {.begins = count_file, .state = t};
    if (*at == ENTRY_FILE && !copy_recorded(c, &p, &record))
      return false;
    if (*at == ENTRY_LINK && !copy_link(c, &p))
      return false;
  }
  return false;
}

static void visit(struct work_list *l, struct work_item *item) {
  struct copy *c = l->state;
  struct copied *f = (struct copied *)item;
  struct turn turn = {.list = l, .folder = f};
  bool is_offer = f->to >= 0;
  if (is_offer)
    offer_rest(&turn);
  bool begun = is_offer || (begin(c, f) && add_folders(l, f));
  if (!begun || !copy_entries(c, &turn))
    work_list_stop(l);
  if (work_list_withdraw(l, item))
    leave(c, f);
  leave(c, f);
}

void copy_folder(struct copy *c, const struct pair *p,
                 const struct tree_folder *source) {
  struct copied *root = new_copied(NULL, source, p);
  struct work_list l;
  if (root == NULL) {
    fail(c, -ENOMEM, "mkdir", p, true);
    return;
  }
  work_list_open(&l, visit, c);
  work_list_add(&l, &root->item);
  work_list_run(&l);
  for (struct work_item *item; (item = work_list_drop(&l)) != NULL;)
    leave(c, (struct copied *)item);
  work_list_close(&l);
}

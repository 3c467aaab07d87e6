// cp: a file, a link or a tree to where nothing is yet, by several threads where it is large. A tree is read first; what
// is refused, or lies within limits, or is written over something, is left to JavaScript as long as nothing was changed.
// It knows what may be copied; copy-tree.c does it.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "copy-tree.h"
#include "job.h"
#include "resolve.h"
#include "stats.h"
#include "sys-ops.h"
#include "syscalls.h"

/**
 * Whether the target's folder is there, and neither it nor one above it, by whatever path, is the source. `path` is
 * without "..", and ends in a slash.
 */
static bool is_elsewhere(int folder, const char *path,
                         const struct statx *source) {
  char above[PATH_BYTES + 1];
  struct statx stats, before = {0};
  snprintf(above, sizeof above, "%s", path);
  above[strlen(above) - 1] = 0;
  bool absolute = path[0] == '/';
  for (char *end = strrchr(above, '/'); end != NULL && end != above;
       end = strrchr(above, '/')) {
    *end = 0;
    if (calls->statx(folder, above, 0, &stats) < 0 ||
        !S_ISDIR(stats.stx_mode) || stats_are_of_one_file(source, &stats))
      return false;
  }
  // From the folder that a relative path starts in, up to the root.
  snprintf(above, sizeof above, absolute ? "/" : ".");
  for (size_t used = strlen(above);;) {
    if (calls->statx(folder, above, 0, &stats) < 0 ||
        stats_are_of_one_file(source, &stats))
      return false;
    if (absolute || stats_are_of_one_file(&before, &stats))
      return true;
    before = stats;
    if (used + 4 > sizeof above)
      return false;
    memcpy(above + used, "/..", 4);
    used += 3;
  }
}

static bool takes(int type) {
  return type == ENTRY_FILE || type == ENTRY_FOLDER || type == ENTRY_LINK;
}

/** 1: it can be copied here; else SPECIAL_DECLINED. */
static int look(const struct copy *c, const struct pair *p,
                struct statx *source) {
  const int32_t *w = c->words;
  struct statx target;
  bool ours =
      (c->switches & DEREFERENCE) == 0 && slot_resolve(w) == 0 &&
      slot_resolve2(w) == 0 &&
      calls->statx(p->from, p->from_name, AT_SYMLINK_NOFOLLOW, source) == 0 &&
      calls->statx(p->to, p->to_name, AT_SYMLINK_NOFOLLOW, &target) ==
          -ENOENT &&
      is_elsewhere(p->to, c->to_base, source);
  return ours ? 1 : SPECIAL_DECLINED;
}

static int32_t copy_root(struct copy *c, const struct pair *p) {
  struct statx source;
  if (look(c, p, &source) != 1)
    return SPECIAL_DECLINED;
  switch (source.stx_mode & S_IFMT) {
  case S_IFREG:
    copy_one_file(c, p);
    return c->error;
  case S_IFLNK:
    copy_link(c, p);
    return c->error;
  case S_IFDIR:
    break;
  default:
    return SPECIAL_DECLINED;
  }
  if ((c->switches & RECURSIVE) == 0)
    return SPECIAL_DECLINED;
  struct tree tree = {.words = c->words, .takes = takes};
  bool read = tree_read(&tree, p->from_name);
  if (read)
    copy_folder(c, p, tree.root);
  tree_free(&tree);
  return read ? c->error : SPECIAL_DECLINED;
}

static bool ends_in_slash(const char *path) {
  size_t bytes = strlen(path);
  return bytes == 0 || path[bytes - 1] == '/';
}

/** Both paths have to be plain ones, as text says what they lead to. */
static bool take_base(const char *path, char *base) {
  if (ends_in_slash(path) || !tree_base(path, base))
    return false;
  size_t bytes = strlen(base);
  return bytes > 1;
}

int32_t sys_cptree(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char from[PATH_BYTES], to[PATH_BYTES];
  struct copy c = {.words = w,
                   .switches = (unsigned)slot_integer(w, NUMBERS_A),
                   .how = (unsigned)slot_integer(w, NUMBERS_B)};
  if (!slot_copy_path(m, slot, from, sizeof from) ||
      !slot_copy_path2(m, slot, to, sizeof to) ||
      !take_base(from, c.from_base) || !take_base(to, c.to_base))
    return SPECIAL_DECLINED;
  const struct pair p = {slot_wd(w), slot_wd2(w), from, to, NULL, NO_ENTRY};
  pthread_mutex_init(&c.lock, NULL);
  int32_t result = copy_root(&c, &p);
  pthread_mutex_destroy(&c.lock);
  if (slot_cancelled(w))
    return -ECANCELED;
  if (c.error == 0)
    return result;
  const char *dest = c.failed_dest[0] == 0 ? NULL : c.failed_dest;
  return job_fail(m, slot, c.error, c.failed_call, c.failed_path, dest);
}

// Where a path leads in the end: by the C library, or link by link as fs.realpath goes, which shortens ".." by text
// alone and says at which link it failed. It knows paths, and nothing of what is there but whether it is a link.
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "job.h"
#include "resolve.h"
#include "sys-ops.h"
#include "syscalls.h"

static int32_t give(const struct memory *m, int slot, const char *text) {
  size_t bytes = strlen(text);
  uint8_t *room = job_room(m, slot, bytes);
  if (room == NULL)
    return -ENOMEM;
  memcpy(room, text, bytes);
  return 0;
}

int32_t sys_realpath(const struct memory *m, int slot) {
  struct place at;
  int result = place_find_path(m, slot, PLACE_TARGET, &at);
  if (result < 0)
    return result;
  char *text = realpath(at.path, NULL);
  result = text == NULL ? -errno : give(m, slot, text);
  free(text);
  place_leave(&at);
  return result;
}

enum {
  /** Of what is left of a path when a link's text has been put in front. */
  WALK_BYTES = 2 * PATH_BYTES,
  /** The kernel follows 40 at once, so a path of that many folders. */
  LINKS_MAX = 40 * PATH_BYTES,
};

struct walk {
  /** Absolute, without ".", ".." and double slashes. */
  char path[WALK_BYTES];
  size_t bytes;
};

/** Goes on from what the walk has so far, by text: path.resolve. False: too long. */
static bool append(struct walk *walk, const char *path) {
  if (path[0] == '/')
    walk->bytes = 0;
  for (const char *part = path; *part != 0; part += *part == '/') {
    size_t length = strcspn(part, "/");
    bool up = length == 2 && part[0] == '.' && part[1] == '.';
    if (up)
      while (walk->bytes > 0 && walk->path[--walk->bytes] != '/') {
      }
    else if (length > 0 && !(length == 1 && part[0] == '.')) {
      if (walk->bytes + length + 2 > WALK_BYTES)
        return false;
      walk->path[walk->bytes++] = '/';
      memcpy(walk->path + walk->bytes, part, length);
      walk->bytes += length;
    }
    part += length;
  }
  walk->path[walk->bytes] = 0;
  return true;
}

static int32_t fail(const struct memory *m, int slot, int error,
                    const char *syscall, const char *path) {
  return job_fail(m, slot, error, syscall, path, NULL);
}

/** Puts what the link at `base` leads to in its place; where it begins in the path is `start`. */
static int32_t follow(const struct memory *m, int slot, struct walk *walk,
                      const char *base, size_t start) {
  struct statx stats;
  int result = calls->statx(AT_FDCWD, base, 0, &stats);
  if (result < 0)
    return fail(m, slot, result, "stat", base);
  char target[PATH_BYTES];
  result = calls->readlink(AT_FDCWD, base, target, sizeof target - 1);
  if (result < 0)
    return fail(m, slot, result, "readlink", base);
  target[result] = 0;
  char rest[WALK_BYTES];
  size_t end = strlen(base);
  memcpy(rest, walk->path + end, walk->bytes - end + 1);
  // A rest begins with a slash, which would make it absolute.
  const char *behind = rest[0] == '/' ? rest + 1 : rest;
  walk->bytes = start;
  return append(walk, target) && append(walk, behind) ? 0 : SPECIAL_DECLINED;
}

int32_t sys_realpathWalk(const struct memory *m, int slot) {
  char path[PATH_BYTES];
  struct walk walk = {.bytes = 0};
  const int32_t *w = slot_words(m, slot);
  if (!slot_copy_path(m, slot, path, sizeof path) || path[0] != '/' ||
      slot_wd(w) != AT_FDCWD || !append(&walk, path))
    return SPECIAL_DECLINED;
  char base[WALK_BYTES];
  int links = 0;
  for (size_t at = 0; at < walk.bytes;) {
    size_t end = at + 1 + strcspn(walk.path + at + 1, "/");
    memcpy(base, walk.path, end);
    base[end] = 0;
    struct statx stats;
    int result = calls->statx(AT_FDCWD, base, AT_SYMLINK_NOFOLLOW, &stats);
    if (result < 0)
      return fail(m, slot, result, "lstat", base);
    if (!S_ISLNK(stats.stx_mode)) {
      at = end;
      continue;
    }
    result = follow(m, slot, &walk, base, at);
    if (result == 0 && ++links > LINKS_MAX)
      result = SPECIAL_DECLINED;
    if (result != 0)
      return result;
    at = 0;
  }
  return give(m, slot, walk.bytes == 0 ? "/" : walk.path);
}

// Opens paths within limits; see resolve.h.
#include "resolve.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "syscalls.h"

#ifndef O_TMPFILE
#define O_TMPFILE 020200000
#endif

enum {
  /** A rename anywhere may make the kernel unsure of a "..": it then says EAGAIN. */
  TRIES_MAX = 256,
  MODE_BITS = 07777,
};

int place_open(int folder, const char *path, int flags, unsigned mode,
               uint64_t resolve) {
  if (resolve == 0)
    return calls->open(folder, path, flags, mode);
  // What open() leaves unlooked at, openat2() refuses.
  if ((flags & O_PATH) != 0)
    flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  int fd = -EAGAIN;
  for (int tries = 0; fd == -EAGAIN && tries < TRIES_MAX; tries++)
    fd = calls->open_within(folder, path, flags, makes ? mode & MODE_BITS : 0,
                            resolve);
  return fd;
}

int place_stat(int folder, const char *path, int flags, uint64_t resolve,
               struct statx *stats) {
  if (resolve == 0)
    return calls->statx(folder, path, flags, stats);
  bool link = (flags & AT_SYMLINK_NOFOLLOW) != 0;
  int fd =
      place_open(folder, path, O_PATH | (link ? O_NOFOLLOW : 0), 0, resolve);
  if (fd < 0)
    return fd;
  int result = calls->statx(fd, "", AT_EMPTY_PATH, stats);
  calls->close(fd);
  return result;
}

/** Opens what is above the last part, and leaves that part alone in the path. */
static int enter_parent(struct place *place, size_t end, uint64_t resolve) {
  char *path = place->path;
  size_t at = end;
  while (at > 0 && path[at - 1] != '/')
    at--;
  char above[PATH_BYTES];
  memcpy(above, path, at);
  above[at] = 0;
  const char *parent = at == 0 ? "." : above;
  place->fd =
      place_open(place->folder, parent, O_PATH | O_DIRECTORY, 0, resolve);
  if (place->fd < 0)
    return place->fd;
  place->folder = place->fd;
  memmove(path, path + at, strlen(path + at) + 1);
  return 0;
}

/** A part that is no name: it, or what ends in slashes, is a folder, which is followed. */
static bool is_followed(const char *path, size_t end, enum place_way way) {
  if (end == 0 || path[end - 1] == '/')
    return true;
  if (way == PLACE_ITSELF && path[end] == '/')
    return true;
  size_t dots = 0;
  while (dots < end && path[end - 1 - dots] == '.')
    dots++;
  bool alone = dots == end || path[end - 1 - dots] == '/';
  return alone && (dots == 1 || dots == 2);
}

static int limit(struct place *place, enum place_way way, uint64_t resolve) {
  char *path = place->path;
  size_t end = strlen(path);
  while (end > 1 && path[end - 1] == '/')
    end--;
  bool followed = way == PLACE_TARGET || is_followed(path, end, way);
  // The last part may be where another file system begins.
  if (!followed && way == PLACE_ITSELF && (resolve & RESOLVE_NO_XDEV) != 0) {
    int last = place_open(place->folder, path, O_PATH | O_NOFOLLOW, 0, resolve);
    if (last < 0)
      return last;
    calls->close(last);
  }
  if (!followed)
    return enter_parent(place, end, resolve);
  int folder = way == PLACE_TARGET ? 0 : O_DIRECTORY;
  place->fd = place_open(place->folder, path, O_PATH | folder, 0, resolve);
  if (place->fd < 0)
    return place->fd;
  snprintf(path, PATH_BYTES, "/proc/self/fd/%d%s", place->fd,
           folder == 0 ? "" : "/.");
  place->folder = AT_FDCWD;
  return 0;
}

static int find(struct place *place, enum place_way way, uint64_t resolve) {
  place->fd = -1;
  return resolve == 0 ? 0 : limit(place, way, resolve);
}

int place_find(const struct memory *m, int slot, int at, enum place_way way,
               struct place *place) {
  const int32_t *w = slot_words(m, slot);
  if (!slot_copy_path(m, slot, place->path, sizeof place->path))
    return -ENAMETOOLONG;
  place->folder = at < 0 ? slot_wd(w) : at;
  return find(place, way, at < 0 ? slot_resolve(w) : 0);
}

int place_find2(const struct memory *m, int slot, int at, enum place_way way,
                struct place *place) {
  const int32_t *w = slot_words(m, slot);
  if (!slot_copy_path2(m, slot, place->path, sizeof place->path))
    return -ENAMETOOLONG;
  place->folder = at < 0 ? slot_wd2(w) : at;
  return find(place, way, at < 0 ? slot_resolve2(w) : 0);
}

int place_find_text(const int32_t *w, const char *path, enum place_way way,
                    struct place *place) {
  size_t bytes = strlen(path) + 1;
  if (bytes > sizeof place->path)
    return -ENAMETOOLONG;
  memcpy(place->path, path, bytes);
  place->folder = slot_wd(w);
  return find(place, way, slot_resolve(w));
}

int place_find_path(const struct memory *m, int slot, enum place_way way,
                    struct place *place) {
  int result = place_find(m, slot, -1, way, place);
  if (result < 0 || place->folder == AT_FDCWD || place->path[0] == '/' ||
      place->path[0] == 0)
    return result;
  char path[PATH_BYTES];
  int length = snprintf(path, sizeof path, "/proc/self/fd/%d/%s", place->folder,
                        place->path);
  if (length < (int)sizeof path) {
    memcpy(place->path, path, (size_t)length + 1);
    return 0;
  }
  place_leave(place);
  return -ENAMETOOLONG;
}

void place_leave(const struct place *place) {
  if (place->fd >= 0)
    calls->close(place->fd);
}

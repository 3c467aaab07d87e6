// Folders made with all that is above them, as Node's mkdir -p does, and folders of a unique name. Each is made where
// the request's path leads within its limits; what lies in them is not known here.
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "job.h"
#include "resolve.h"
#include "sys-ops.h"
#include "syscalls.h"

static int make(const int32_t *w, const char *path, unsigned mode) {
  struct place at;
  int result = place_find_text(w, path, PLACE_NAME, &at);
  if (result < 0)
    return result;
  result = calls->mkdir(at.folder, at.path, mode);
  place_leave(&at);
  return result;
}

static int32_t give(const struct memory *m, int slot, const char *text) {
  size_t bytes = strlen(text);
  uint8_t *room = job_room(m, slot, bytes);
  if (room == NULL)
    return -ENOMEM;
  memcpy(room, text, bytes);
  return 0;
}

/** Failures that no folder above can cure, and that say nothing of what is there. */
static bool is_final(int error) {
  return error == -EACCES || error == -ENOSPC || error == -ENOTDIR ||
         error == -EPERM;
}

/** What could not be made may be there: a folder is as good as one that was made. */
static int existing(const int32_t *w, const char *path, int error,
                    bool is_last) {
  struct statx stats;
  int result = place_stat(slot_wd(w), path, 0, slot_resolve(w), &stats);
  bool is_above = error == -EEXIST && !is_last;
  if (result == -ENOENT && is_above)
    return -ENOTDIR; // a link that leads nowhere
  if (result < 0)
    return result;
  if (S_ISDIR(stats.stx_mode))
    return 0;
  return is_above ? -ENOTDIR : -EEXIST;
}

/** The way up to a folder that is there, and back: where each path that is still to be made ends. */
struct way_back {
  uint16_t ends[PATH_BYTES];
  int count;
};

/** Cuts the last part off, to come back to it. False: there is nothing above. */
static bool go_up(struct way_back *back, char *path, size_t *end) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL || slash == path)
    return false;
  back->ends[back->count++] = (uint16_t)*end;
  *end = (size_t)(slash - path);
  path[*end] = 0;
  return true;
}

/** Whether the folder that the last part of a path is to be made in is there. */
static bool is_above_there(const int32_t *w, char *path) {
  char *slash = strrchr(path, '/');
  if (slash == NULL || slash == path)
    return true;
  struct statx stats;
  *slash = 0;
  int result = place_stat(slot_wd(w), path, 0, slot_resolve(w), &stats);
  *slash = '/';
  return result == 0;
}

int32_t sys_mkdirp(const struct memory *m, int slot) {
  int32_t *w = slot_words(m, slot);
  unsigned mode = (unsigned)slot_integer(w, NUMBERS_A);
  char whole[PATH_BYTES], path[PATH_BYTES];
  if (!slot_copy_path(m, slot, whole, sizeof whole))
    return -ENAMETOOLONG;
  struct way_back back = {.count = 0};
  size_t end = strlen(whole), first = 0;
  bool comes_back = false;
  memcpy(path, whole, end + 1);
  for (;;) {
    int result = make(w, path, mode);
    if (result == 0 && first == 0)
      first = end;
    // Where nothing can be made (/proc) it says so of a folder whose own is there.
    bool hopeless = comes_back && result == -ENOENT && is_above_there(w, path);
    comes_back = false;
    if (result == -ENOENT && !hopeless && go_up(&back, path, &end))
      continue;
    if (result < 0 && !is_final(result))
      result = existing(w, path, result, back.count == 0);
    // As Node, which names the folder that could not be made.
    if (result < 0)
      return job_fail(m, slot, result, "mkdir", path, NULL);
    if (back.count == 0)
      break;
    comes_back = true;
    size_t next = back.ends[--back.count];
    memcpy(path + end, whole + end, next - end);
    end = next;
    path[end] = 0;
  }
  w[SLOT_OUT_BYTES] = -1;
  whole[first] = 0;
  return first == 0 ? 0 : give(m, slot, whole);
}

// --- unique names ---

enum { UNIQUE_BYTES = 6, TRIES_MAX = 1 << 16, OWN_MODE = 0700 };

static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static int put_unique(char *to) {
  uint32_t random[UNIQUE_BYTES];
  ssize_t bytes;
  do
    bytes = syscall(SYS_getrandom, random, sizeof random, 0);
  while (bytes == -1 && errno == EINTR);
  if (bytes != (ssize_t)sizeof random)
    return -EIO;
  for (int i = 0; i < UNIQUE_BYTES; i++)
    to[i] = letters[random[i] % (sizeof letters - 1)];
  return 0;
}

/** Makes one and leaves its name at the end of `path`. */
static int make_unique(const int32_t *w, char *path) {
  struct place at;
  int result = place_find_text(w, path, PLACE_NAME, &at);
  if (result < 0)
    return result;
  char *name = at.path + strlen(at.path) - UNIQUE_BYTES;
  result = -EEXIST;
  for (int tries = 0; result == -EEXIST && tries < TRIES_MAX; tries++) {
    result = put_unique(name);
    if (result == 0)
      result = calls->mkdir(at.folder, at.path, OWN_MODE);
  }
  if (result == 0)
    memcpy(path + strlen(path) - UNIQUE_BYTES, name, UNIQUE_BYTES);
  place_leave(&at);
  return result;
}

int32_t sys_mkdtemp(const struct memory *m, int slot) {
  char path[PATH_BYTES + UNIQUE_BYTES];
  if (!slot_copy_path(m, slot, path, PATH_BYTES))
    return SPECIAL_DECLINED;
  strcat(path, "XXXXXX");
  int result = make_unique(slot_words(m, slot), path);
  if (result < 0)
    return job_fail(m, slot, result, "mkdtemp", path, NULL);
  return give(m, slot, path);
}

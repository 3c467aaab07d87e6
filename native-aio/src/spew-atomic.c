// A file written whole or not at all: beside its target, for its owner only, then renamed over it. The order of
// the steps, and why it is that one, is in src/ops/atomic.ts, which this follows step by step.
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "job.h"
#include "resolve.h"
#include "sys-ops.h"
#include "syscalls.h"

enum {
  KEEP_MODE = -1,
  NEW_MODE = 0666,
  OWNER_ONLY = 0600,
  MODE_BITS = 07777,
  SET_ID_BITS = 06000,
  LINKS_MAX = 40,
};

struct replacement {
  const struct memory *m;
  int slot;
  int64_t mode;
  bool durable;
  /** What the path leads to, and the file beside it. */
  char target[PATH_BYTES], temporary[PATH_BYTES];
  /** How much of both is the folder, with its slash. */
  size_t folder_bytes;
  /** What failed, as it is reported of the caller's file. */
  const char *syscall;
};

/** Notes which call it was, where it failed. */
static int64_t tell(struct replacement *r, const char *syscall,
                    int64_t result) {
  if (result < 0)
    r->syscall = syscall;
  return result;
}

// --- what the path leads to ---

/** 0 or -errno. */
static int true_path(const char *path, char *to) {
  char *text = realpath(path, NULL);
  if (text == NULL)
    return -errno;
  size_t bytes = strlen(text) + 1;
  bool fits = bytes <= PATH_BYTES;
  if (fits)
    memcpy(to, text, bytes);
  free(text);
  return fits ? 0 : -ENAMETOOLONG;
}

/** Bytes up to the last slash, and that; 0: there is none. */
static size_t folder_bytes_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

static int join(char *to, const char *folder, const char *name) {
  size_t bytes = strlen(folder);
  const char *slash = bytes > 0 && folder[bytes - 1] == '/' ? "" : "/";
  int length = snprintf(to, PATH_BYTES, "%s%s%s", folder, slash, name);
  return length < PATH_BYTES ? 0 : -ENAMETOOLONG;
}

/** The true path of a name in its folder, be there anything or not. */
static int in_true_folder(const char *path, char *folder, char *to) {
  char above[PATH_BYTES];
  size_t bytes = folder_bytes_of(path);
  memcpy(above, bytes == 0 ? "./" : path, bytes == 0 ? 2 : bytes);
  above[bytes == 0 ? 2 : bytes] = 0;
  int result = true_path(above, folder);
  return result < 0 ? result : join(to, folder, path + bytes);
}

/** A link stays, and what it leads to is replaced, or made. 0 or -errno. */
static int find_target(struct replacement *r, char *path) {
  char folder[PATH_BYTES], led[PATH_BYTES];
  for (int links = 0; links < LINKS_MAX; links++) {
    int result = true_path(path, r->target);
    if (result != -ENOENT)
      return result;
    result = in_true_folder(path, folder, r->target);
    if (result < 0)
      return result;
    int bytes = calls->readlink(AT_FDCWD, r->target, led, sizeof led - 1);
    if (bytes == -ENOENT || bytes == -EINVAL)
      return 0;
    if (bytes < 0)
      return bytes;
    led[bytes] = 0;
    result = led[0] == '/' ? (memcpy(path, led, (size_t)bytes + 1), 0)
                           : join(path, folder, led);
    if (result < 0)
      return result;
  }
  return true_path(path, r->target);
}

/** From the folder where the request starts, by its true name: whoever syncs it later is given that. */
static int starting_path(const struct memory *m, int slot, char *path) {
  char given[PATH_BYTES], folder[PATH_BYTES], link[64];
  if (!slot_copy_path(m, slot, given, sizeof given))
    return -ENAMETOOLONG;
  int wd = slot_wd(slot_words(m, slot));
  if (wd == AT_FDCWD || given[0] == '/' || given[0] == 0) {
    memcpy(path, given, strlen(given) + 1);
    return 0;
  }
  snprintf(link, sizeof link, "/proc/self/fd/%d", wd);
  int result = true_path(link, folder);
  return result < 0 ? result : join(path, folder, given);
}

static int find_both(struct replacement *r) {
  char path[PATH_BYTES], temporary[PATH_BYTES];
  int result = starting_path(r->m, r->slot, path);
  if (result == 0)
    result = find_target(r, path);
  if (result < 0)
    return result;
  if (!slot_copy_path2(r->m, r->slot, temporary, sizeof temporary))
    return -ENAMETOOLONG;
  // Only its last part counts: it is made beside what the path leads to.
  const char *name = temporary + folder_bytes_of(temporary);
  r->folder_bytes = folder_bytes_of(r->target);
  int length = snprintf(r->temporary, PATH_BYTES, "%.*s%s",
                        (int)r->folder_bytes, r->target, name);
  return length < PATH_BYTES ? 0 : -ENAMETOOLONG;
}

// --- owner and mode ---

static int change_mode(struct replacement *r, int fd, unsigned mode) {
  int result;
  do
    result = fchmod(fd, mode);
  while (result == -1 && errno == EINTR);
  return (int)tell(r, "fchmod", result == -1 ? -errno : 0);
}

/** 1: it is theirs now. 0: that owner is not ours to give. */
static int give(struct replacement *r, int fd, uid_t uid, gid_t gid) {
  int result;
  do
    result = fchown(fd, uid, gid);
  while (result == -1 && errno == EINTR);
  if (result == 0)
    return 1;
  if (errno == EPERM || errno == EINVAL)
    return 0;
  return (int)tell(r, "fchown", -errno);
}

/** Makes it whose the old file is, as far as may be. The mode that it may have, or -errno. */
static int take_over(struct replacement *r, int fd, const struct statx *before,
                     unsigned mode) {
  struct statx own;
  int result = (int)tell(r, "fstat", calls->statx(fd, "", AT_EMPTY_PATH, &own));
  if (result < 0)
    return result;
  uid_t uid = before->stx_uid;
  gid_t gid = before->stx_gid;
  bool same_group = own.stx_gid == gid;
  int whole = own.stx_uid == uid && same_group ? 1 : give(r, fd, uid, gid);
  if (whole < 0)
    return whole;
  int group = whole || same_group ? 1 : give(r, fd, (uid_t)-1, gid);
  if (group < 0)
    return group;
  bool keeps = r->mode == KEEP_MODE;
  if (keeps && !whole)
    mode &= ~(unsigned)SET_ID_BITS;
  // Another group may do no more than anybody.
  if (keeps && !group)
    mode = (mode & ~070u) | ((mode & 07u) << 3);
  return (int)mode;
}

/** Before the first byte. The mode of the file that is to be (0: what open gave it), or -errno. */
static int guard(struct replacement *r, int fd, const struct statx *before,
                 unsigned mode) {
  if (before == NULL && r->mode == KEEP_MODE)
    return 0;
  int final = before == NULL ? (int)mode : take_over(r, fd, before, mode);
  if (final < 0)
    return final;
  int result = change_mode(r, fd, (unsigned) final);
  return result < 0 ? result : final;
}

// --- the file ---

static int fill(struct replacement *r, int fd, const struct statx *before,
                unsigned mode) {
  const int32_t *w = slot_words(r->m, r->slot);
  int final = guard(r, fd, before, mode);
  if (final < 0)
    return final;
  int64_t result =
      tell(r, "write",
           file_write_all(fd, slot_data(r->m, w), (size_t)w[SLOT_DATA_BYTES]));
  // A write takes them away.
  if (result == 0 && (final & SET_ID_BITS) != 0)
    result = change_mode(r, fd, (unsigned) final);
  if (result == 0 && r->durable)
    result = tell(r, "fsync", calls->fsync(fd, false));
  return (int)result;
}

/** What others know by its name (/dev/null) would be a file from then on. A folder the rename refuses in its own words. */
static bool is_special(const struct statx *old) {
  mode_t type = old->stx_mode & S_IFMT;
  return type != S_IFREG && type != S_IFDIR;
}

/** The temporary file is gone at the end, whatever happened. 0 or -errno. */
static int replace(struct replacement *r) {
  struct statx old;
  int result = calls->statx(AT_FDCWD, r->target, 0, &old);
  if (result < 0 && result != -ENOENT)
    return (int)tell(r, "stat", result);
  const struct statx *before = result == 0 ? &old : NULL;
  if (before != NULL && is_special(before))
    return (int)tell(r, "rename", -EINVAL);
  bool fresh = before == NULL && r->mode == KEEP_MODE;
  unsigned mode = NEW_MODE;
  if (r->mode != KEEP_MODE)
    mode = (unsigned)r->mode & MODE_BITS;
  else if (before != NULL)
    mode = before->stx_mode & MODE_BITS;
  int fd =
      calls->open(AT_FDCWD, r->temporary, O_WRONLY | O_CREAT | O_EXCL,
                  fresh ? (unsigned)NEW_MODE : mode & (unsigned)OWNER_ONLY);
  if (fd < 0)
    return (int)tell(r, "open", fd);
  result = fill(r, fd, before, mode);
  int closed = calls->close(fd);
  if (result == 0)
    result = (int)tell(r, "close", closed);
  if (result == 0 && slot_cancelled(slot_words(r->m, r->slot)))
    result = -ECANCELED;
  if (result == 0)
    result =
        (int)tell(r, "rename",
                  calls->rename(AT_FDCWD, r->temporary, AT_FDCWD, r->target));
  if (result < 0)
    calls->unlink(AT_FDCWD, r->temporary, 0);
  return result;
}

/** With the folder's own fsync, unless that is left to the caller. */
static int replace_durably(struct replacement *r, bool shares_sync) {
  char folder[PATH_BYTES];
  memcpy(folder, r->target, r->folder_bytes);
  folder[r->folder_bytes] = 0;
  // What cannot be synced afterwards fails here, with nothing changed.
  int fd = calls->open(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0)
    return (int)tell(r, "open", fd);
  int result = replace(r);
  if (result == 0 && !shares_sync)
    result = (int)tell(r, "fsync", calls->fsync(fd, false));
  calls->close(fd);
  return result;
}

int32_t sys_spewAtomic(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  bool shares_sync = slot_number(w, NUMBERS_C) == 0;
  struct replacement r = {
      .m = m,
      .slot = slot,
      .mode = slot_integer(w, NUMBERS_A),
      .durable = slot_number(w, NUMBERS_B) != 0,
  };
  // To find the target is a part of opening it, as writeFile reports it.
  int result = (int)tell(&r, "open", find_both(&r));
  if (result == 0)
    result = r.durable ? replace_durably(&r, shares_sync) : replace(&r);
  if (result == -ECANCELED)
    return result;
  if (result < 0) {
    char path[PATH_BYTES];
    if (!slot_copy_path(m, slot, path, sizeof path))
      path[0] = 0;
    return job_fail(m, slot, result, r.syscall, path, NULL);
  }
  if (!r.durable || !shares_sync)
    return 0;
  uint8_t *room = job_room(m, slot, r.folder_bytes);
  if (room == NULL)
    return -ENOMEM;
  memcpy(room, r.target, r.folder_bytes);
  return 0;
}

/** Opens, syncs, closes: a folder after a rename. */
int32_t sys_syncPath(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  int fd = place_open(slot_wd(w), path, O_RDONLY, 0, slot_resolve(w));
  if (fd < 0)
    return job_fail(m, slot, fd, "open", path, NULL);
  int result = calls->fsync(fd, false);
  calls->close(fd);
  return result < 0 ? job_fail(m, slot, result, "fsync", NULL, NULL) : 0;
}

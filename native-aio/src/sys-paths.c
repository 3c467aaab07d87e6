// Paths, from a folder's descriptor where one is given, and what statx knows beyond stat.
#include "sys-ops.h"

#include <linux/openat2.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "syscalls.h"

/** As the caller decodes them: src/api/sys/statx.ts has the same order. */
enum { STATX_FIELDS = 22 };

/** A time that nanoseconds in 64 bits cannot hold wraps; no file has one. */
static int64_t to_ns(struct statx_timestamp t) {
  return (int64_t)((uint64_t)t.tv_sec * 1000000000u + t.tv_nsec);
}

static int32_t put_statx(const struct memory *m, int slot, int fd,
                         const char *path, int flags) {
  const int32_t *w = slot_words(m, slot);
  unsigned mask = (unsigned)slot_integer(w, NUMBERS_B);
  struct statx s = {0};
  int64_t answer;
  do
    answer = syscall(SYS_statx, fd, path, flags, mask, &s);
  while (answer == -1 && errno == EINTR);
  if (answer == -1)
    return -errno;
  const int64_t fields[STATX_FIELDS] = {
      s.stx_mask,
      s.stx_blksize,
      (int64_t)s.stx_attributes,
      (int64_t)s.stx_attributes_mask,
      s.stx_nlink,
      s.stx_uid,
      s.stx_gid,
      s.stx_mode,
      (int64_t)s.stx_ino,
      (int64_t)s.stx_size,
      (int64_t)s.stx_blocks,
      to_ns(s.stx_atime),
      to_ns(s.stx_btime),
      to_ns(s.stx_ctime),
      to_ns(s.stx_mtime),
      s.stx_rdev_major,
      s.stx_rdev_minor,
      s.stx_dev_major,
      s.stx_dev_minor,
      (int64_t)s.stx_mnt_id,
      s.stx_dio_mem_align,
      s.stx_dio_offset_align,
  };
  memcpy(slot_block(m, slot), fields, sizeof fields);
  return STATX_FIELDS;
}

int32_t sys_statx(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  int flags = (int)slot_integer(w, NUMBERS_A);
  bool link = (flags & AT_SYMLINK_NOFOLLOW) != 0;
  struct place place;
  int found = place_find(m, slot, w[SLOT_FD],
                         link ? PLACE_ITSELF : PLACE_TARGET, &place);
  if (found < 0)
    return found;
  int32_t result = put_statx(m, slot, place.folder, place.path, flags);
  place_leave(&place);
  return result;
}

int32_t sys_fstatx(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  int flags = (int)slot_integer(w, NUMBERS_A) | AT_EMPTY_PATH;
  return put_statx(m, slot, w[SLOT_FD], "", flags);
}

static int32_t answer_of(long answer) {
  return answer == -1 ? -errno : (int32_t)answer;
}

int32_t sys_renameat2(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  struct place from, to;
  int found = place_find(m, slot, w[SLOT_FD], PLACE_NAME, &from);
  if (found < 0)
    return found;
  int at = (int)slot_integer(w, NUMBERS_A);
  found = place_find2(m, slot, at, PLACE_NAME, &to);
  if (found >= 0) {
    long answer;
    do
      answer = syscall(SYS_renameat2, from.folder, from.path, to.folder,
                       to.path, (unsigned)slot_integer(w, NUMBERS_B));
    while (answer == -1 && errno == EINTR);
    found = answer_of(answer);
    place_leave(&to);
  }
  place_leave(&from);
  return found;
}

int32_t sys_mknod(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  struct place place;
  int found = place_find(m, slot, w[SLOT_FD], PLACE_NAME, &place);
  if (found < 0)
    return found;
  unsigned device = (unsigned)makedev((unsigned)slot_integer(w, NUMBERS_B),
                                      (unsigned)slot_integer(w, NUMBERS_C));
  long answer;
  do
    answer = syscall(SYS_mknodat, place.folder, place.path,
                     (unsigned)slot_integer(w, NUMBERS_A), device);
  while (answer == -1 && errno == EINTR);
  found = answer_of(answer);
  place_leave(&place);
  return found;
}

/** Where the path of an op that opens starts, and its limits. */
static int start_of(const int32_t *w) {
  return w[SLOT_FD] < 0 ? slot_wd(w) : w[SLOT_FD];
}
static uint64_t limits_of(const int32_t *w) {
  return w[SLOT_FD] < 0 ? slot_resolve(w) : 0;
}

int32_t sys_openat(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  return place_open(start_of(w), path, (int)slot_integer(w, NUMBERS_A),
                    (unsigned)slot_integer(w, NUMBERS_B), limits_of(w));
}

/** EAGAIN is a result here (a rename raced with RESOLVE_BENEATH), not a reason to go on. */
int32_t sys_openat2(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  struct open_how how = {
      .flags = (uint64_t)(uint32_t)slot_integer(w, NUMBERS_A) | O_CLOEXEC,
      .mode = (uint64_t)slot_integer(w, NUMBERS_B),
      .resolve = (uint64_t)slot_integer(w, NUMBERS_C) | limits_of(w),
  };
  SYS_ANSWER(syscall(SYS_openat2, start_of(w), path, &how, sizeof how));
}

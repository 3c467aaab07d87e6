// Ops on paths and descriptors that are one system call each. A path is found first (resolve.h), as the op treats
// its last part; what the call does is the kernel's.
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "job.h"
#include "resolve.h"
#include "sys-ops.h"
#include "syscalls.h"
#include "times.h"

/** A call on one place; 0 or more, or -errno. */
typedef int32_t call_at(const struct memory *m, int slot,
                        const struct place *at);

static int32_t at_place(const struct memory *m, int slot, enum place_way way,
                        call_at *call) {
  struct place at;
  int found = place_find(m, slot, -1, way, &at);
  if (found < 0)
    return found;
  int32_t result = call(m, slot, &at);
  place_leave(&at);
  return result;
}

static unsigned number_of(const struct memory *m, int slot, int number) {
  return (unsigned)slot_integer(slot_words(m, slot), number);
}

static int32_t access_at(const struct memory *m, int slot,
                         const struct place *at) {
  int mode = (int)number_of(m, slot, NUMBERS_A);
  SYS_ANSWER(faccessat(at->folder, at->path, mode, 0));
}
int32_t sys_access(const struct memory *m, int slot) {
  return at_place(m, slot, PLACE_TARGET, access_at);
}

static int32_t chmod_at(const struct memory *m, int slot,
                        const struct place *at) {
  return calls->chmod(at->folder, at->path, number_of(m, slot, NUMBERS_A));
}
int32_t sys_chmod(const struct memory *m, int slot) {
  return at_place(m, slot, PLACE_TARGET, chmod_at);
}

static int32_t chown_at(const struct memory *m, int slot,
                        const struct place *at) {
  return calls->chown(at->folder, at->path, number_of(m, slot, NUMBERS_A),
                      number_of(m, slot, NUMBERS_B), 0);
}
int32_t sys_chown(const struct memory *m, int slot) {
  return at_place(m, slot, PLACE_TARGET, chown_at);
}

static int32_t lchown_at(const struct memory *m, int slot,
                         const struct place *at) {
  return calls->chown(at->folder, at->path, number_of(m, slot, NUMBERS_A),
                      number_of(m, slot, NUMBERS_B), AT_SYMLINK_NOFOLLOW);
}
int32_t sys_lchown(const struct memory *m, int slot) {
  return at_place(m, slot, PLACE_ITSELF, lchown_at);
}

/** What is no number is for Node to refuse. */
static int32_t set_times(const int32_t *w, int folder, const char *path,
                         int flags) {
  double a = slot_number(w, NUMBERS_A), b = slot_number(w, NUMBERS_B);
  if (!isfinite(a) || !isfinite(b))
    return SPECIAL_DECLINED;
  int form = (int)slot_number(w, NUMBERS_C);
  const struct timespec times[2] = {time_of_seconds(a, form),
                                    time_of_seconds(b, form)};
  return calls->utimes(folder, path, times, flags);
}

static int32_t utimes_at(const struct memory *m, int slot,
                         const struct place *at) {
  return set_times(slot_words(m, slot), at->folder, at->path, 0);
}
int32_t sys_utimes(const struct memory *m, int slot) {
  return at_place(m, slot, PLACE_TARGET, utimes_at);
}

static int32_t lutimes_at(const struct memory *m, int slot,
                          const struct place *at) {
  return set_times(slot_words(m, slot), at->folder, at->path,
                   AT_SYMLINK_NOFOLLOW);
}
int32_t sys_lutimes(const struct memory *m, int slot) {
  return at_place(m, slot, PLACE_ITSELF, lutimes_at);
}

int32_t sys_futimes(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  return set_times(w, w[SLOT_FD], NULL, 0);
}

static int32_t readlink_at(const struct memory *m, int slot,
                           const struct place *at) {
  char text[PATH_BYTES];
  int bytes = calls->readlink(at->folder, at->path, text, sizeof text);
  if (bytes < 0)
    return bytes;
  uint8_t *room = job_room(m, slot, (size_t)bytes);
  if (room == NULL)
    return -ENOMEM;
  memcpy(room, text, (size_t)bytes);
  return 0;
}
int32_t sys_readlink(const struct memory *m, int slot) {
  return at_place(m, slot, PLACE_ITSELF, readlink_at);
}

static int32_t unlink_at(const struct memory *m, int slot,
                         const struct place *at) {
  return (void)m, (void)slot, calls->unlink(at->folder, at->path, 0);
}
int32_t sys_unlink(const struct memory *m, int slot) {
  return at_place(m, slot, PLACE_NAME, unlink_at);
}

static int32_t rmdir_at(const struct memory *m, int slot,
                        const struct place *at) {
  return (void)m, (void)slot, calls->unlink(at->folder, at->path, AT_REMOVEDIR);
}
int32_t sys_rmdir(const struct memory *m, int slot) {
  return at_place(m, slot, PLACE_NAME, rmdir_at);
}

static int32_t mkdir_at(const struct memory *m, int slot,
                        const struct place *at) {
  return calls->mkdir(at->folder, at->path, number_of(m, slot, NUMBERS_A));
}
int32_t sys_mkdir(const struct memory *m, int slot) {
  return at_place(m, slot, PLACE_NAME, mkdir_at);
}

/** The numbers of statfs, in the order of STATFS_FIELDS in src/api/files/stats.ts. */
static int32_t put_statfs(const struct memory *m, int slot,
                          const struct statfs *s) {
  const uint64_t fields[] = {
      (uint64_t)s->f_type, (uint64_t)s->f_bsize,  s->f_blocks,
      s->f_bfree,          s->f_bavail,           s->f_files,
      s->f_ffree,          (uint64_t)s->f_frsize,
  };
  enum { FIELDS = sizeof fields / sizeof fields[0] };
  if (number_of(m, slot, NUMBERS_A) != 0) {
    memcpy(slot_block(m, slot), fields, sizeof fields);
    return FIELDS;
  }
  double *doubles = (double *)slot_block(m, slot);
  for (int i = 0; i < FIELDS; i++)
    doubles[i] = (double)fields[i];
  return FIELDS;
}

int32_t sys_statfs(const struct memory *m, int slot) {
  struct place at;
  int result = place_find_path(m, slot, PLACE_TARGET, &at);
  if (result < 0)
    return result;
  struct statfs stats;
  do
    result = statfs(at.path, &stats);
  while (result == -1 && errno == EINTR);
  result = result == -1 ? -errno : put_statfs(m, slot, &stats);
  place_leave(&at);
  return result;
}

static int32_t
at_two_places(const struct memory *m, int slot, enum place_way way,
              int (*call)(int, const char *, int, const char *)) {
  struct place from, to;
  int result = place_find(m, slot, -1, way, &from);
  if (result < 0)
    return result;
  result = place_find2(m, slot, -1, PLACE_NAME, &to);
  if (result >= 0) {
    result = call(from.folder, from.path, to.folder, to.path);
    place_leave(&to);
  }
  place_leave(&from);
  return result;
}

int32_t sys_link(const struct memory *m, int slot) {
  return at_two_places(m, slot, PLACE_ITSELF, calls->link);
}
int32_t sys_rename(const struct memory *m, int slot) {
  return at_two_places(m, slot, PLACE_NAME, calls->rename);
}

/** What the link says is the first path, which leads nowhere yet. */
int32_t sys_symlink(const struct memory *m, int slot) {
  char target[PATH_BYTES];
  struct place at;
  if (!slot_copy_path(m, slot, target, sizeof target))
    return -ENAMETOOLONG;
  int result = place_find2(m, slot, -1, PLACE_NAME, &at);
  if (result < 0)
    return result;
  result = calls->symlink(target, at.folder, at.path);
  place_leave(&at);
  return result;
}

int32_t sys_ftruncate(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  return calls->truncate(w[SLOT_FD], slot_offset(w, NUMBERS_A));
}

int32_t sys_fchmod(const struct memory *m, int slot) {
  int fd = slot_words(m, slot)[SLOT_FD];
  SYS_ANSWER(fchmod(fd, number_of(m, slot, NUMBERS_A)));
}

int32_t sys_fchown(const struct memory *m, int slot) {
  int fd = slot_words(m, slot)[SLOT_FD];
  SYS_ANSWER(
      fchown(fd, number_of(m, slot, NUMBERS_A), number_of(m, slot, NUMBERS_B)));
}

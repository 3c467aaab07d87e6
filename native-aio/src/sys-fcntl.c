// Calls whose commands are numbers: a file system's own description, and fcntl and ioctl, whose argument is a
// number or memory of the caller's. What a command means is known to the kernel alone.
#include "sys-ops.h"

#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "resolve.h"
#include "syscalls.h"

/** As the caller decodes them: src/api/eio/statvfs.ts has the same order. */
enum { STATVFS_FIELDS = 11 };

static int32_t put_statvfs(const struct memory *m, int slot, int fd) {
  struct statvfs s;
  int answer;
  do
    answer = fstatvfs(fd, &s);
  while (answer == -1 && errno == EINTR);
  if (answer == -1)
    return -errno;
  const int64_t fields[STATVFS_FIELDS] = {
      (int64_t)s.f_bsize, (int64_t)s.f_frsize,  (int64_t)s.f_blocks,
      (int64_t)s.f_bfree, (int64_t)s.f_bavail,  (int64_t)s.f_files,
      (int64_t)s.f_ffree, (int64_t)s.f_favail,  (int64_t)s.f_fsid,
      (int64_t)s.f_flag,  (int64_t)s.f_namemax,
  };
  memcpy(slot_block(m, slot), fields, sizeof fields);
  return STATVFS_FIELDS;
}

int32_t sys_fstatvfs(const struct memory *m, int slot) {
  return put_statvfs(m, slot, slot_words(m, slot)[SLOT_FD]);
}

/** By a descriptor that permits nothing else: there is no statvfs that starts in a folder. */
int32_t sys_statvfs(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  int fd = place_open(slot_wd(w), path, O_PATH, 0, slot_resolve(w));
  if (fd < 0)
    return fd;
  int32_t result = put_statvfs(m, slot, fd);
  calls->close(fd);
  return result;
}

/** Memory where some is given, else the number. */
static void *argument_of(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  if (w[SLOT_DATA_BYTES] != 0)
    return slot_data(m, w);
  return (void *)(intptr_t)slot_integer(w, NUMBERS_B);
}

int32_t sys_fcntl(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  int command = (int)slot_integer(w, NUMBERS_A);
  SYS_ANSWER(fcntl(w[SLOT_FD], command, argument_of(m, slot)));
}

int32_t sys_ioctl(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  unsigned request = (unsigned)slot_integer(w, NUMBERS_A);
  SYS_ANSWER(ioctl(w[SLOT_FD], request, argument_of(m, slot)));
}

// Locks of whole files (flock) and of ranges (of the open file description), and dup2. A lock that is
// waited for holds this thread, and nothing of ours can free it: only whoever has the lock.
#include "sys-ops.h"

#include <sys/file.h>
#include <unistd.h>

/** Doubles that a lock in the way is written in: type, start, length, process. */
enum { LOCK_DOUBLES = 4 };

int32_t sys_flock(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  SYS_ANSWER(flock(w[SLOT_FD], (int)slot_integer(w, NUMBERS_A)));
}

static struct flock lock_of(const int32_t *w) {
  return (struct flock){
      .l_type = (short)slot_integer(w, NUMBERS_A),
      .l_whence = SEEK_SET,
      .l_start = slot_position(w),
      .l_len = slot_integer(w, NUMBERS_B),
  };
}

int32_t sys_ofdLock(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  struct flock lock = lock_of(w);
  bool waits = slot_integer(w, NUMBERS_C) != 0;
  SYS_ANSWER(fcntl(w[SLOT_FD], waits ? F_OFD_SETLKW : F_OFD_SETLK, &lock));
}

int32_t sys_ofdQuery(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  struct flock lock = lock_of(w);
  if (fcntl(w[SLOT_FD], F_OFD_GETLK, &lock) == -1)
    return -errno;
  const double fields[LOCK_DOUBLES] = {lock.l_type, (double)lock.l_start,
                                       (double)lock.l_len, lock.l_pid};
  memcpy(slot_block(m, slot), fields, sizeof fields);
  return LOCK_DOUBLES;
}

/** dup3 refuses two equal descriptors; dup2 returns what is open already. */
int32_t sys_dup2(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  int from = w[SLOT_FD];
  int to = (int)slot_integer(w, NUMBERS_A);
  bool cloexec = slot_integer(w, NUMBERS_B) != 0;
  SYS_ANSWER(cloexec && from != to ? dup3(from, to, O_CLOEXEC)
                                   : dup2(from, to));
}

// Data from one descriptor to another inside the kernel. Where it cannot (other file systems, no
// pipe) the kernel's refusal is the result; only a sendfile that a sandbox denies is done otherwise.
#include "sys-ops.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "send-bytes.h"

/** What the kernel is given as an offset: below 0 it is the descriptor's own. */
struct offset {
  loff_t at;
  loff_t *pos;
};

#define OFFSET(name, value)                                                    \
  struct offset name = {.at = (value)};                                        \
  name.pos = name.at < 0 ? NULL : &name.at

int32_t sys_sendfile(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  int in = (int)slot_integer(w, NUMBERS_A);
  size_t count = (size_t)slot_integer(w, NUMBERS_B);
  return (int32_t)send_bytes(w[SLOT_FD], in, slot_position(w), count);
}

int32_t sys_splice(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  int out = (int)slot_integer(w, NUMBERS_A);
  size_t count = (size_t)slot_integer(w, NUMBERS_C);
  unsigned flags = (unsigned)slot_integer(w, NUMBERS_D);
  OFFSET(from, slot_position(w));
  OFFSET(to, slot_integer(w, NUMBERS_B));
  SYS_ANSWER(splice(w[SLOT_FD], from.pos, out, to.pos, count, flags));
}

int32_t sys_tee(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  SYS_ANSWER(tee(w[SLOT_FD], (int)slot_integer(w, NUMBERS_A),
                 (size_t)slot_integer(w, NUMBERS_B),
                 (unsigned)slot_integer(w, NUMBERS_C)));
}

int32_t sys_copyFileRange(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  int out = (int)slot_integer(w, NUMBERS_A);
  size_t count = (size_t)slot_integer(w, NUMBERS_C);
  OFFSET(from, slot_position(w));
  OFFSET(to, slot_integer(w, NUMBERS_B));
  // The raw call: glibc 2.17, which the prebuilt binary wants, has no function for it.
  SYS_ANSWER(syscall(SYS_copy_file_range, w[SLOT_FD], from.pos, out, to.pos,
                     count, 0U));
}

/** A range where a position is given, else the whole file. */
int32_t sys_reflink(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  int64_t source = slot_integer(w, NUMBERS_A);
  if (slot_position(w) < 0) {
    SYS_ANSWER(ioctl(w[SLOT_FD], FICLONE, source));
  }
  struct file_clone_range range = {
      .src_fd = source,
      .src_offset = (uint64_t)slot_integer(w, NUMBERS_B),
      .src_length = (uint64_t)slot_integer(w, NUMBERS_C),
      .dest_offset = (uint64_t)slot_position(w),
  };
  SYS_ANSWER(ioctl(w[SLOT_FD], FICLONERANGE, &range));
}

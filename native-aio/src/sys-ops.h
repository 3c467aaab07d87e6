// The ops of eio.sys, one function each by the op's own name, and what they share. Each is a system
// call on the calling thread, which may block; it answers the op's number or -errno.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>

#include "ops.gen.h"
#include "slot.h"

// Hidden also where it is only declared: an op without a function is then an error of the linker.
#define DECLARE(name, code)                                                    \
  __attribute__((visibility("hidden")))                                        \
  int32_t sys_##name(const struct memory *, int slot);
EIO_SYS_OPS(DECLARE)
#undef DECLARE

/** Makes a call again that a signal broke off: it has done nothing yet. Answers as the kernel. */
#define SYS_ANSWER(call)                                                       \
  int64_t answer;                                                              \
  do                                                                           \
    answer = (call);                                                           \
  while (answer == -1 && errno == EINTR);                                      \
  return answer == -1 ? -errno : (int32_t)answer

/** Operands a to d; none is beyond the 53 bits of a double. */
static inline int64_t slot_integer(const int32_t *words, int number) {
  return (int64_t)slot_number(words, number);
}

/** The folder that a path starts from: none told is the process's own. */
static inline int slot_folder(int fd) { return fd < 0 ? AT_FDCWD : fd; }

/** The second path lies behind the first one, in the same block. */
static inline bool slot_copy_path2(const struct memory *m, int slot, char *to,
                                   size_t room) {
  const int32_t *w = slot_words(m, slot);
  size_t length = (size_t)(uint32_t)w[SLOT_PATH2];
  if (length >= room)
    return false;
  memcpy(to, slot_block(m, slot) + (uint32_t)w[SLOT_PATH], length);
  to[length] = 0;
  return true;
}

static inline bool slot_cancelled(const int32_t *words) {
  return __atomic_load_n(&words[SLOT_CANCELLED], __ATOMIC_SEQ_CST) != 0;
}

// The ops, one function each by the op's own name, and what they share. Each is a system
// call on the calling thread, which may block; it returns the op's number or -errno.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>

#include "ops.gen.h"
#include "resolve.h"
#include "slot.h"

// Hidden also where it is only declared: an op without a function is then an error of the linker.
#define DECLARE(name, code)                                                    \
  __attribute__((visibility("hidden")))                                        \
  int32_t sys_##name(const struct memory *, int slot);
EIO_SYS_OPS(DECLARE)
EIO_OPS(DECLARE)
#undef DECLARE

/** Makes a call again that a signal broke off: it has done nothing yet. Returns what the kernel does. */
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

static inline bool slot_cancelled(const int32_t *words) {
  return __atomic_load_n(&words[SLOT_CANCELLED], __ATOMIC_SEQ_CST) != 0;
}

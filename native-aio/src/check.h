// In a debug build (-DEIO_DEBUG): what a slot says is looked at before the kernel is told, and the process
// aborts with the slot and the register that is wrong. Elsewhere nothing of this is compiled.
#pragma once

#include "slot.h"

#ifdef EIO_DEBUG
/** Native code takes a slot. */
void slot_check(const struct memory *memory, int slot);
#else
static inline void slot_check(const struct memory *memory, int slot) {
  (void)memory, (void)slot;
}
#endif

/**
 * Native code gives a slot back. Between this and the next slot_check() there are Atomics of JavaScript,
 * which ThreadSanitizer does not see: it has to be told that they order what both sides do.
 */
#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *);
void __tsan_release(void *);
static inline void slot_leave(const struct memory *memory, int slot) {
  __tsan_release(slot_words(memory, slot));
}
#else
static inline void slot_leave(const struct memory *memory, int slot) {
  (void)memory, (void)slot;
}
#endif

// What a slot says is looked at when native code takes it: garbage is refused, instead of being handed to the
// kernel or to memory that is not ours. A debug build (-DEIO_DEBUG) looks closer, and aborts.
#pragma once

#include "slot.h"

/** Native code takes a slot: NULL, or what is wrong with it, in a text that holds until the next one. */
const char *slot_take(const struct memory *memory, int slot);

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

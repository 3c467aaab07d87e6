// What a slot says is looked at when native code takes it: garbage is refused, instead of being handed to the
// kernel or to memory that is not ours. A debug build (-DEIO_DEBUG) looks closer, and aborts.
#pragma once

#include "slot.h"

/** Native code takes a slot: NULL, or what is wrong with it, in a text that holds until the next one. */
const char *slot_take(const struct memory *memory, int slot);

/**
 * Native code has a slot, with its block and its data, from slot_enter() to slot_leave(). Between one's leaving and the
 * other's entering there are Atomics of JavaScript, which order what both do and which ThreadSanitizer does not see:
 * these two show it to it. By the memory and not by the slot, for data goes from one slot to another.
 */
#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *);
void __tsan_release(void *);
static inline void slot_enter(const struct memory *memory, int slot) {
  (void)slot;
  __tsan_acquire(memory->words);
}
static inline void slot_leave(const struct memory *memory, int slot) {
  (void)slot;
  __tsan_release(memory->words);
}
#else
static inline void slot_enter(const struct memory *memory, int slot) {
  (void)memory, (void)slot;
}
static inline void slot_leave(const struct memory *memory, int slot) {
  (void)memory, (void)slot;
}
#endif

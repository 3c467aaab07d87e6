// In a debug build (-DEIO_DEBUG): what a slot says is looked at before the kernel is told, and the process
// aborts with the slot and the register that is wrong. Elsewhere nothing of this is compiled.
#pragma once

#include "slot.h"

#ifdef EIO_DEBUG
void slot_check(const struct memory *memory, int slot);
#else
static inline void slot_check(const struct memory *memory, int slot) {
  (void)memory, (void)slot;
}
#endif

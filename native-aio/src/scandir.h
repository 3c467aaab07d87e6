// A folder's entries, sorted, in the compact form in which they travel: types, then names.
#pragma once

#include "slot.h"

/** How many entries, -errno, or SPECIAL_DECLINED: a tree, unknown types, or more than fits. */
int32_t scandir_run(const struct memory *memory, int slot);

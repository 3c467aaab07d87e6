// A folder with everything below it, for recursive readdir. It changes nothing, so all that goes wrong is left to
// JavaScript, which finds it again and says so as Node does.
#pragma once

#include <stdbool.h>

#include "slot.h"

/** The `recursion` operand: the order of Node's two forms. */
enum { TREE_DEPTH_FIRST = 1, TREE_BREADTH_FIRST = 2 };

/** How many entries, or SPECIAL_DECLINED. */
int32_t folder_tree_list(const struct memory *memory, int slot, bool typed,
                         bool follows_links, int order);

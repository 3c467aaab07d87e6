// One piece of data from one descriptor to another through memory, for where the kernel does not copy by itself. It
// knows two descriptors, and nothing of files, sockets or requests.
#pragma once

#include <stddef.h>
#include <stdint.h>

/**
 * From `position`, or from the source's own where that is below 0. How many bytes went, at least one unless the source
 * is at its end, or -errno. What the target did not take any more is read again next time.
 */
int64_t copy_piece(int to, int from, int64_t position, size_t bytes);

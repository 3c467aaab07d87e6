// sendfile(), and where a sandbox denies it, reads and writes in its place. It knows two descriptors, and not what the
// source or the target is.
#pragma once

#include <stddef.h>
#include <stdint.h>

/** From `position`, or from the source's own where that is below 0: how many bytes went, or -errno. */
int64_t send_bytes(int to, int from, int64_t position, size_t bytes);

// What other jobs need of whole files. It knows descriptors, and no path.
#pragma once

#include <stddef.h>
#include <stdint.h>

/** Writes everything at the current position, however often that takes. 0 or -errno. */
int64_t file_write_all(int fd, const uint8_t *data, size_t bytes);

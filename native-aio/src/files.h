// What others need of whole files. It knows descriptors, and no path.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct memory;
struct small_file;

/** Writes everything at the current position, however often that takes. 0 or -errno. */
int64_t file_write_all(int fd, const uint8_t *data, size_t bytes);

/** Goes on with what was left of a file that small-files.c had opened, and closes it: the result of a slurp. */
int32_t file_slurp_left(const struct memory *, const struct small_file *);

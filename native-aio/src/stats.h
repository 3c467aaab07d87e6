// What statx returns, as the numbers in which a stat travels. It knows Node's order of
// fields and how Node makes milliseconds of a time; it makes no system call.
#pragma once

#include <linux/stat.h>
#include <stdbool.h>
#include <stdint.h>

enum {
  // Ten numbers, four times, and what of these is below a second, in nanoseconds.
  STATS_FIELDS = 18,
  STATS_MASK = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID
};

/** Doubles, or 64-bit integers with times in nanoseconds. Returns how many there is room for. */
int stats_put(void *to, const struct statx *s, bool bigint);

bool stats_are_of_one_file(const struct statx *a, const struct statx *b);

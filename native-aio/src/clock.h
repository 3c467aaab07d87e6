// What time it is, and how long a second is in the units that are counted in here.
#pragma once

#include <stdint.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

static inline int64_t now_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/** As of the kernel's last tick: cheap, and some milliseconds behind. */
static inline int64_t coarse_ms(void) {
  return now_ns(CLOCK_MONOTONIC_COARSE) / NS_PER_MS;
}

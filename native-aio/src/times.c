// Seconds to struct timespec; see times.h. The arithmetic is libuv's, to the last digit.
#include "times.h"

#include <sys/stat.h>

#include "clock.h"
#include "layout.gen.h"

enum { NS_PER_US = 1000 };

static long step_ns = 1;

void times_in_us(void) {
  __atomic_store_n(&step_ns, NS_PER_US, __ATOMIC_RELAXED);
}

struct timespec time_of_seconds(double seconds, int form) {
  if (form == TIME_NOW)
    return (struct timespec){.tv_nsec = UTIME_NOW};
  struct timespec t = {.tv_sec = (time_t)seconds};
  t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
  if (form == TIME_NODE)
    t.tv_nsec -= t.tv_nsec % __atomic_load_n(&step_ns, __ATOMIC_RELAXED);
  if (t.tv_nsec < 0) {
    t.tv_nsec += (long)NS_PER_S;
    t.tv_sec--;
  }
  return t;
}

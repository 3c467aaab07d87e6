// The end of a process in which a thread hangs in a system call: whoever joins that thread waits for
// ever, and Node joins all of its threads before it exits. It knows one thread, the one that is to
// exit, and whether that one still does anything.
#include "last-exit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
  LOOK_MS = 25,
  /** Looks in a row at which the thread had done nothing: it waits for a thread that hangs. */
  STILL_LOOKS = 14,
};

static atomic_int exit_code;
static atomic_bool watching;

static int64_t cpu_ns(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0)
    return -1;
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void *watch(void *data) {
  clockid_t clock = (clockid_t)(intptr_t)data;
  const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
  int64_t before = -1;
  for (int still = 0; still < STILL_LOOKS;) {
    nanosleep(&look, NULL);
    int64_t now = cpu_ns(clock);
    still = now == before ? still + 1 : 0;
    before = now;
  }
  _exit(exit_code);
}

void last_exit(int code) {
  exit_code = code;
  if (atomic_exchange(&watching, true))
    return;
  clockid_t clock;
  pthread_t thread;
  pthread_attr_t attributes;
  if (pthread_getcpuclockid(pthread_self(), &clock) != 0 ||
      pthread_attr_init(&attributes) != 0)
    return;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // Without a thread the process ends as it would without us.
  (void)pthread_create(&thread, &attributes, watch, (void *)(intptr_t)clock);
  pthread_attr_destroy(&attributes);
}

// The end of a process in which a thread hangs in a system call: whoever joins that thread waits for
// ever, and Node joins all of its threads before it exits. It knows one thread, the one that is to
// exit, and whether that one still does anything.
#include "exit-guard.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "uv-poll.h"

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

/** The clock of a thread's time on a processor, as the kernel numbers it. */
static clockid_t clock_of(pid_t thread) {
  enum { SHIFT = 3, OF_A_THREAD = 4, SCHEDULED = 2 };
  return (clockid_t)(~(unsigned)thread << SHIFT) | OF_A_THREAD | SCHEDULED;
}

static void watch(void *data) {
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
  uv_thread_t thread;
  clockid_t clock = clock_of((pid_t)syscall(SYS_gettid));
  // Without a thread the process ends as it would without us.
  (void)uv_thread_create(&thread, watch, (void *)(intptr_t)clock);
}

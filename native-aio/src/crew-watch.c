// The watcher: see crew.h. It knows how the processors and the device are doing, and starts or wakes one thread
// at a time; what the threads run is nothing to it.
#include "crew-state.h"

/** CONTROL_WATCHING: whether a thread looks after the backlog. */
enum { WATCH_NONE, WATCH_WANTED, WATCH_TAKEN };

enum {
  /** How often the watcher looks; while requests wait for a device more often. */
  WATCH_NS = 1000000,
  WATCH_DEVICE_NS = 200000,
  /** Looks at a backlog that does not move after which a thread joins in, however busy the processors are. */
  STILL_LOOKS_MAX = 50,
  /** The processors count as busy from 70 % on. */
  BUSY_PERCENT = 70,
};

static uint32_t taken_by_all(const struct crew *c) {
  uint32_t sum = 0;
  for (int i = 0; i < RINGS; i++)
    sum += (uint32_t)load(c->submissions[i] + RING_HEAD);
  return sum;
}

/** What the watcher compares between two looks. */
struct look {
  uint32_t taken;
  int64_t at_ns, cpu_ns;
  int still;
};

static struct look look_now(const struct crew *c, int still) {
  return (struct look){.taken = taken_by_all(c),
                       .at_ns = now_ns(CLOCK_MONOTONIC),
                       .cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID),
                       .still = still};
}

static bool waits_for_device(const struct crew *c) {
  return load(word(c, CONTROL_SERVICE_NS)) >= SLEEP_WORTH_NS &&
         load(word(c, CONTROL_SLEEPING)) >= PER_MILLE / 2;
}

/** Whether one more thread would help with the backlog. */
static bool joins_in(const struct crew *c, struct look *before) {
  struct look now = look_now(c, 0);
  bool still = now.taken == before->taken;
  now.still = still ? before->still + 1 : 0;
  int64_t busy = (now.cpu_ns - before->cpu_ns) * 100;
  int64_t all = (now.at_ns - before->at_ns) * c->cores * BUSY_PERCENT;
  bool idle = (still || waits_for_device(c)) && busy < all;
  *before = now;
  return idle || (now.still > 0 && now.still % STILL_LOOKS_MAX == 0);
}

/** Somebody else is to look after the backlog from now on, if there can be one. */
static void pass_watch_on(struct crew *c) {
  store(word(c, CONTROL_WATCHING), WATCH_WANTED);
  if (load(word(c, CONTROL_SLEEPERS)) > 0)
    crew_ring(c, 1);
  else if (load(word(c, CONTROL_THREADS)) >=
               load(word(c, CONTROL_THREADS_MAX)) ||
           crew_start(c) < 0)
    store(word(c, CONTROL_WATCHING), WATCH_NONE);
}

void crew_watch(struct crew *c) {
  if (load(word(c, CONTROL_WATCHING)) == WATCH_NONE)
    pass_watch_on(c);
}

/** Looks after the backlog until it is gone, or until this thread is needed to work on it. */
static void watch(struct crew *c) {
  struct look before = look_now(c, 0);
  for (;;) {
    bool rung =
        crew_sleep(c, waits_for_device(c) ? WATCH_DEVICE_NS : WATCH_NS, true);
    int waiting = backlog(c);
    if (waiting == 0 || load(word(c, CONTROL_CLOSING)) != 0 || too_many(c))
      break;
    if (!rung && !joins_in(c, &before))
      continue;
    if (waiting == 1)
      break;
    pass_watch_on(c);
    return;
  }
  store(word(c, CONTROL_WATCHING), WATCH_NONE);
}

void crew_take_watch(struct crew *c) {
  if (swap(word(c, CONTROL_WATCHING), WATCH_WANTED, WATCH_TAKEN))
    watch(c);
}

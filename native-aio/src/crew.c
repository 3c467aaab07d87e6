// The threads' life: see crew.h. The order of the words' reads and writes is that of workers/idle.ts, which says why.
#include "crew.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "blocks.h"
#include "check.h"
#include "sys.h"
#include "team.h"

/** CONTROL_WATCHING: whether a thread looks after the backlog. */
enum { WATCH_NONE, WATCH_WANTED, WATCH_TAKEN };

enum {
  RINGS = 9,
  /** Jobs keep paths and a few buffers on it. */
  STACK_BYTES = 512 << 10,
  /** Each lower ring comes first once in so many turns, unless priorities are strict. */
  LOW_FIRST_EVERY = 64,
  /** Looks at the rings between two looks at the clock. */
  LOOKS = 64,
  /** Lingerings in vain, in a row, after which only one in LINGER_RETRY is made. */
  LINGER_MISSES_MAX = 8,
  LINGER_RETRY = 16,
  /** One request in so many is timed, and each that takes longer than SLOW_NS. */
  TIME_EVERY = 16,
  SLOW_NS = 20000,
  /** Of those that take this long, one in SLEEP_EVERY is looked at: does it sleep in the kernel? */
  SLEEP_WORTH_NS = 50000,
  SLEEP_EVERY = 8,
  PER_MILLE = 1000,
  /** How often the watcher looks; while requests wait for a device more often. */
  WATCH_NS = 1000000,
  WATCH_DEVICE_NS = 200000,
  /** Looks at a backlog that does not move after which a thread joins in, however busy the processors are. */
  STILL_LOOKS_MAX = 50,
  /** The processors count as busy from 70 % on. */
  BUSY_PERCENT = 70,
  CLOSE_MAX_MS = 2000,
};

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

struct crew {
  struct memory memory;
  /** Of the instance: where its poll descriptor is noted. */
  int32_t *control;
  int32_t *submissions[RINGS];
  int32_t *completions;
  uint32_t mask;
  int cores;
  /** Names threads in the order of their starts. */
  atomic_uint started;
  pthread_mutex_t lock;
  pthread_cond_t left;
  /** The rest is under the lock. */
  struct crew_waker waker;
  struct team *teams;
  int living;
  bool released;
  /** Closed while a thread hung. */
  atomic_bool abandoned;
};

/** Whose thread this is; NULL: none of ours. */
static _Thread_local struct crew *current;

/** What a thread knows of itself. */
struct thread {
  struct crew *crew;
  uint32_t taken;
  uint32_t lingered_in_vain, lingered;
  int64_t mean_ns;
  int sleeping;
  /** Since its last request it was idle for the idle time, and gave memory back. */
  bool trimmed;
};

static int64_t now_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static inline int32_t load(const int32_t *word) {
  return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}
static inline void store(int32_t *word, int32_t value) {
  __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}
static inline int32_t add(int32_t *word, int32_t value) {
  return __atomic_fetch_add(word, value, __ATOMIC_SEQ_CST);
}
static inline bool swap(int32_t *word, int32_t from, int32_t to) {
  return __atomic_compare_exchange_n(word, &from, to, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST);
}

static inline int32_t *word(const struct crew *c, int at) {
  return c->memory.control + at;
}

static inline void pause_cpu(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// --- the rings ---

static inline int32_t ring_length(const int32_t *ring) {
  return (int32_t)((uint32_t)load(ring + RING_TAIL) -
                   (uint32_t)load(ring + RING_HEAD));
}

/** For one of many who take: -1 when there is nothing. */
static int ring_take(int32_t *ring, uint32_t mask) {
  for (;;) {
    int32_t head = load(ring + RING_HEAD);
    if (head == load(ring + RING_TAIL))
      return -1;
    int slot = load(ring + RING_HEADER + ((uint32_t)head & mask));
    if (swap(ring + RING_HEAD, head, (int32_t)((uint32_t)head + 1)))
      return slot;
  }
}

static int backlog(const struct crew *c) {
  int sum = 0;
  for (int i = 0; i < RINGS; i++)
    sum += ring_length(c->submissions[i]);
  return sum;
}

static bool has_work(const struct crew *c) {
  for (int i = 0; i < RINGS; i++)
    if (ring_length(c->submissions[i]) != 0)
      return true;
  return false;
}

static uint32_t taken_by_all(const struct crew *c) {
  uint32_t sum = 0;
  for (int i = 0; i < RINGS; i++)
    sum += (uint32_t)load(c->submissions[i] + RING_HEAD);
  return sum;
}

/** Mostly of the highest priority; each lower one comes first now and then. */
static int take(struct thread *t) {
  struct crew *c = t->crew;
  if (load(word(c, CONTROL_AGEING)) != 0) {
    uint32_t turn = LOW_FIRST_EVERY - 1 - t->taken % LOW_FIRST_EVERY;
    if (turn != 0 && turn < RINGS) {
      int slot = ring_take(c->submissions[turn], c->mask);
      if (slot >= 0)
        return slot;
    }
  }
  for (int i = 0; i < RINGS; i++) {
    int slot = ring_take(c->submissions[i], c->mask);
    if (slot >= 0)
      return slot;
  }
  return -1;
}

/**
 * One of several who publish. The place is taken first and filled then; the loop reads up to the first
 * place that is empty. There is one for every slot, so none is taken twice.
 */
static void publish(struct crew *c, int slot) {
  uint32_t at = (uint32_t)add(c->completions + RING_TAIL, 1);
  store(c->completions + RING_HEADER + (at & c->mask), slot + 1);
}

// --- teams ---

static bool has_team(struct crew *c) {
  return __atomic_load_n(&c->teams, __ATOMIC_SEQ_CST) != NULL;
}

/** Works for a team, if there is one. */
static bool team_join(struct crew *c) {
  if (!has_team(c))
    return false;
  pthread_mutex_lock(&c->lock);
  struct team *team = c->teams;
  if (team != NULL) {
    team->working++;
    if (--team->wanted == 0)
      __atomic_store_n(&c->teams, team->next, __ATOMIC_SEQ_CST);
  }
  pthread_mutex_unlock(&c->lock);
  if (team == NULL)
    return false;
  team->work(team->state);
  pthread_mutex_lock(&c->lock);
  team->working--;
  pthread_cond_broadcast(&c->left);
  pthread_mutex_unlock(&c->lock);
  return true;
}

void team_invite(struct team *team, int most) {
  struct crew *c = current;
  team->working = 0;
  team->wanted = 0;
  if (c == NULL)
    return;
  int idle = load(word(c, CONTROL_SLEEPERS)) + load(word(c, CONTROL_SPINNERS));
  if (most > c->cores - 1)
    most = c->cores - 1;
  if (idle < most &&
      load(word(c, CONTROL_THREADS)) < load(word(c, CONTROL_THREADS_MAX)) &&
      crew_start(c) == 0)
    idle++;
  team->wanted = idle < most ? idle : most;
  if (team->wanted <= 0)
    return;
  pthread_mutex_lock(&c->lock);
  team->next = c->teams;
  __atomic_store_n(&c->teams, team, __ATOMIC_SEQ_CST);
  pthread_mutex_unlock(&c->lock);
  crew_ring(c, team->wanted);
}

void team_dismiss(struct team *team) {
  struct crew *c = current;
  if (c == NULL)
    return;
  pthread_mutex_lock(&c->lock);
  for (struct team **at = &c->teams; *at != NULL; at = &(*at)->next)
    if (*at == team) {
      __atomic_store_n(at, team->next, __ATOMIC_SEQ_CST);
      break;
    }
  while (team->working != 0)
    pthread_cond_wait(&c->left, &c->lock);
  pthread_mutex_unlock(&c->lock);
}

// --- waking ---

/** 0: somebody rang. */
static int futex_wait(int32_t *at, int32_t value, int64_t timeout_ns) {
  struct timespec t = {.tv_sec = timeout_ns / NS_PER_S,
                       .tv_nsec = timeout_ns % NS_PER_S};
  return syscall(SYS_futex, at, FUTEX_WAIT_PRIVATE, value,
                 timeout_ns < 0 ? NULL : &t, NULL, 0) == 0
             ? 0
             : errno;
}

void crew_ring(struct crew *c, int count) {
  int32_t *doorbell = word(c, CONTROL_DOORBELL);
  add(doorbell, 1);
  long woken =
      syscall(SYS_futex, doorbell, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
  // Whoever rings takes the woken off the count of sleepers.
  if (woken > 0)
    add(word(c, CONTROL_SLEEPERS), -(int32_t)woken);
}

/** On the first completion after the loop went to sleep, and then no more. */
static void wake_loop(struct crew *c) {
  int32_t *state = word(c, CONTROL_MAIN_STATE);
  if (load(state) == 0 || __atomic_exchange_n(state, 0, __ATOMIC_SEQ_CST) == 0)
    return;
  pthread_mutex_lock(&c->lock);
  if (c->waker.wake != NULL) {
    // Whoever watches the descriptor may not be Node's loop, which may not even turn.
    int32_t poll_fd = load(c->control + CONTROL_POLL_FD);
    const uint64_t one = 1;
    if (poll_fd != 0 && write(poll_fd - 1, &one, sizeof one) < 0) {
      // It is full, which is readable as well.
    }
    c->waker.wake(c->waker.data);
  }
  pthread_mutex_unlock(&c->lock);
}

// --- one thread ---

static int64_t voluntary_switches(void) {
  struct rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : 0;
}

/** How long requests take, and how many of 1,000 slow ones sleep: moving means for whoever wakes threads. */
static void note_time(struct thread *t, int64_t took_ns, int64_t slept) {
  int32_t *control = t->crew->memory.control;
  if (slept >= 0) {
    bool sleeps = voluntary_switches() > slept;
    t->sleeping += ((sleeps ? PER_MILLE : 0) - t->sleeping) / 4;
    store(control + CONTROL_SLEEPING, t->sleeping);
  }
  if (took_ns > INT_MAX)
    took_ns = INT_MAX;
  t->mean_ns =
      t->mean_ns == 0 ? took_ns : t->mean_ns + (took_ns - t->mean_ns) / 4;
  store(control + CONTROL_SERVICE_NS, (int32_t)t->mean_ns);
}

static int32_t run_timed(struct thread *t, int slot, bool reports) {
  int32_t *w = slot_words(&t->crew->memory, slot);
  bool looks = t->mean_ns > SLEEP_WORTH_NS && t->taken % SLEEP_EVERY == 0;
  int64_t slept = looks ? voluntary_switches() : -1;
  int64_t began = now_ns(CLOCK_MONOTONIC);
  int32_t result = sys_run(&t->crew->memory, slot);
  int64_t took_ns = now_ns(CLOCK_MONOTONIC) - began;
  note_time(t, took_ns, slept);
  if (reports) {
    int64_t tenths = took_ns / 100;
    w[SLOT_RAN] = (int32_t)(tenths < 2         ? 2
                            : tenths > INT_MAX ? INT_MAX
                                               : tenths);
  }
  return result;
}

/** False: the crew was closed meanwhile, and its memory may be gone. */
static bool run(struct thread *t, int slot) {
  struct crew *c = t->crew;
  if (slot < 0 || slot >= c->memory.slots)
    return true; // Nobody waits for it.
  int32_t *w = slot_words(&c->memory, slot);
  int32_t result = -ECANCELED;
  if (swap(&w[SLOT_STATE], STATE_QUEUED, STATE_RUNNING)) {
    bool reports = w[SLOT_RAN] != 0;
    t->taken++;
    t->trimmed = false;
    if (slot_take(&c->memory, slot) != NULL)
      result = -EINVAL;
    else
      result = reports || t->mean_ns > SLOW_NS || t->taken % TIME_EVERY == 1
                   ? run_timed(t, slot, reports)
                   : sys_run(&c->memory, slot);
  } else
    add(word(c, CONTROL_CANCELLED), -1);
  if (atomic_load(&c->abandoned))
    return false;
  w[SLOT_RESULT] = result;
  slot_leave(&c->memory, slot);
  publish(c, slot);
  wake_loop(c);
  return true;
}

static bool linger(struct thread *t) {
  struct crew *c = t->crew;
  int32_t us = load(word(c, CONTROL_LINGER_US));
  if (us == 0 || (t->lingered_in_vain >= LINGER_MISSES_MAX &&
                  ++t->lingered % LINGER_RETRY != 0))
    return false;
  bool found = false;
  int32_t others = add(word(c, CONTROL_SPINNERS), 1);
  if (others < load(word(c, CONTROL_SPINNERS_MAX))) {
    int64_t end = now_ns(CLOCK_MONOTONIC) + us * INT64_C(1000);
    do {
      for (int i = 0; i < LOOKS && !found; i++) {
        found = has_work(c);
        pause_cpu();
      }
    } while (!found && now_ns(CLOCK_MONOTONIC) < end);
    t->lingered_in_vain = found ? 0 : t->lingered_in_vain + 1;
  }
  add(word(c, CONTROL_SPINNERS), -1);
  return found;
}

/** Leaves, unless that many threads (a word) have to stay. */
static bool leave(struct crew *c, int floor) {
  for (;;) {
    int32_t threads = load(word(c, CONTROL_THREADS));
    if (floor >= 0 && threads <= load(word(c, floor)))
      return false;
    if (swap(word(c, CONTROL_THREADS), threads, threads - 1))
      return true;
  }
}

static bool too_many(const struct crew *c) {
  return load(word(c, CONTROL_THREADS)) > load(word(c, CONTROL_THREADS_MAX));
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

/** Sleeps until the bell rings (true), or for so long; below 0: until it rings. */
static bool sleep_for(struct crew *c, int64_t timeout_ns, bool despite_work) {
  // The order matters: first the bell's number, then the count, then a last look. Whoever rings
  // after that look finds a sleeper, or finds that the number is not the one waited on.
  int32_t *doorbell = word(c, CONTROL_DOORBELL);
  int32_t bell = load(doorbell);
  add(word(c, CONTROL_SLEEPERS), 1);
  bool stays_awake = load(word(c, CONTROL_CLOSING)) != 0 || too_many(c) ||
                     (!despite_work && (has_work(c) || has_team(c)));
  int error = stays_awake ? EAGAIN : futex_wait(doorbell, bell, timeout_ns);
  if (error == 0)
    return true; // Whoever rang took us off the count.
  add(word(c, CONTROL_SLEEPERS), -1);
  return error != ETIMEDOUT;
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
        sleep_for(c, waits_for_device(c) ? WATCH_DEVICE_NS : WATCH_NS, true);
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

/** But for the one that looks. */
static bool everybody_sleeps(const struct crew *c) {
  return load(word(c, CONTROL_SLEEPERS)) + 1 >= load(word(c, CONTROL_THREADS));
}

/** True: there may be something to do. False: this thread has left. */
static bool wait_for_work(struct thread *t) {
  struct crew *c = t->crew;
  if (linger(t))
    return true;
  int32_t *control = c->memory.control;
  bool stays =
      load(control + CONTROL_SLEEPERS) < load(control + CONTROL_IDLE_MAX) ||
      load(control + CONTROL_THREADS) <= load(control + CONTROL_THREADS_MIN);
  int64_t idle_ns = load(control + CONTROL_IDLE_TIMEOUT_MS) * NS_PER_MS;
  if (sleep_for(c, stays && t->trimmed ? -1 : idle_ns, false)) {
    if (load(control + CONTROL_CLOSING) != 0)
      return !leave(c, -1);
    if (swap(control + CONTROL_WATCHING, WATCH_WANTED, WATCH_TAKEN))
      watch(c);
    return true;
  }
  if (!t->trimmed && everybody_sleeps(c))
    blocks_trim();
  t->trimmed = true;
  if (stays ||
      load(control + CONTROL_SLEEPERS) < load(control + CONTROL_IDLE_MAX))
    return true;
  if (!leave(c, CONTROL_THREADS_MIN))
    return true;
  // Whoever queued something just now may have counted on this thread, and started no other.
  if (!has_work(c))
    return false;
  add(control + CONTROL_THREADS, 1);
  return true;
}

static void name_thread(unsigned index) {
  char name[16];
  snprintf(name, sizeof name, "eio-%u", index);
  pthread_setname_np(pthread_self(), name);
}

static void free_crew(struct crew *c) {
  pthread_mutex_destroy(&c->lock);
  pthread_cond_destroy(&c->left);
  free(c);
}

/** The last one out of a closed crew that nobody waits for takes it with it. */
static void thread_ends(struct crew *c) {
  pthread_mutex_lock(&c->lock);
  bool last = --c->living == 0;
  bool frees = last && c->released;
  pthread_cond_broadcast(&c->left);
  pthread_mutex_unlock(&c->lock);
  if (last)
    blocks_trim();
  if (frees)
    free_crew(c);
}

static void *live(void *data) {
  struct crew *c = data;
  struct thread t = {.crew = c};
  current = c;
  name_thread(atomic_fetch_add(&c->started, 1));
  int32_t *control = c->memory.control;
  if (swap(control + CONTROL_WATCHING, WATCH_WANTED, WATCH_TAKEN))
    watch(c);
  for (;;) {
    if (too_many(c) && leave(c, CONTROL_THREADS_MAX))
      break;
    int slot = take(&t);
    if (slot >= 0) {
      if (!run(&t, slot))
        break;
      continue;
    }
    if (team_join(c))
      continue;
    if (!wait_for_work(&t))
      break;
  }
  thread_ends(c);
  return NULL;
}

int crew_start(struct crew *c) {
  pthread_attr_t attributes;
  sigset_t all, before;
  pthread_t thread;
  int error = pthread_attr_init(&attributes);
  if (error != 0)
    return -error;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  pthread_mutex_lock(&c->lock);
  c->living++;
  pthread_mutex_unlock(&c->lock);
  add(word(c, CONTROL_THREADS), 1);
  // Signals are for Node's own threads: a new one has the mask of whoever starts it.
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  error = pthread_create(&thread, &attributes, live, c);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (error == 0)
    return 0;
  add(word(c, CONTROL_THREADS), -1);
  pthread_mutex_lock(&c->lock);
  c->living--;
  pthread_mutex_unlock(&c->lock);
  return -error;
}

size_t crew_words_for(int slots) {
  return CONTROL_RINGS + (RINGS + 1) * (size_t)(RING_HEADER + slots);
}

struct crew *crew_open(struct memory memory, int32_t *control,
                       struct crew_waker waker) {
  struct crew *c = calloc(1, sizeof *c);
  if (c == NULL)
    return NULL;
  c->memory = memory;
  c->control = control;
  int slots = memory.slots;
  c->mask = (uint32_t)slots - 1;
  c->waker = waker;
  c->cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
  int32_t *ring = memory.control + CONTROL_RINGS;
  for (int i = 0; i < RINGS; i++, ring += RING_HEADER + slots)
    c->submissions[i] = ring;
  c->completions = ring;
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_mutex_init(&c->lock, NULL);
  pthread_cond_init(&c->left, &attributes);
  pthread_condattr_destroy(&attributes);
  return c;
}

bool crew_close(struct crew *c) {
  store(word(c, CONTROL_CLOSING), 1);
  crew_ring(c, INT_MAX);
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += CLOSE_MAX_MS / 1000;
  pthread_mutex_lock(&c->lock);
  c->waker.wake = NULL;
  int error = 0;
  while (c->living != 0 && error == 0)
    error = pthread_cond_timedwait(&c->left, &c->lock, &end);
  bool gone = c->living == 0;
  // Those that hang must not touch shared memory when they come back: nobody may be there any more.
  atomic_store(&c->abandoned, !gone);
  pthread_mutex_unlock(&c->lock);
  return gone;
}

void crew_release(struct crew *c) {
  pthread_mutex_lock(&c->lock);
  c->released = true;
  bool frees = c->living == 0;
  pthread_mutex_unlock(&c->lock);
  if (frees)
    free_crew(c);
}

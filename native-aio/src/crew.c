// The threads' life: see crew.h. The order of the words' reads and writes is that of workers/idle.ts, which says why.
#include "crew.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "assertions.h"
#include "blocks.h"
#include "crew-state.h"
#include "job.h"
#include "ops.gen.h"
#include "sys.h"
#include "syscalls.h"

enum {
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
  /** Of those that take SLEEP_WORTH_NS, one in so many is looked at: does it sleep in the kernel? */
  SLEEP_EVERY = 8,
  CLOSE_MAX_MS = 2000,
};

/** What a thread knows of itself. */
struct thread {
  struct crew *crew;
  struct file_reader reader;
  uint32_t taken;
  uint32_t lingered_in_vain, lingered;
  int64_t mean_ns;
  int sleeping;
  /** Since its last request it was idle for the idle time, and gave memory back. */
  bool trimmed;
};

static inline void pause_cpu(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

int crew_take(struct crew *c, int32_t *ring,
              bool (*suits)(const struct memory *, int slot)) {
  for (;;) {
    int32_t head = load(ring + RING_HEAD);
    if (head == load(ring + RING_TAIL))
      return -1;
    int slot = load(ring + RING_HEADER + ((uint32_t)head & c->mask));
    if (suits != NULL && !suits(&c->memory, slot))
      return -1;
    if (swap(ring + RING_HEAD, head, (int32_t)((uint32_t)head + 1)))
      return slot;
  }
}

/** Mostly of the highest priority; each lower one comes first now and then. */
static int take(struct thread *t) {
  struct crew *c = t->crew;
  if (load(word(c, CONTROL_AGEING)) != 0) {
    uint32_t turn = LOW_FIRST_EVERY - 1 - t->taken % LOW_FIRST_EVERY;
    if (turn != 0 && turn < RINGS) {
      int slot = crew_take(c, c->submissions[turn], NULL);
      if (slot >= 0)
        return slot;
    }
  }
  for (int i = 0; i < RINGS; i++) {
    int slot = crew_take(c, c->submissions[i], NULL);
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
  if (atomic_load(&t->crew->abandoned))
    return result;
  note_time(t, took_ns, slept);
  if (reports) {
    int64_t tenths = took_ns / 100;
    w[SLOT_RAN] = (int32_t)(tenths < 2         ? 2
                            : tenths > INT_MAX ? INT_MAX
                                               : tenths);
  }
  return result;
}

bool crew_begin(struct crew *c, int slot) {
  int32_t *w = slot_words(&c->memory, slot);
  if (swap(&w[SLOT_STATE], STATE_QUEUED, STATE_RUNNING))
    return true;
  add(word(c, CONTROL_CANCELLED), -1);
  return false;
}

bool crew_end(struct crew *c, int slot, int32_t result) {
  int32_t *w = slot_words(&c->memory, slot);
  if (atomic_load(&c->abandoned)) {
    job_drop_block(&c->memory, slot);
    if (job_returns_fd(w[SLOT_OP]) && result >= 0)
      calls->close(result);
    return false;
  }
  // A caller gone wrong may have handed over the slot twice, and another thread be here too.
  __atomic_store_n(&w[SLOT_RESULT], result, __ATOMIC_RELAXED);
  slot_leave(&c->memory, slot);
  publish(c, slot);
  wake_loop(c);
  return true;
}

/** False: as for crew_end(). */
static bool run(struct thread *t, int slot) {
  struct crew *c = t->crew;
  if (slot < 0 || slot >= c->memory.slots)
    return true; // Nobody waits for it.
  int32_t result = -ECANCELED;
  if (crew_begin(c, slot)) {
    bool wrong = slot_take(&c->memory, slot) != NULL;
    bool reports = slot_words(&c->memory, slot)[SLOT_RAN] != 0;
    t->taken++;
    t->trimmed = false;
    if (wrong)
      result = -EINVAL;
    else
      result = reports || t->mean_ns > SLOW_NS || t->taken % TIME_EVERY == 1
                   ? run_timed(t, slot, reports)
                   : sys_run(&c->memory, slot);
  }
  return crew_end(c, slot, result);
}

/** Takes a request and runs it, or several. False: there is none. */
static bool work(struct thread *t, struct outcome *outcome) {
  struct crew *c = t->crew;
  if (crew_read_left(c, outcome)) {
    t->trimmed = false;
    return true;
  }
  int slot = take(t);
  if (slot < 0)
    return false;
  outcome->timed = t->taken % TIME_EVERY == 1;
  if (!crew_read_files(c, &t->reader, slot, outcome)) {
    outcome->wanted = run(t, slot);
    return true;
  }
  t->taken++;
  t->trimmed = false;
  if (outcome->timed && outcome->wanted && outcome->ended > 0)
    note_time(t, (now_ns(CLOCK_MONOTONIC) - outcome->began_ns) / outcome->ended,
              -1);
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

bool crew_sleep(struct crew *c, int64_t timeout_ns, bool despite_work) {
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
  if (crew_sleep(c, stays && t->trimmed ? -1 : idle_ns, false)) {
    if (load(control + CONTROL_CLOSING) != 0)
      return !leave(c, -1);
    crew_take_watch(c);
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
  crew_drop_left(c);
  free(c);
}

/** The last thread out of a closed crew that is no longer awaited frees it. */
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
  team_open(c);
  name_thread(atomic_fetch_add(&c->started, 1));
  crew_take_watch(c);
  for (;;) {
    if (too_many(c) && leave(c, CONTROL_THREADS_MAX))
      break;
    struct outcome outcome = {.wanted = true};
    if (work(&t, &outcome)) {
      if (!outcome.wanted)
        break;
      continue;
    }
    if (team_join(c))
      continue;
    if (!wait_for_work(&t))
      break;
  }
  crew_close_reader(&t.reader);
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
  c->left_files = calloc((size_t)memory.slots, sizeof *c->left_files);
  if (c->left_files == NULL) {
    free(c);
    return NULL;
  }
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

/** None begins any more, and what hangs does little when its call returns: callers' own memory may be gone by then. */
static void cancel_all(const struct crew *c) {
  for (int slot = 0; slot < c->memory.slots; slot++) {
    int32_t *w = slot_words(&c->memory, slot);
    if (!swap(&w[SLOT_STATE], STATE_QUEUED, STATE_CANCELLED) &&
        load(&w[SLOT_STATE]) == STATE_RUNNING)
      store(&w[SLOT_CANCELLED], 1);
  }
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
  atomic_store(&c->abandoned, !gone);
  pthread_mutex_unlock(&c->lock);
  if (!gone)
    cancel_all(c);
  return gone;
}

void crew_drop_results(struct crew *c) {
  for (int slot = 0; slot < c->memory.slots; slot++)
    // A slot that JavaScript has read is free: one that a thread of ours has run is as the thread left it.
    if (slot_words(&c->memory, slot)[SLOT_STATE] == STATE_RUNNING)
      job_drop_result(&c->memory, slot);
    else
      job_drop_block(&c->memory, slot);
}

void crew_release(struct crew *c) {
  pthread_mutex_lock(&c->lock);
  c->released = true;
  bool frees = c->living == 0;
  pthread_mutex_unlock(&c->lock);
  if (frees)
    free_crew(c);
}

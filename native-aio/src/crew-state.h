// What the files of a crew share: its memory's words, its submission rings as they look from outside, and when a
// thread sleeps. It knows no slot, and is for crew.c, crew-watch.c and team.c alone.
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "clock.h"
#include "crew.h"
#include "small-files.h"
#include "team.h"

enum {
  RINGS = 9,
  /** Requests that take this long are worth a look: do they sleep in the kernel? */
  SLEEP_WORTH_NS = 50000,
  PER_MILLE = 1000,
};

/** A thread's means of reading small files together: see crew-files.c. */
struct file_reader {
  /** NULL: not opened yet. */
  struct small_files *ring;
  bool refused;
  /** So many chances are still to be let pass, and were at first: what was read together last was mostly left. */
  int spared, spares;
};

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
  /** Files that were to be read together, and that somebody has to wait for; there is room for every slot's. */
  struct small_file *left_files;
  /** Changes under the lock. */
  int left_count;
};

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

static inline int32_t ring_length(const int32_t *ring) {
  return (int32_t)((uint32_t)load(ring + RING_TAIL) -
                   (uint32_t)load(ring + RING_HEAD));
}

static inline int left_files(const struct crew *c) {
  return __atomic_load_n(&c->left_count, __ATOMIC_SEQ_CST);
}

static inline int backlog(const struct crew *c) {
  int sum = left_files(c);
  for (int i = 0; i < RINGS; i++)
    sum += ring_length(c->submissions[i]);
  return sum;
}

static inline bool has_work(const struct crew *c) {
  if (left_files(c) != 0)
    return true;
  for (int i = 0; i < RINGS; i++)
    if (ring_length(c->submissions[i]) != 0)
      return true;
  return false;
}

static inline bool has_team(struct crew *c) {
  return __atomic_load_n(&c->teams, __ATOMIC_SEQ_CST) != NULL;
}

static inline bool too_many(const struct crew *c) {
  return load(word(c, CONTROL_THREADS)) > load(word(c, CONTROL_THREADS_MAX));
}

/** Sleeps until the bell rings (true), or for so long; below 0: until it rings. */
bool crew_sleep(struct crew *, int64_t timeout_ns, bool despite_work);

/** Watches over the backlog for as long as it takes, where somebody is wanted for it. */
void crew_take_watch(struct crew *);

/** -1 when there is nothing on this ring, or `suits` refuses what is next. For one of many who take. */
int crew_take(struct crew *, int32_t *ring,
              bool (*suits)(const struct memory *, int slot));
/** The request is this thread's from now on. False: it was cancelled. */
bool crew_begin(struct crew *, int slot);
/** It is done. False: the crew was closed meanwhile, and nobody wants the result. */
bool crew_end(struct crew *, int slot, int32_t result);

/** Of one or several requests. `wanted` as crew_end() returns it. */
struct outcome {
  bool wanted;
  /** Whether it is to be noted when they began. */
  bool timed;
  int64_t began_ns;
  int ended;
};
/**
 * Reads the request's file and those behind it together, if it is a small one and others wait. False: it is still to be
 * begun.
 */
bool crew_read_files(struct crew *, struct file_reader *, int slot,
                     struct outcome *);
/** Reads one that was left. False: none is. */
bool crew_read_left(struct crew *, struct outcome *);
void crew_close_reader(struct file_reader *);
/** When no thread is there any more. */
void crew_drop_left(struct crew *);

/** Teams may be invited from the calling thread from now on. */
void team_open(struct crew *);
/** Works for a team, if there is one. */
bool team_join(struct crew *);

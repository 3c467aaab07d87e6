// What lanes have in common that hand slots to the kernel and wait: the slots that it is still to
// take, the count of those that it has, and the end of both. It knows no system call.
//
//   flush -> backlog: head [x][x][x] tail -> the kernel: in_flight -> completed
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct lane;

/** Comes first in the state of such a lane. */
struct lane_state {
  /** Head and tail count up; each slot is in it once at most, so it never is too small. */
  int *backlog;
  unsigned head, tail, mask;
  /** What the kernel has, and is still to complete. */
  unsigned in_flight;
};

/** A cleared state of so many bytes; NULL, and lane->failed says so, when there is no memory. */
void *lane_state_open(struct lane *, size_t bytes);
void lane_state_close(void *state);

/** Waits, but not for ever, until nothing is in flight; wait() does for so long at most. */
bool lane_state_drain(struct lane *,
                      void (*wait)(struct lane *, int timeout_ms));

static inline bool backlog_is_empty(const struct lane_state *s) {
  return s->head == s->tail;
}

static inline void backlog_push(struct lane_state *s, int slot) {
  s->backlog[s->tail++ & s->mask] = slot;
}

static inline int backlog_first(const struct lane_state *s) {
  return s->backlog[s->head & s->mask];
}

static inline void backlog_drop_first(struct lane_state *s) { s->head++; }

/** What the kernel did not take after all. */
static inline void backlog_unshift(struct lane_state *s, int slot) {
  s->backlog[--s->head & s->mask] = slot;
}

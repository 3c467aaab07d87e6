// Cancels on the ring, which may have to be requested more than once: a read that one of its
// threads is just trying is "running" (EALREADY), and begins to wait a moment later all the same.
//
//   cancel -> EALREADY -> a timer of the ring -> cancel all that are still there -> ...
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lane.h"
#include "uring.h"

struct uring_cancels {
  /** One had no effect. */
  bool failed;
  bool timer_runs, timer_over;
  unsigned wait_ms;
  struct __kernel_timespec wait;
  /** The lane closes: it is not only about what its caller has cancelled. */
  bool everything;
};

/** In user_data, above the number of a slot. */
#define URING_CANCEL ((uint64_t)1 << 32)
#define URING_TIMER ((uint64_t)2 << 32)
#define URING_NOBODY ((uint64_t)3 << 32)

void uring_cancel(struct uring_cancels *, struct uring *, int slot);
/** One had no effect, and there was no room in the queue for the timer either. */
static inline bool uring_cancel_is_due(const struct uring_cancels *c) {
  return c->failed && !c->timer_runs;
}
/** Returns how many there were to be cancelled. */
int uring_cancel_slots(struct uring_cancels *, struct uring *,
                       const struct memory *);
/** A completion that is no slot's. */
void uring_cancel_told(struct uring_cancels *, uint64_t user_data,
                       int32_t result);
/** After completions were taken; what it has to cancel goes with the next enter. */
void uring_cancel_tend(struct uring_cancels *, struct uring *,
                       const struct memory *);

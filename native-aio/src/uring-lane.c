// The uring lane: requests as entries of an io_uring. A cached read completes while it is
// submitted, on the loop's own thread and without a wake-up; what has to wait is the kernel's.
//
//   backlog (slots) -> SQ -> enter -> CQ -> completion ring in shared memory
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "check.h"
#include "lane.h"
#include "ops.gen.h"
#include "uring-ops.h"
#include "uring.h"

enum {
  /** A closing lane waits this long for what the kernel does not let go. */
  CLOSE_MAX_MS = 2000,
};
/** In user_data, for completions that are nobody's. */
static const uint64_t NOBODY = UINT64_MAX;

struct state {
  struct uring ring;
  /** Slots that are not in the queue yet: head and tail count up, the mask is the lane's. */
  int *backlog;
  unsigned head, tail;
  /** Entries without their completion. */
  unsigned in_flight;
  struct uring_turn turn;
};

static void harvest(struct lane *lane) {
  struct state *state = lane->state;
  const struct io_uring_cqe *cqe;
  while ((cqe = uring_peek(&state->ring)) != NULL) {
    uint64_t slot = cqe->user_data;
    int32_t result = cqe->res;
    uring_seen(&state->ring);
    state->in_flight--;
    if (slot != NOBODY)
      lane_complete(lane, (int)slot, result);
  }
}

/** As much of the backlog as the queue takes. */
static void fill_queue(struct lane *lane) {
  struct state *state = lane->state;
  while (state->head != state->tail) {
    int slot = state->backlog[state->head & lane->ring_mask];
    slot_check(&lane->memory, slot);
    const int32_t *w = slot_words(&lane->memory, slot);
    if (w[SLOT_CANCELLED] != 0) {
      lane_complete(lane, slot, -ECANCELED);
    } else {
      struct io_uring_sqe *sqe = uring_sqe(&state->ring);
      if (sqe == NULL)
        return;
      uring_ops[w[SLOT_OP]].fill(&lane->memory, sqe, slot, &state->turn);
      sqe->user_data = (uint64_t)slot;
      state->in_flight++;
    }
    state->head++;
  }
}

/** Where the kernel takes nothing (EAGAIN, EBUSY, ENOMEM) the rest waits for the next look. */
static void submit(struct lane *lane) {
  struct state *state = lane->state;
  state->turn.inline_bytes = 0;
  state->turn.alone = state->in_flight == 0 && state->tail - state->head == 1;
  for (;;) {
    fill_queue(lane);
    int result = uring_enter(&state->ring, 0, 0);
    harvest(lane);
    if (state->head == state->tail || result < 0)
      return;
  }
}

static int flush(struct lane *lane, int count) {
  struct state *state = lane->state;
  for (int i = 0; i < count; i++)
    state->backlog[state->tail++ & lane->ring_mask] = lane->list[i];
  submit(lane);
  return 0;
}

/** Is there anything that the kernel has not taken yet? */
static bool is_unsent(const struct state *state) {
  unsigned taken = __atomic_load_n(state->ring.sq_head, __ATOMIC_ACQUIRE);
  return state->head != state->tail || *state->ring.sq_tail != taken;
}

static void reap(struct lane *lane) {
  struct state *state = lane->state;
  if (is_unsent(state))
    submit(lane);
  else if (uring_needs_enter(&state->ring))
    uring_enter(&state->ring, 0, 0);
  harvest(lane);
}

static bool arm(struct lane *lane) {
  struct state *state = lane->state;
  uring_ring_bell(&state->ring, true);
  if (!lane_has_completions(lane) && uring_peek(&state->ring) == NULL &&
      !uring_needs_enter(&state->ring) && !is_unsent(state))
    return true;
  uring_ring_bell(&state->ring, false);
  return false;
}

static void disarm(struct lane *lane) {
  uring_ring_bell(&((struct state *)lane->state)->ring, false);
}

static void fill_cancel(struct state *state, struct io_uring_sqe *sqe,
                        int slot) {
  sqe->opcode = IORING_OP_ASYNC_CANCEL;
  sqe->addr = (uint64_t)slot;
  sqe->user_data = NOBODY;
  state->in_flight++;
}

/** One that is still in the backlog is seen there. */
static void cancel(struct lane *lane, int slot) {
  struct state *state = lane->state;
  struct io_uring_sqe *sqe = uring_sqe(&state->ring);
  if (sqe == NULL)
    return;
  fill_cancel(state, sqe, slot);
  uring_enter(&state->ring, 0, 0);
  harvest(lane);
}

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/**
 * One by one: a cancel of everything looks at all that is left for each one that it finds (Linux 6.18
 * takes 0.9 s for 10,000, and this 0.1 s). What is not here any more is not found.
 */
static void cancel_all(struct lane *lane) {
  struct state *state = lane->state;
  for (int slot = 0; slot < lane->memory.slots; slot++) {
    if (slot_words(&lane->memory, slot)[SLOT_STATE] != STATE_NATIVE)
      continue;
    struct io_uring_sqe *sqe = uring_sqe(&state->ring);
    if (sqe == NULL) {
      if (uring_enter(&state->ring, 0, 0) < 0)
        return;
      harvest(lane);
      sqe = uring_sqe(&state->ring);
    }
    if (sqe == NULL)
      return;
    fill_cancel(state, sqe, slot);
  }
}

static void close_lane(struct lane *lane) {
  struct state *state = lane->state;
  int64_t end = now_ms() + CLOSE_MAX_MS;
  if (state->in_flight != 0)
    cancel_all(lane);
  while (state->in_flight != 0 && now_ms() < end) {
    uring_enter(&state->ring, 1, 100);
    harvest(lane);
  }
  uring_close(&state->ring);
  free(state->backlog);
  free(state);
}

static int open_lane(struct lane *lane) {
  struct state *state = calloc(1, sizeof *state);
  int *backlog = malloc(((size_t)lane->ring_mask + 1) * sizeof *backlog);
  int result = -ENOMEM;
  lane->failed = "malloc";
  if (state != NULL && backlog != NULL)
    result = uring_open(&state->ring, lane->ring_mask + 1, &lane->failed);
  if (result < 0) {
    free(state);
    free(backlog);
    return result;
  }
  state->backlog = backlog;
  lane->state = state;
  lane->wake_fd = state->ring.event_fd;
  return 0;
}

static const char *why_not(const struct lane *lane, int op) {
  const struct state *state = lane->state;
  if (uring_ops[op].fill != NULL && !state->ring.knows[uring_ops[op].opcode])
    return "this kernel's io_uring has no operation for it";
  return uring_ops[op].why_not;
}

const struct lane_verbs uring_lane = {
    .name = "uring",
    .open = open_lane,
    .flush = flush,
    .reap = reap,
    .arm = arm,
    .disarm = disarm,
    .cancel = cancel,
    .close = close_lane,
    .why_not = why_not,
};

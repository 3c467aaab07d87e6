// The uring lane: requests as entries of an io_uring. A cached read completes while it is
// submitted, on the loop's own thread and without a wake-up; what has to wait is the kernel's.
//
//   backlog (slots) -> SQ -> enter -> CQ -> completion ring in shared memory
#include <errno.h>

#include "assertions.h"
#include "direct-fds.h"
#include "event.h"
#include "faults.h"
#include "lane-state.h"
#include "lane.h"
#include "ops.gen.h"
#include "regular-files.h"
#include "slow-copies.h"
#include "uring-cancel.h"
#include "uring-fixed.h"
#include "uring-ops.h"
#include "uring-slurp.h"
#include "uring.h"

struct state {
  struct lane_state lane;
  struct uring ring;
  struct uring_cancels cancels;
  struct uring_fixed fixed;
  struct uring_slurps slurps;
  struct uring_turn turn;
  bool armed;
};

/**
 * A thread of the kernel's is interrupted when what it did before is cancelled too late, and then this
 * has done nothing: it is begun again, and not by a worker of the pool, which a fifo would block.
 */
static bool is_interrupted(const struct lane *lane, int slot, int32_t result) {
  const struct state *state = lane->state;
  return result == -EINTR && !state->cancels.everything &&
         slot_words(&lane->memory, slot)[SLOT_CANCELLED] == 0;
}

static void complete(struct lane *lane, int slot, int32_t result) {
  struct state *state = lane->state;
  if (uring_is_slurp(&state->slurps, slot))
    result = uring_slurp_end(&state->slurps, &lane->memory, slot, result);
  lane_complete(lane, slot, result);
}

static void harvest(struct lane *lane) {
  struct state *state = lane->state;
  const struct io_uring_cqe *cqe;
  while ((cqe = uring_peek(&state->ring)) != NULL) {
    uint64_t user_data = cqe->user_data;
    int32_t result = cqe->res;
    uring_seen(&state->ring);
    if (user_data >= URING_CANCEL) {
      uring_cancel_told(&state->cancels, user_data, result);
      continue;
    }
    state->lane.in_flight--;
    result = faults_ring_result(result);
    if (is_interrupted(lane, (int)user_data, result))
      backlog_push(&state->lane, (int)user_data);
    else
      complete(lane, (int)user_data, result);
  }
  uring_cancel_tend(&state->cancels, &state->ring, &lane->memory);
}

/** As much of the backlog as the queue takes. */
static void fill_queue(struct lane *lane) {
  struct state *state = lane->state;
  while (!backlog_is_empty(&state->lane)) {
    int slot = backlog_first(&state->lane);
    const int32_t *w = slot_words(&lane->memory, slot);
    if (w[SLOT_CANCELLED] != 0) {
      complete(lane, slot, -ECANCELED);
    } else {
      struct io_uring_sqe *sqe = uring_sqe(&state->ring);
      if (sqe == NULL)
        return;
      if (uring_is_slurp(&state->slurps, slot))
        uring_slurp_fill(&state->slurps, &lane->memory, sqe, slot);
      else
        uring_ops[w[SLOT_OP]].fill(&lane->memory, sqe, slot, &state->turn);
      sqe->user_data = (uint64_t)slot;
      if (sqe->opcode == IORING_OP_READ || sqe->opcode == IORING_OP_WRITE)
        uring_fixed_use(&state->fixed, &state->ring, sqe);
      state->lane.in_flight++;
    }
    backlog_drop_first(&state->lane);
  }
}

/** Nothing is on the ring, and one thing waits for it. */
static bool is_alone(const struct state *state, int more) {
  unsigned waiting = state->lane.tail - state->lane.head;
  return state->lane.in_flight == 0 && waiting + (unsigned)more == 1;
}

/** Where the kernel takes nothing (EAGAIN, EBUSY, ENOMEM) the rest waits for the next look. */
static void submit(struct lane *lane) {
  struct state *state = lane->state;
  state->turn.inline_bytes = 0;
  state->turn.alone = is_alone(state, 0);
  for (;;) {
    fill_queue(lane);
    int result = uring_enter(&state->ring, 0, 0);
    harvest(lane);
    // A full queue that the kernel polls has room the next time.
    if (backlog_is_empty(&state->lane) || result < 0 || state->ring.polled)
      return;
  }
}

#define CODE(name, code) OP_##name = (code),
enum { EIO_OPS(CODE) };

/** The kernel would copy it slowly: threads go round that. */
static bool is_slow(const struct memory *m, const int32_t *w) {
  if (w[SLOT_DIRECT] == 0)
    return false;
  const uint8_t *data = slot_data(m, w);
  size_t bytes = (size_t)w[SLOT_DATA_BYTES];
  return w[SLOT_OP] == OP_read
             ? read_is_slow(data, bytes, slot_position(w))
             : w[SLOT_OP] == OP_write &&
                   write_is_slow(data, bytes, slot_position(w));
}

/**
 * A copy from the page cache that is not for the loop: a thread of ours makes it for less than one of the kernel's
 * (docs/decisions.md). A ring that was chosen by name does it all the same.
 */
static bool is_large_copy(const struct lane *lane, const int32_t *w,
                          struct direct_fds *direct) {
  const struct state *state = lane->state;
  return lane->memory.control[CONTROL_USES_RINGS] != 0 &&
         w[SLOT_OP] == OP_read &&
         w[SLOT_DATA_BYTES] > uring_inline_bytes(&lane->memory, &state->turn) &&
         !direct_fds_has(direct, w[SLOT_FD]);
}

static int flush(struct lane *lane, int count) {
  struct state *state = lane->state;
  state->turn.alone = is_alone(state, count);
  struct regular_files known;
  regular_files_forget(&known);
  struct direct_fds direct;
  direct_fds_forget(&direct);
  int declined = 0;
  for (int i = 0; i < count; i++) {
    int slot = lane->list[i];
    const int32_t *w = slot_words(&lane->memory, slot);
    if (is_large_copy(lane, w, &direct)) {
      declined = lane_decline(lane, declined, slot, -E2BIG);
      continue;
    }
    // Whole files come here from nowait, which takes those of local mounts only.
    if (w[SLOT_OP] == OP_slurp
            ? uring_slurp_begin(&state->slurps, &lane->memory, slot)
            : regular_files_has(&known, w[SLOT_FD]) &&
                  !is_slow(&lane->memory, w)) {
      backlog_push(&state->lane, slot);
      continue;
    }
    declined = lane_decline(lane, declined, slot, SPECIAL_DECLINED);
  }
  submit(lane);
  return declined;
}

/** Is there anything that the kernel is still to take? */
static bool is_unsent(const struct state *state) {
  return !backlog_is_empty(&state->lane) || uring_is_unsent(&state->ring) ||
         uring_cancel_is_due(&state->cancels);
}

static void reap(struct lane *lane) {
  struct state *state = lane->state;
  if (is_unsent(state))
    submit(lane);
  else if (uring_needs_enter(&state->ring))
    uring_enter(&state->ring, 0, 0);
  harvest(lane);
}

static void disarm(struct lane *lane) {
  struct state *state = lane->state;
  state->armed = false;
  uring_ring_bell(&state->ring, false);
}

static bool arm(struct lane *lane) {
  struct state *state = lane->state;
  if (state->ring.polled)
    event_quiet(state->ring.event_fd);
  state->armed = true;
  uring_ring_bell(&state->ring, true);
  if (!lane_has_completions(lane) && uring_peek(&state->ring) == NULL &&
      !uring_needs_enter(&state->ring) && !is_unsent(state))
    return true;
  disarm(lane);
  return false;
}

/** One that is still in the backlog is seen there. */
static bool cancel(struct lane *lane, int slot) {
  struct state *state = lane->state;
  uring_cancel(&state->cancels, &state->ring, slot);
  uring_enter(&state->ring, 0, 0);
  harvest(lane);
  // The loop may be asleep, and what is not handed over now would never be.
  if (uring_is_unsent(&state->ring))
    uring_enter(&state->ring, 0, 0);
  return is_unsent(state);
}

static void wait_for_kernel(struct lane *lane, int timeout_ms) {
  struct state *state = lane->state;
  uring_enter(&state->ring, 1, timeout_ms);
  harvest(lane);
}

static bool close_lane(struct lane *lane) {
  struct state *state = lane->state;
  state->cancels.everything = true;
  if (state->lane.in_flight != 0)
    uring_cancel_slots(&state->cancels, &state->ring, &lane->memory);
  bool idle = lane_state_drain(lane, wait_for_kernel);
  uring_close(&state->ring);
  uring_fixed_close(&state->fixed);
  uring_slurps_close(&state->slurps, lane->memory.slots);
  lane_state_close(state);
  return idle;
}

static int open_lane(struct lane *lane) {
  struct state *state = lane_state_open(lane, sizeof *state);
  if (state == NULL)
    return -ENOMEM;
  if (!uring_slurps_open(&state->slurps, lane->memory.slots)) {
    lane_state_close(state);
    return -ENOMEM;
  }
  int32_t sqpoll_idle_ms = lane->memory.control[CONTROL_SQPOLL_IDLE_MS];
  int result = uring_open(&state->ring, lane->ring_mask + 1,
                          (unsigned)sqpoll_idle_ms, &lane->failed);
  if (result < 0) {
    uring_slurps_close(&state->slurps, lane->memory.slots);
    lane_state_close(state);
    return result;
  }
  uring_fixed_open(&state->fixed, &state->ring, &lane->memory);
  lane->state = state;
  lane->wake_fd = state->ring.event_fd;
  lane->wake_wanted = state->ring.polled ? &state->armed : NULL;
  return 0;
}

static const char *why_not(const struct lane *lane, int op) {
  const struct state *state = lane->state;
  if (uring_ops[op].fill != NULL && !state->ring.knows[uring_ops[op].opcode])
    return "this kernel's io_uring has no operation for it";
  return reason_of(uring_ops[op].fill != NULL, uring_ops[op].why_not);
}

static const char *how(struct lane *lane, int op) {
  struct state *state = lane->state;
  int opcode = uring_ops[op].opcode;
  if (uring_ops[op].fill == NULL ||
      (opcode != IORING_OP_READ && opcode != IORING_OP_WRITE))
    return NULL;
  return uring_fixed_how(&state->fixed);
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
    .how = how,
};

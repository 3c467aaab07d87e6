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
#include "uring.h"

enum {
  /**
   * A transfer this large is copied by one of the kernel's threads, not on the loop: 64 KiB with 16
   * in flight cost 5 us there and 13 us beside, against 12.7 us all on the loop.
   */
  ASYNC_MIN_BYTES = 1 << 16,
  /** One that is alone need not share: up to here it costs less than a thread's wake-up. */
  ALONE_MAX_BYTES = 1 << 17,
  /** So much is copied on the loop in one turn; what comes beyond it goes to those threads, too. */
  INLINE_MAX_BYTES = 1 << 18,
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
  int64_t inline_bytes;
  bool alone;
};

typedef void fill(struct lane *, struct io_uring_sqe *, int slot);

static void fill_transfer(struct lane *lane, struct io_uring_sqe *sqe, int slot,
                          int opcode) {
  struct state *state = lane->state;
  const int32_t *w = slot_words(&lane->memory, slot);
  int64_t bytes = w[SLOT_DATA_BYTES];
  sqe->opcode = (uint8_t)opcode;
  sqe->fd = w[SLOT_FD];
  sqe->addr = (uintptr_t)slot_data(&lane->memory, w);
  sqe->len = (uint32_t)bytes;
  sqe->off = (uint64_t)slot_position(w);
  int64_t most = state->alone ? ALONE_MAX_BYTES : ASYNC_MIN_BYTES - 1;
  if (bytes > most || state->inline_bytes + bytes > INLINE_MAX_BYTES)
    sqe->flags |= IOSQE_ASYNC;
  else
    state->inline_bytes += bytes;
}

static void uring_read(struct lane *lane, struct io_uring_sqe *sqe, int slot) {
  fill_transfer(lane, sqe, slot, IORING_OP_READ);
}

static void uring_write(struct lane *lane, struct io_uring_sqe *sqe, int slot) {
  fill_transfer(lane, sqe, slot, IORING_OP_WRITE);
}

static void uring_fsync(struct lane *lane, struct io_uring_sqe *sqe, int slot) {
  sqe->opcode = IORING_OP_FSYNC;
  sqe->fd = slot_words(&lane->memory, slot)[SLOT_FD];
}

static void uring_fdatasync(struct lane *lane, struct io_uring_sqe *sqe,
                            int slot) {
  uring_fsync(lane, sqe, slot);
  sqe->fsync_flags = IORING_FSYNC_DATASYNC;
}

struct row {
  fill *fill;
  int opcode;
  const char *why_not;
};

// Releases of clang-format differ about braces in a macro.
// clang-format off
#define FILLS(name, code) {.fill = uring_##name, .opcode = IORING_OP_##code}
#define NO_OPCODE {.why_not = "io_uring has no operation for it"}
#define PUNTED                                                                 \
  {.why_not = "the kernel always hands it to a thread: the pool costs less"}
#define SEVERAL {.why_not = "several operations with decisions in between"}

#define ROW_nop NO_OPCODE
#define ROW_busy NO_OPCODE
#define ROW_custom {.why_not = "it is a function of JavaScript"}
#define ROW_open {.why_not = "the ring would open a fifo without waiting for it"}
#define ROW_close {.why_not = "closing may write back what is left to write"}
#define ROW_read FILLS(read, READ)
#define ROW_write FILLS(write, WRITE)
#define ROW_fstat PUNTED
#define ROW_ftruncate NO_OPCODE
#define ROW_fsync FILLS(fsync, FSYNC)
#define ROW_fdatasync FILLS(fdatasync, FSYNC)
#define ROW_fchmod NO_OPCODE
#define ROW_fchown NO_OPCODE
#define ROW_futimes NO_OPCODE
#define ROW_stat PUNTED
#define ROW_lstat PUNTED
#define ROW_statfs NO_OPCODE
#define ROW_access NO_OPCODE
#define ROW_chmod NO_OPCODE
#define ROW_lchmod NO_OPCODE
#define ROW_chown NO_OPCODE
#define ROW_lchown NO_OPCODE
#define ROW_utimes NO_OPCODE
#define ROW_lutimes NO_OPCODE
#define ROW_link PUNTED
#define ROW_symlink PUNTED
#define ROW_readlink NO_OPCODE
#define ROW_rename PUNTED
#define ROW_unlink PUNTED
#define ROW_rmdir PUNTED
#define ROW_mkdir PUNTED
#define ROW_copyFile NO_OPCODE
#define ROW_mkdtemp NO_OPCODE
#define ROW_realpath NO_OPCODE
#define ROW_slurp SEVERAL
#define ROW_slurpFd SEVERAL
#define ROW_spew SEVERAL
#define ROW_truncate SEVERAL
#define ROW_scandir NO_OPCODE
#define ROW_opendir NO_OPCODE
#define ROW_mkdirp SEVERAL
#define ROW_rmtree SEVERAL
#define ROW_cptree SEVERAL
#define ROW_realpathWalk SEVERAL
#define ROW_statMany SEVERAL

#define ROW(name, code) [code] = ROW_##name,
#define SYS_ROW(name, code) [code] = PUNTED,
// clang-format on
static const struct row rows[EIO_OP_CODES] = {EIO_OPS(ROW)
                                                  EIO_SYS_OPS(SYS_ROW)};

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
      rows[w[SLOT_OP]].fill(lane, sqe, slot);
      sqe->user_data = (uint64_t)slot;
      state->in_flight++;
    }
    state->head++;
  }
}

/** Where the kernel takes nothing (EAGAIN, EBUSY, ENOMEM) the rest waits for the next look. */
static void submit(struct lane *lane) {
  struct state *state = lane->state;
  state->inline_bytes = 0;
  state->alone = state->in_flight == 0 && state->tail - state->head == 1;
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

/** One that is still in the backlog is seen there. */
static void cancel(struct lane *lane, int slot) {
  struct state *state = lane->state;
  struct io_uring_sqe *sqe = uring_sqe(&state->ring);
  if (sqe == NULL)
    return;
  sqe->opcode = IORING_OP_ASYNC_CANCEL;
  sqe->addr = (uint64_t)slot;
  sqe->user_data = NOBODY;
  state->in_flight++;
  uring_enter(&state->ring, 0, 0);
  harvest(lane);
}

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void close_lane(struct lane *lane) {
  struct state *state = lane->state;
  int64_t end = now_ms() + CLOSE_MAX_MS;
  if (state->in_flight != 0) {
    uring_cancel_all(&state->ring);
    state->in_flight++;
  }
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
  if (rows[op].fill != NULL && !state->ring.knows[rows[op].opcode])
    return "this kernel's io_uring has no operation for it";
  return rows[op].why_not;
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

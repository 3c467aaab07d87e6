// The aio lane: aligned reads and writes of descriptors that are open with O_DIRECT, and fsync, by
// Linux AIO. Where containers refuse io_uring this is what keeps a disk's queue full.
//
//   backlog (slots) -> io_submit -> events -> completion ring in shared memory
//
// io_submit runs on the loop's thread and must not wait: what is not direct and aligned is declined,
// and RWF_NOWAIT makes the kernel refuse the rest with EAGAIN (a lock that is held, blocks that have
// to be allocated, a full queue of the device). All of that is the pool's.
#include <errno.h>

#include "aio-queue.h"
#include "direct-fds.h"
#include "lane-state.h"
#include "lane.h"
#include "ops.gen.h"

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif

enum {
  BATCH = 64,
  /** The smallest block that a disk has; one that has larger ones says EINVAL itself. */
  ALIGN_MASK = 511,
};

struct state {
  struct lane_state lane;
  struct aio_queue queue;
  bool armed;
};

typedef void fill(const struct memory *, struct iocb *, int slot);

static void fill_transfer(const struct memory *m, struct iocb *iocb, int slot,
                          unsigned short opcode) {
  const int32_t *w = slot_words(m, slot);
  iocb->aio_lio_opcode = opcode;
  iocb->aio_buf = (uintptr_t)slot_data(m, w);
  iocb->aio_nbytes = (uint64_t)w[SLOT_DATA_BYTES];
  iocb->aio_offset = slot_position(w);
  iocb->aio_rw_flags = RWF_NOWAIT;
}

static void aio_read(const struct memory *m, struct iocb *iocb, int slot) {
  fill_transfer(m, iocb, slot, IOCB_CMD_PREAD);
}

static void aio_write(const struct memory *m, struct iocb *iocb, int slot) {
  fill_transfer(m, iocb, slot, IOCB_CMD_PWRITE);
}

/** On a thread of the kernel's; older ones than 4.18 say EINVAL, and the pool does it. */
static void aio_fsync(const struct memory *m, struct iocb *iocb, int slot) {
  (void)m, (void)slot;
  iocb->aio_lio_opcode = IOCB_CMD_FSYNC;
}

static void aio_fdatasync(const struct memory *m, struct iocb *iocb, int slot) {
  (void)m, (void)slot;
  iocb->aio_lio_opcode = IOCB_CMD_FDSYNC;
}

#define CODE(name, code) OP_##name = (code),
enum { EIO_OPS(CODE) };

/** The interface has these and no others, whatever is added to the table of ops. */
static fill *const fills[EIO_OP_CODES] = {
    [OP_read] = aio_read,
    [OP_write] = aio_write,
    [OP_fsync] = aio_fsync,
    [OP_fdatasync] = aio_fdatasync,
};

/** Would the kernel begin it without waiting? */
static bool takes(struct lane *lane, struct direct_fds *known, int slot) {
  const int32_t *w = slot_words(&lane->memory, slot);
  if (w[SLOT_OP] != OP_read && w[SLOT_OP] != OP_write)
    return true;
  int64_t position = slot_position(w);
  uint64_t places = (uintptr_t)slot_data(&lane->memory, w) |
                    (uint64_t)w[SLOT_DATA_BYTES] | (uint64_t)position;
  return position >= 0 && (places & ALIGN_MASK) == 0 &&
         direct_fds_has(known, w[SLOT_FD]);
}

static void harvest(struct lane *lane) {
  struct state *state = lane->state;
  struct io_event events[BATCH];
  unsigned count;
  do {
    count =
        state->lane.in_flight == 0 ? 0 : aio_take(&state->queue, events, BATCH);
    for (unsigned i = 0; i < count; i++)
      lane_complete(lane, (int)events[i].data, (int32_t)events[i].res);
    state->lane.in_flight -= count;
  } while (count == BATCH);
}

/** The next of the backlog that the context has room for. */
static long fill_batch(struct lane *lane, struct iocb *iocbs) {
  struct state *state = lane->state;
  long count = 0;
  while (!backlog_is_empty(&state->lane) && count < BATCH &&
         state->lane.in_flight + count < state->queue.capacity) {
    int slot = backlog_first(&state->lane);
    backlog_drop_first(&state->lane);
    const int32_t *w = slot_words(&lane->memory, slot);
    if (w[SLOT_CANCELLED] != 0) {
      lane_complete(lane, slot, -ECANCELED);
      continue;
    }
    struct iocb *iocb = &iocbs[count++];
    *iocb = (struct iocb){.aio_data = (uint64_t)slot,
                          .aio_fildes = (uint32_t)w[SLOT_FD],
                          .aio_flags = IOCB_FLAG_RESFD,
                          .aio_resfd = (uint32_t)state->queue.event_fd};
    fills[w[SLOT_OP]](&lane->memory, iocb, slot);
  }
  return count;
}

/** Where the context is full the rest waits; what the kernel refuses otherwise is the pool's. */
static void submit(struct lane *lane) {
  struct state *state = lane->state;
  struct iocb iocbs[BATCH], *list[BATCH];
  for (int i = 0; i < BATCH; i++)
    list[i] = &iocbs[i];
  for (;;) {
    long count = fill_batch(lane, iocbs);
    if (count == 0)
      return;
    long taken = aio_submit(&state->queue, list, count);
    bool full = taken == -EAGAIN && state->lane.in_flight != 0;
    long done = taken > 0 ? taken : 0;
    state->lane.in_flight += (unsigned)done;
    if (taken < 0 && !full)
      lane_complete(lane, (int)iocbs[done++].aio_data, SPECIAL_DECLINED);
    while (count > done)
      backlog_unshift(&state->lane, (int)iocbs[--count].aio_data);
    if (full)
      return;
  }
}

static int flush(struct lane *lane, int count) {
  struct state *state = lane->state;
  struct direct_fds known;
  direct_fds_forget(&known);
  int declined = 0;
  for (int i = 0; i < count; i++) {
    int slot = lane->list[i];
    if (takes(lane, &known, slot))
      backlog_push(&state->lane, slot);
    else
      declined = lane_decline(lane, declined, slot, SPECIAL_DECLINED);
  }
  submit(lane);
  return declined;
}

static void reap(struct lane *lane) {
  const struct state *state = lane->state;
  harvest(lane);
  if (!backlog_is_empty(&state->lane))
    submit(lane);
}

static bool arm(struct lane *lane) {
  struct state *state = lane->state;
  // Quiet first, then look: an event that comes in between rings the bell.
  aio_quiet(&state->queue);
  state->armed = true;
  reap(lane);
  if (!lane_has_completions(lane))
    return true;
  state->armed = false;
  return false;
}

static void disarm(struct lane *lane) {
  ((struct state *)lane->state)->armed = false;
}

/** Of the backlog it is seen in time; a transfer that has begun cannot be stopped. */
static bool cancel(struct lane *lane, int slot) {
  return (void)lane, (void)slot, false;
}

static void wait_for_kernel(struct lane *lane, int timeout_ms) {
  struct state *state = lane->state;
  struct io_event events[BATCH];
  state->lane.in_flight -= aio_wait(&state->queue, events, BATCH, timeout_ms);
}

static bool close_lane(struct lane *lane) {
  struct state *state = lane->state;
  bool idle = lane_state_drain(lane, wait_for_kernel);
  aio_close(&state->queue, idle);
  lane_state_close(state);
  return idle;
}

static int open_lane(struct lane *lane) {
  struct state *state = lane_state_open(lane, sizeof *state);
  if (state == NULL)
    return -ENOMEM;
  int result = aio_open(&state->queue, lane->ring_mask + 1, &lane->failed);
  if (result < 0) {
    lane_state_close(state);
    return result;
  }
  lane->state = state;
  lane->wake_fd = state->queue.event_fd;
  lane->wake_wanted = &state->armed;
  return 0;
}

static const char *why_not(const struct lane *lane, int op) {
  (void)lane;
  return fills[op] != NULL ? NULL : "Linux AIO has no operation for it";
}

const struct lane_verbs aio_lane = {
    .name = "aio",
    .open = open_lane,
    .flush = flush,
    .reap = reap,
    .arm = arm,
    .disarm = disarm,
    .cancel = cancel,
    .close = close_lane,
    .why_not = why_not,
};

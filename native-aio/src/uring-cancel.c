// When to request a cancel, and when to repeat it; see uring-cancel.h. Which slots were cancelled is
// remembered in the slots themselves.
#include "uring-cancel.h"

#include "faults.h"

enum { WAIT_MIN_MS = 1, WAIT_MAX_MS = 128 };

/** An entry, if need be after handing over those that are there. */
static struct io_uring_sqe *entry_of(struct uring *ring) {
  struct io_uring_sqe *sqe = uring_sqe(ring);
  if (sqe == NULL && uring_enter(ring, 0, 0) == 0)
    sqe = uring_sqe(ring);
  return sqe;
}

void uring_cancel(struct uring_cancels *c, struct uring *ring, int slot) {
  struct io_uring_sqe *sqe = entry_of(ring);
  if (sqe == NULL) {
    c->failed = true;
    return;
  }
  sqe->opcode = IORING_OP_ASYNC_CANCEL;
  sqe->addr = faults_ring_cancel() ? URING_NOBODY : (uint64_t)slot;
  sqe->user_data = URING_CANCEL | (uint64_t)slot;
}

/**
 * One by one: a cancel of everything looks at all that is left for each one that it finds (Linux 6.18
 * takes 0.9 s for 10,000, and this 0.1 s). What is not here any more is not found.
 */
int uring_cancel_slots(struct uring_cancels *c, struct uring *ring,
                       const struct memory *memory) {
  int count = 0;
  for (int slot = 0; slot < memory->slots; slot++) {
    const int32_t *w = slot_words(memory, slot);
    // It may be a thread's, which changes it at this moment.
    if (__atomic_load_n(&w[SLOT_STATE], __ATOMIC_SEQ_CST) != STATE_NATIVE ||
        (!c->everything && w[SLOT_CANCELLED] == 0))
      continue;
    uring_cancel(c, ring, slot);
    count++;
  }
  return count;
}

/** Not found is either done already, or between two tries. */
void uring_cancel_told(struct uring_cancels *c, uint64_t user_data,
                       int32_t result) {
  if (user_data == URING_TIMER) {
    c->timer_runs = false;
    c->timer_over = true;
  } else if (result < 0) {
    c->failed = true;
  }
}

static void start_timer(struct uring_cancels *c, struct uring *ring) {
  struct io_uring_sqe *sqe = entry_of(ring);
  if (sqe == NULL)
    return;
  c->wait_ms = c->wait_ms < WAIT_MIN_MS       ? WAIT_MIN_MS
               : 2 * c->wait_ms < WAIT_MAX_MS ? 2 * c->wait_ms
                                              : WAIT_MAX_MS;
  c->wait = (struct __kernel_timespec){.tv_nsec = c->wait_ms * 1000000LL};
  sqe->opcode = IORING_OP_TIMEOUT;
  sqe->addr = (uintptr_t)&c->wait;
  sqe->len = 1;
  sqe->user_data = URING_TIMER;
  c->timer_runs = true;
  c->failed = false;
}

void uring_cancel_tend(struct uring_cancels *c, struct uring *ring,
                       const struct memory *memory) {
  if (c->timer_over) {
    c->timer_over = false;
    if (uring_cancel_slots(c, ring, memory) == 0)
      c->wait_ms = 0;
  }
  if (uring_cancel_is_due(c))
    start_timer(c, ring);
}

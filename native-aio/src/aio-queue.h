// One context of Linux AIO: requests in, events out, and the descriptor that signals them. It knows
// iocbs, not slots.
//
//   io_submit -> kernel -> ring of events, mapped into this process -> aio_take, without a call
//                       -> event_fd, written on each event
#pragma once

#include <linux/aio_abi.h>
#include <stdbool.h>

struct aio_ring;

struct aio_queue {
  aio_context_t context;
  /** The kernel's own ring of events; NULL where its layout is not the one we know. */
  struct aio_ring *ring;
  int event_fd;
  /** Requests that may be in flight at once. */
  unsigned capacity;
};

/** 0, or -errno with *failed set to what failed. Takes fewer than `wanted` where there are fewer. */
int aio_open(struct aio_queue *, unsigned wanted, const char **failed);
/** How many were taken, or the -errno of the first. */
long aio_submit(struct aio_queue *, struct iocb **, long count);
/** Events that are there now: at most `max`, perhaps none. */
unsigned aio_take(struct aio_queue *, struct io_event *to, unsigned max);
/** Waits for one event at least, but not for longer than the time. */
unsigned aio_wait(struct aio_queue *, struct io_event *to, unsigned max,
                  int timeout_ms);
/** Makes the event descriptor unreadable until the next event. */
void aio_quiet(struct aio_queue *);
/** `idle`: nothing is in flight. What the kernel still works on keeps its context. */
void aio_close(struct aio_queue *, bool idle);

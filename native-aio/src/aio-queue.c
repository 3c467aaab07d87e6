// One context of Linux AIO by raw system calls; see aio-queue.h. Events are read from the ring that
// the kernel maps for that very purpose (its layout is part of the interface: QEMU and fio read it
// too, and the kernel reckons with a reader that makes no call); io_getevents is for waiting.
#include "aio-queue.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "event.h"
#include "syscalls.h"

/** fs.aio-max-nr is for all processes together: where it is used up, less will do. */
static const unsigned sizes[] = {256, 128, 64, 32};

static const unsigned RING_MAGIC = 0xa10a10a1;

struct aio_ring {
  unsigned id, size;
  unsigned head, tail;
  unsigned magic, compatible, incompatible, header_bytes;
  struct io_event events[];
};

static struct aio_ring *ring_of(aio_context_t context) {
  struct aio_ring *ring = (struct aio_ring *)(uintptr_t)context;
  bool known = ring->magic == RING_MAGIC && ring->incompatible == 0 &&
               ring->header_bytes == offsetof(struct aio_ring, events);
  return known ? ring : NULL;
}

int aio_open(struct aio_queue *q, unsigned wanted, const char **failed) {
  *q = (struct aio_queue){.event_fd = -1};
  *failed = "io_setup";
  int result = -EAGAIN;
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    q->capacity = sizes[i] < wanted ? sizes[i] : wanted;
    result = calls->aio_setup(q->capacity, &q->context);
    if (result != -EAGAIN && result != -ENOMEM)
      break;
  }
  if (result < 0)
    return result;
  q->ring = ring_of(q->context);
  *failed = "eventfd";
  q->event_fd = calls->eventfd();
  if (q->event_fd >= 0)
    return 0;
  calls->aio_destroy(q->context);
  return q->event_fd;
}

void aio_close(struct aio_queue *q, bool idle) {
  // It would wait for what is in flight, however long that takes; the end of the process does, too.
  if (idle)
    calls->aio_destroy(q->context);
  close(q->event_fd);
}

long aio_submit(struct aio_queue *q, struct iocb **iocbs, long count) {
  long taken;
  do
    taken = calls->aio_submit(q->context, count, iocbs);
  while (taken == -EINTR);
  return taken;
}

unsigned aio_wait(struct aio_queue *q, struct io_event *to, unsigned max,
                  int timeout_ms) {
  struct timespec time = {.tv_sec = timeout_ms / 1000,
                          .tv_nsec = timeout_ms % 1000 * 1000000L};
  long count =
      calls->aio_events(q->context, timeout_ms > 0 ? 1 : 0, max, to, &time);
  return count > 0 ? (unsigned)count : 0;
}

unsigned aio_take(struct aio_queue *q, struct io_event *to, unsigned max) {
  struct aio_ring *ring = q->ring;
  if (ring == NULL)
    return aio_wait(q, to, max, 0);
  unsigned head = ring->head, count = 0;
  unsigned tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
  for (; head != tail && count < max; count++) {
    to[count] = ring->events[head];
    head = head + 1 == ring->size ? 0 : head + 1;
  }
  if (count != 0)
    __atomic_store_n(&ring->head, head, __ATOMIC_RELEASE);
  return count;
}

void aio_quiet(struct aio_queue *q) { event_quiet(q->event_fd); }

// One io_uring by raw system calls; see uring.h. On newer kernels more is tried first: completions
// that wait until we enter (6.1), then those that do not interrupt us (5.19), then the plain ring.
#include "uring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "syscalls.h"

enum {
  SQ_ENTRIES = 256,
  /** For one that does nothing: the kernel's thread may be busy elsewhere. */
  TRY_MAX_MS = 2000,
  /** What is run and waited for waits for nothing itself: a limit on one call alone. */
  RUN_MS = 1000,
};

static const unsigned wishes[] = {
    IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER |
        IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
    IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN |
        IORING_SETUP_TASKRUN_FLAG,
    0,
};
/** None of the above is for a ring that the kernel polls: its completions come without us. */
static const unsigned polled_wishes[] = {
    IORING_SETUP_SQPOLL | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER,
    IORING_SETUP_SQPOLL,
};
/** Linux 5.11: nothing gets lost, paths may go after submit, the bell can be silenced. */
static const unsigned needed = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP |
                               IORING_FEAT_SUBMIT_STABLE |
                               IORING_FEAT_RW_CUR_POS | IORING_FEAT_EXT_ARG;

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static int setup(struct io_uring_params *p, unsigned entries,
                 unsigned completions, unsigned sqpoll_idle_ms) {
  const bool polled = sqpoll_idle_ms != 0;
  const unsigned *flags = polled ? polled_wishes : wishes;
  const size_t count = polled ? COUNT(polled_wishes) : COUNT(wishes);
  int fd = -EINVAL;
  for (size_t i = 0; i < count; i++) {
    *p = (struct io_uring_params){
        .flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | flags[i],
        .sq_thread_idle = sqpoll_idle_ms,
        .cq_entries = completions < 2 * entries ? 2 * entries : completions,
    };
    fd = calls->ring_setup(entries, p);
    if (fd != -EINVAL)
      break;
  }
  return fd;
}

static int map(struct uring *u, const struct io_uring_params *p) {
  size_t sq = p->sq_off.array + p->sq_entries * sizeof(unsigned);
  size_t cq = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
  u->rings_bytes = sq > cq ? sq : cq;
  u->rings = mmap(NULL, u->rings_bytes, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_POPULATE, u->fd, IORING_OFF_SQ_RING);
  if (u->rings == MAP_FAILED)
    return -errno;
  u->sqes_bytes = p->sq_entries * sizeof(struct io_uring_sqe);
  void *sqes = mmap(NULL, u->sqes_bytes, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_POPULATE, u->fd, IORING_OFF_SQES);
  if (sqes == MAP_FAILED)
    return -errno;
  u->sqes = sqes;
  char *base = u->rings;
  u->sq_head = (unsigned *)(base + p->sq_off.head);
  u->sq_tail = (unsigned *)(base + p->sq_off.tail);
  u->sq_flags = (unsigned *)(base + p->sq_off.flags);
  u->sq_entries = p->sq_entries;
  u->sq_mask = p->sq_entries - 1;
  u->cq_head = (unsigned *)(base + p->cq_off.head);
  u->cq_tail = (unsigned *)(base + p->cq_off.tail);
  u->cq_flags = (unsigned *)(base + p->cq_off.flags);
  u->cq_mask = p->cq_entries - 1;
  u->cqes = (struct io_uring_cqe *)(base + p->cq_off.cqes);
  // Entries are used in order, so the array between queue and entries never changes.
  unsigned *array = (unsigned *)(base + p->sq_off.array);
  for (unsigned i = 0; i < p->sq_entries; i++)
    array[i] = i;
  return 0;
}

static int probe(struct uring *u) {
  size_t bytes = sizeof(struct io_uring_probe) +
                 IORING_OP_LAST * sizeof(struct io_uring_probe_op);
  struct io_uring_probe *found = calloc(1, bytes);
  if (found == NULL)
    return -ENOMEM;
  int result =
      calls->ring_register(u->fd, IORING_REGISTER_PROBE, found, IORING_OP_LAST);
  for (unsigned i = 0; result == 0 && i < IORING_OP_LAST; i++)
    u->knows[i] = i <= found->last_op &&
                  (found->ops[i].flags & IO_URING_OP_SUPPORTED) != 0;
  free(found);
  return result;
}

static int watch(struct uring *u) {
  u->event_fd = calls->eventfd();
  if (u->event_fd < 0)
    return u->event_fd;
  uring_ring_bell(u, false);
  return calls->ring_register(u->fd, IORING_REGISTER_EVENTFD, &u->event_fd, 1);
}

/** Entries really go in, and come out: a filter may refuse io_uring_enter alone. */
static int try_out(struct uring *u) {
  struct io_uring_sqe *sqe = uring_sqe(u);
  sqe->opcode = IORING_OP_NOP;
  int result = uring_enter(u, 1, TRY_MAX_MS);
  if (result < 0)
    return result;
  const struct io_uring_cqe *cqe = uring_peek(u);
  if (cqe == NULL)
    return -ETIMEDOUT;
  result = cqe->res;
  uring_seen(u);
  return result;
}

/** After setup(), which returned the descriptor or -errno. */
static int begin(struct uring *u, const struct io_uring_params *params, int fd,
                 bool watched, const char **failed) {
  if (fd < 0)
    return fd;
  u->fd = fd;
  u->features = params->features;
  u->flags = params->flags;
  int result = (u->features & needed) == needed ? 0 : -ENOSYS;
  if (result == 0)
    *failed = "mmap of the ring", result = map(u, params);
  if (result == 0)
    *failed = "io_uring_register (probe)", result = probe(u);
  if (result == 0 && watched)
    *failed = "io_uring_register (eventfd)", result = watch(u);
  if (result == 0)
    *failed = "io_uring_enter", result = try_out(u);
  if (result < 0)
    uring_close(u);
  return result;
}

int uring_open(struct uring *u, unsigned completions, unsigned sqpoll_idle_ms,
               const char **failed) {
  struct io_uring_params params;
  *u = (struct uring){.fd = -1, .event_fd = -1, .rings = MAP_FAILED};
  u->polled = sqpoll_idle_ms != 0;
  *failed = u->polled ? "io_uring_setup (SQPOLL)" : "io_uring_setup";
  int fd = setup(&params, SQ_ENTRIES, completions, sqpoll_idle_ms);
  return begin(u, &params, fd, true, failed);
}

int uring_open_quiet(struct uring *u, unsigned entries) {
  struct io_uring_params params;
  const char *failed;
  *u = (struct uring){.fd = -1, .event_fd = -1, .rings = MAP_FAILED};
  int fd = setup(&params, entries, 0, 0);
  return begin(u, &params, fd, false, &failed);
}

void uring_close(struct uring *u) {
  if (u->sqes != NULL)
    munmap(u->sqes, u->sqes_bytes);
  if (u->rings != MAP_FAILED)
    munmap(u->rings, u->rings_bytes);
  if (u->event_fd >= 0)
    close(u->event_fd);
  if (u->fd >= 0)
    close(u->fd);
}

struct io_uring_sqe *uring_sqe(struct uring *u) {
  unsigned tail = *u->sq_tail + u->sq_filled;
  if (tail - __atomic_load_n(u->sq_head, __ATOMIC_ACQUIRE) >= u->sq_entries)
    return NULL;
  u->sq_filled++;
  struct io_uring_sqe *sqe = &u->sqes[tail & u->sq_mask];
  memset(sqe, 0, sizeof *sqe);
  return sqe;
}

/** Does the kernel's thread have to be woken for what is in the queue? */
static bool is_asleep(const struct uring *u) {
  return u->polled && (__atomic_load_n(u->sq_flags, __ATOMIC_SEQ_CST) &
                       IORING_SQ_NEED_WAKEUP) != 0;
}

int uring_enter(struct uring *u, unsigned wait_for, int timeout_ms) {
  unsigned tail = *u->sq_tail + u->sq_filled;
  u->sq_filled = 0;
  // The kernel's thread looks at the tail once more between saying that it sleeps and sleeping.
  __atomic_store_n(u->sq_tail, tail, __ATOMIC_SEQ_CST);
  struct __kernel_timespec time = {.tv_sec = timeout_ms / 1000,
                                   .tv_nsec = timeout_ms % 1000 * 1000000};
  const struct io_uring_getevents_arg arg = {.ts = (uintptr_t)&time};
  const bool waits = wait_for > 0;
  const unsigned wake = is_asleep(u) ? IORING_ENTER_SQ_WAKEUP : 0;
  if (u->polled && !waits && wake == 0 && !uring_needs_enter(u))
    return 0;
  for (;;) {
    unsigned count = tail - __atomic_load_n(u->sq_head, __ATOMIC_ACQUIRE);
    int taken = calls->ring_enter(u->fd, count, wait_for,
                                  IORING_ENTER_GETEVENTS | wake |
                                      (waits ? IORING_ENTER_EXT_ARG : 0),
                                  waits ? &arg : NULL, waits ? sizeof arg : 0);
    if (taken >= 0)
      return 0;
    if (taken != -EINTR)
      return taken;
  }
}

bool uring_run(struct uring *u, int32_t *results, int count) {
  unsigned before = *u->sq_head;
  while (count > 0) {
    int result = uring_enter(u, (unsigned)count, RUN_MS);
    if (result < 0 && result != -ETIME &&
        __atomic_load_n(u->sq_head, __ATOMIC_ACQUIRE) == before)
      return false;
    const struct io_uring_cqe *cqe;
    while ((cqe = uring_peek(u)) != NULL) {
      results[cqe->user_data] = cqe->res;
      uring_seen(u);
      count--;
    }
  }
  return true;
}

bool uring_is_unsent(const struct uring *u) {
  if (u->sq_filled != 0)
    return true;
  bool taken = *u->sq_tail == __atomic_load_n(u->sq_head, __ATOMIC_ACQUIRE);
  return !taken && (!u->polled || is_asleep(u));
}

bool uring_needs_enter(const struct uring *u) {
  return (__atomic_load_n(u->sq_flags, __ATOMIC_ACQUIRE) &
          (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
}

const struct io_uring_cqe *uring_peek(const struct uring *u) {
  unsigned head = *u->cq_head;
  if (head == __atomic_load_n(u->cq_tail, __ATOMIC_ACQUIRE))
    return NULL;
  return &u->cqes[head & u->cq_mask];
}

void uring_seen(struct uring *u) {
  __atomic_store_n(u->cq_head, *u->cq_head + 1, __ATOMIC_RELEASE);
}

void uring_ring_bell(struct uring *u, bool on) {
  // That the kernel's thread sees this in time nothing makes sure of.
  if (u->polled)
    return;
  __atomic_store_n(u->cq_flags, on ? 0 : IORING_CQ_EVENTFD_DISABLED,
                   __ATOMIC_SEQ_CST);
}

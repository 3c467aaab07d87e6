// See reads-together.h.
#include "reads-together.h"

#include <errno.h>
#include <sys/uio.h>

enum {
  /** Turns for which the ring is let be. */
  SPARED = 256,
};

bool reads_begin(struct reads_together *r, int count) {
  if (count < READS_MIN || r->refused)
    return false;
  if (r->spared > 0) {
    r->spared--;
    return false;
  }
  if (!r->opened) {
    r->opened = uring_open_quiet(&r->ring, READS_TOGETHER_MAX) == 0;
    r->refused = !r->opened;
  }
  regular_files_forget(&r->regular);
  r->count = 0;
  return r->opened;
}

int reads_add(struct reads_together *r, int fd, void *data, size_t bytes,
              int64_t position) {
  if (r->count == READS_TOGETHER_MAX || !regular_files_has(&r->regular, fd))
    return -1;
  struct io_uring_sqe *sqe = uring_sqe(&r->ring);
  sqe->opcode = IORING_OP_READ;
  sqe->fd = fd;
  sqe->addr = (uintptr_t)data;
  sqe->len = (uint32_t)bytes;
  sqe->off = (uint64_t)position;
  sqe->rw_flags = RWF_NOWAIT;
  sqe->user_data = (uint64_t)r->count;
  return r->count++;
}

bool reads_run(struct reads_together *r) {
  if (!uring_run(&r->ring, r->results, r->count)) {
    reads_close(r);
    r->refused = true;
    return false;
  }
  int unable = 0;
  for (int i = 0; i < r->count; i++)
    unable += r->results[i] == -EOPNOTSUPP ? 1 : 0;
  if (unable * 2 > r->count)
    r->spared = SPARED;
  return true;
}

void reads_close(struct reads_together *r) {
  if (r->opened)
    uring_close(&r->ring);
  r->opened = false;
}

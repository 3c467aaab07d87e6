// One read of a whole small file by the ring; see uring-slurp.h. It requests one byte more than there should
// be: exactly the size is the whole file, anything else is for somebody with more patience.
#include "uring-slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "resolve.h"
#include "syscalls.h"

struct slurp {
  int fd;
  int32_t size;
  /** The data may fall on the path, which whoever comes after a refusal still needs. */
  size_t path_bytes;
  uint8_t path[];
};

bool uring_slurps_open(struct uring_slurps *s, int slots) {
  s->jobs = calloc((size_t)slots, sizeof *s->jobs);
  return s->jobs != NULL;
}

static void drop(struct uring_slurps *s, int slot) {
  calls->close(s->jobs[slot]->fd);
  free(s->jobs[slot]);
  s->jobs[slot] = NULL;
  s->count--;
}

void uring_slurps_close(struct uring_slurps *s, int slots) {
  for (int slot = 0; slot < slots && s->count != 0; slot++)
    if (s->jobs[slot] != NULL)
      drop(s, slot);
  free(s->jobs);
}

static size_t path_bytes_of(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  return slot_data(m, w) == slot_block(m, slot) ? (size_t)w[SLOT_PATH] : 0;
}

bool uring_slurp_begin(struct uring_slurps *s, const struct memory *m,
                       int slot) {
  int32_t *w = slot_words(m, slot);
  int32_t size = w[SLOT_OUT_BYTES] - SLURP_NOTE;
  w[SLOT_OUT_BYTES] = 0;
  char path[PATH_BYTES];
  if (size < 0 || size >= w[SLOT_ROOM] || w[SLOT_CANCELLED] != 0 ||
      !slot_copy_path(m, slot, path, sizeof path))
    return false;
  size_t path_bytes = path_bytes_of(m, slot);
  struct slurp *job = malloc(sizeof *job + path_bytes);
  if (job == NULL)
    return false;
  *job = (struct slurp){
      .fd = calls->open_cached(slot_wd(w), path, O_RDONLY | O_NONBLOCK,
                               slot_resolve(w)),
      .size = size,
      .path_bytes = path_bytes,
  };
  if (job->fd < 0) {
    free(job);
    return false;
  }
  memcpy(job->path, path, path_bytes);
  s->jobs[slot] = job;
  s->count++;
  return true;
}

void uring_slurp_fill(struct uring_slurps *s, const struct memory *m,
                      struct io_uring_sqe *sqe, int slot) {
  const struct slurp *job = s->jobs[slot];
  sqe->opcode = IORING_OP_READ;
  sqe->fd = job->fd;
  sqe->addr = (uintptr_t)slot_data(m, slot_words(m, slot));
  sqe->len = (uint32_t)job->size + 1;
}

int32_t uring_slurp_end(struct uring_slurps *s, const struct memory *m,
                        int slot, int32_t result) {
  const struct slurp *job = s->jobs[slot];
  int32_t *w = slot_words(m, slot);
  bool whole = result == job->size;
  if (whole)
    w[SLOT_OUT_BYTES] = result;
  else
    memcpy(slot_block(m, slot), job->path, job->path_bytes);
  drop(s, slot);
  if (whole)
    return 0;
  return result == -ECANCELED ? result : SPECIAL_DECLINED;
}

// Registers memory part by part; see uring-fixed.h. Where that fails (a limit of locked memory, a kernel
// before 5.19) transfers are what they were, and the errno is kept for the caller.
#include "uring-fixed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "syscalls.h"

enum {
  /** As large as the largest buffer that does not cross parts: chunks lie at multiples of their size. */
  PART_BYTES = 1 << 20,
  /** The smallest block that a disk has: what is not aligned to it is not direct. */
  ALIGN_MASK = 511,
};

void uring_fixed_open(struct uring_fixed *f, struct uring *ring,
                      const struct memory *memory) {
  uint64_t start = (uint32_t)memory->control[CONTROL_ALLOC_START];
  *f = (struct uring_fixed){.base = memory->bytes + start};
  if (start == 0 || start >= memory->bytes_max)
    return;
  unsigned parts = (unsigned)((memory->bytes_max - start) / PART_BYTES);
  if (parts == 0)
    return;
  f->registered = calloc(parts, sizeof *f->registered);
  const struct io_uring_rsrc_register empty = {
      .nr = parts, .flags = IORING_RSRC_REGISTER_SPARSE};
  f->error = f->registered == NULL
                 ? -ENOMEM
                 : calls->ring_register(ring->fd, IORING_REGISTER_BUFFERS2,
                                        &empty, sizeof empty);
  if (f->error == 0)
    f->parts = parts;
}

const char *uring_fixed_how(struct uring_fixed *f) {
  if (f->error == 0)
    return f->parts == 0
               ? NULL
               : "direct transfers of alloc()'s memory register it first";
  snprintf(f->text, sizeof f->text,
           "alloc()'s memory is not registered, io_uring_register: %d",
           -f->error);
  return f->text;
}

void uring_fixed_close(struct uring_fixed *f) { free(f->registered); }

static bool has_part(struct uring_fixed *f, struct uring *ring, unsigned part) {
  if (f->registered[part])
    return true;
  struct iovec memory = {.iov_base = f->base + (size_t)part * PART_BYTES,
                         .iov_len = PART_BYTES};
  struct io_uring_rsrc_update2 update = {
      .offset = part, .data = (uintptr_t)&memory, .nr = 1};
  int result = calls->ring_register(ring->fd, IORING_REGISTER_BUFFERS_UPDATE,
                                    &update, sizeof update);
  if (result == 1)
    return f->registered[part] = true;
  // It will not go better the next time. What is registered stays in use.
  if (f->error == 0)
    f->error = result < 0 ? result : -EAGAIN;
  return false;
}

void uring_fixed_use(struct uring_fixed *f, struct uring *ring,
                     struct io_uring_sqe *sqe) {
  uint64_t offset = sqe->addr - (uintptr_t)f->base;
  uint64_t end = offset + sqe->len;
  unsigned part = (unsigned)(offset / PART_BYTES);
  if (sqe->addr < (uintptr_t)f->base || offset / PART_BYTES >= f->parts ||
      sqe->len == 0 || (end - 1) / PART_BYTES != part ||
      ((offset | sqe->len | sqe->off) & ALIGN_MASK) != 0)
    return;
  if (f->error != 0 && !f->registered[part])
    return;
  if (!has_part(f, ring, part))
    return;
  sqe->opcode = sqe->opcode == IORING_OP_READ ? IORING_OP_READ_FIXED
                                              : IORING_OP_WRITE_FIXED;
  sqe->buf_index = (uint16_t)part;
}

// Ops as entries of an io_uring; see uring-ops.h. Every op of the table has a row here: a missing one
// does not compile.
#include "uring-ops.h"

enum {
  /**
   * A transfer this large is copied by one of the kernel's threads, not on the loop: 64 KiB with 16
   * in flight cost 5 us there and 13 us beside, against 12.7 us all on the loop.
   */
  ASYNC_MIN_BYTES = 1 << 16,
  /** One that is alone need not share: up to so many times that it costs less than a wake-up. */
  ALONE_FACTOR = 2,
  /** So much is copied on the loop in one turn; what comes beyond it goes to those threads, too. */
  INLINE_MAX_BYTES = 1 << 18,
};

int64_t uring_inline_bytes(const struct memory *m,
                           const struct uring_turn *turn) {
  int64_t measured = m->control[CONTROL_ASYNC_MIN_BYTES];
  int64_t async_min = measured > 0 ? measured : ASYNC_MIN_BYTES;
  return turn->alone ? async_min * ALONE_FACTOR : async_min - 1;
}

static void fill_transfer(const struct memory *m, struct io_uring_sqe *sqe,
                          int slot, struct uring_turn *turn, int opcode) {
  const int32_t *w = slot_words(m, slot);
  int64_t bytes = w[SLOT_DATA_BYTES];
  sqe->opcode = (uint8_t)opcode;
  sqe->fd = w[SLOT_FD];
  sqe->addr = (uintptr_t)slot_data(m, w);
  sqe->len = (uint32_t)bytes;
  sqe->off = (uint64_t)slot_position(w);
  if (bytes > uring_inline_bytes(m, turn) ||
      turn->inline_bytes + bytes > INLINE_MAX_BYTES)
    sqe->flags |= IOSQE_ASYNC;
  else
    turn->inline_bytes += bytes;
}

static void uring_read(const struct memory *m, struct io_uring_sqe *sqe,
                       int slot, struct uring_turn *turn) {
  fill_transfer(m, sqe, slot, turn, IORING_OP_READ);
}

static void uring_write(const struct memory *m, struct io_uring_sqe *sqe,
                        int slot, struct uring_turn *turn) {
  fill_transfer(m, sqe, slot, turn, IORING_OP_WRITE);
}

static void uring_fsync(const struct memory *m, struct io_uring_sqe *sqe,
                        int slot, struct uring_turn *turn) {
  (void)turn;
  sqe->opcode = IORING_OP_FSYNC;
  sqe->fd = slot_words(m, slot)[SLOT_FD];
}

static void uring_fdatasync(const struct memory *m, struct io_uring_sqe *sqe,
                            int slot, struct uring_turn *turn) {
  uring_fsync(m, sqe, slot, turn);
  sqe->fsync_flags = IORING_FSYNC_DATASYNC;
}

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
#define ROW_readBlock {.why_not = "its memory is taken where it is read"}
#define ROW_write FILLS(write, WRITE)
#define ROW_writev {.why_not = "its data may have to be put together first"}
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
// Never filled like the others: see uring-slurp.h.
#define ROW_slurp FILLS(read, READ)
#define ROW_slurpFd SEVERAL
#define ROW_spew SEVERAL
#define ROW_truncate SEVERAL
#define ROW_scandir NO_OPCODE
#define ROW_opendir NO_OPCODE
#define ROW_mkdirp SEVERAL
#define ROW_rmtree SEVERAL
#define ROW_cptree SEVERAL
#define ROW_cpfile SEVERAL
#define ROW_realpathWalk SEVERAL
#define ROW_statMany SEVERAL
#define ROW_spewAtomic SEVERAL
#define ROW_syncPath SEVERAL
#define ROW_survey SEVERAL
#define ROW_copyDigest SEVERAL

#define ROW(name, code) [code] = ROW_##name,
#define SYS_ROW(name, code) [code] = PUNTED,
// clang-format on
const struct uring_op uring_ops[EIO_OP_CODES] = {EIO_OPS(ROW)
                                                     EIO_SYS_OPS(SYS_ROW)};

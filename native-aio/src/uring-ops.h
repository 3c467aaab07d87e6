// What the ring runs, by opcode: how an op becomes an entry, or why it does not. It knows a turn's
// budget, and nothing of queues.
#pragma once

#include <stdbool.h>

#include "ops.gen.h"
#include "slot.h"
#include "uring-abi.h"

/** What was copied on the loop in this turn, and whether an op is alone in it. */
struct uring_turn {
  int64_t inline_bytes;
  bool alone;
};

/** A transfer of at most so many bytes is copied on the loop. */
int64_t uring_inline_bytes(const struct memory *, const struct uring_turn *);

struct uring_op {
  void (*fill)(const struct memory *, struct io_uring_sqe *, int slot,
               struct uring_turn *);
  int opcode;
  /** Null for what the ring runs. */
  const char *why_not;
};

extern const struct uring_op uring_ops[EIO_OP_CODES];

// One io_uring: its two queues mapped into this process, and the few things one does with it. It
// knows entries, not slots.
//
//   SQ  head -> [ ][x][x][ ] <- tail     we fill, the kernel takes in enter()
//   CQ  head -> [x][x][ ][ ] <- tail     the kernel fills, we take
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uring-abi.h"

struct uring {
  int fd;
  /** Written by the kernel on completions, unless it is set to be quiet. */
  int event_fd;
  unsigned features;
  unsigned flags;
  void *rings;
  size_t rings_bytes;
  struct io_uring_sqe *sqes;
  size_t sqes_bytes;
  unsigned *sq_head, *sq_tail, *sq_flags;
  unsigned sq_mask, sq_entries, sq_filled;
  /** A thread of the kernel's takes entries by itself; enter() wakes it where it sleeps. */
  bool polled;
  unsigned *cq_head, *cq_tail, *cq_flags;
  unsigned cq_mask;
  struct io_uring_cqe *cqes;
  bool knows[IORING_OP_LAST];
};

/**
 * 0, or -errno with *failed set to what failed. `completions` may be outstanding at once. With an idle
 * time the kernel polls for entries until there was none for so long.
 */
int uring_open(struct uring *, unsigned completions, unsigned sqpoll_idle_ms,
               const char **failed);
/** For a thread that waits for whatever it enters, so many at most. 0 or -errno. */
int uring_open_quiet(struct uring *, unsigned entries);
void uring_close(struct uring *);

/** A cleared entry, or NULL when the queue is full: submit first. */
struct io_uring_sqe *uring_sqe(struct uring *);
/** One io_uring_enter, if any, for all that was filled; what is due is completed. 0 or -errno. */
int uring_enter(struct uring *, unsigned wait_for, int timeout_ms);
/**
 * All that was filled, `count` entries: what each returned is in results[its user_data]. False: the kernel took none of
 * them, and takes none any more.
 */
bool uring_run(struct uring *, int32_t *results, int count);
/** Is there an entry that the kernel is still to take? */
bool uring_is_unsent(const struct uring *);
/** Does the kernel hold something back that an enter would bring? */
bool uring_needs_enter(const struct uring *);
/** The oldest completion, or NULL; uring_seen() gives its place back. */
const struct io_uring_cqe *uring_peek(const struct uring *);
void uring_seen(struct uring *);
/** Whether completions write to the event descriptor; those of a polled ring always do. */
void uring_ring_bell(struct uring *, bool on);

// The nowait lane: does on the loop's own thread what the kernel can do from memory without
// waiting, and declines the rest. It needs no ring, so it works where io_uring is refused.
//
// The loop must stay free: one flush begins at most CALLS_MAX reads and copies at most BYTES_MAX. Of
// paths it looks up few: one alone is done before a worker would have woken, and of many the
// pool's workers do most beside us (stat at 64 in flight: 2.8 us here, 1.4 us here and 2 us there).
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "assertions.h"
#include "blocks.h"
#include "job.h"
#include "lane.h"
#include "mounts.h"
#include "nowait-reads.h"
#include "ops.gen.h"
#include "reads-together.h"
#include "resolve.h"
#include "stats.h"
#include "syscalls.h"

enum {
  CALLS_MAX = 256,
  /** Calls with a path in one flush: eight stats or four whole files. */
  PATH_CALLS_MAX = 24,
  STAT_CALLS = 3,
  SLURP_CALLS = 6,
  OPEN_CALLS = 6,
  BYTES_MAX = 1 << 18,
};

/** What is left of a turn. */
struct budget {
  struct read_budget reads;
  int path_calls;
};

static int32_t nowait_read(struct lane *lane, int slot, struct budget *budget) {
  return nowait_read_one(lane, slot, &budget->reads);
}

/** A descriptor of a path that is in the kernel's memory, or below 0. */
static int open_path(struct lane *lane, int slot, uint64_t flags) {
  char path[PATH_BYTES];
  if (!slot_copy_path(&lane->memory, slot, path, sizeof path))
    return -ENAMETOOLONG;
  const int32_t *w = slot_words(&lane->memory, slot);
  return calls->open_cached(slot_wd(w), path, flags, slot_resolve(w));
}

static int32_t put_stats(struct lane *lane, int slot, uint64_t flags) {
  int fd = open_path(lane, slot, O_PATH | flags);
  // No such file is a result, too; anything else may be for want of memory or of patience.
  if (fd < 0)
    return fd == -ENOENT ? fd : SPECIAL_DECLINED;
  struct statx stats;
  int result = calls->statx(fd, "", AS_KNOWN | AT_SYMLINK_NOFOLLOW, &stats);
  calls->close(fd);
  if (result < 0 || !mounts_is_local(&stats))
    return SPECIAL_DECLINED;
  const int32_t *w = slot_words(&lane->memory, slot);
  return stats_put(slot_block(&lane->memory, slot), &stats,
                   slot_number(w, NUMBERS_A) != 0);
}

static bool may_look_up(struct budget *budget, int calls) {
  budget->path_calls -= calls;
  return budget->path_calls >= 0;
}

static int32_t nowait_stat(struct lane *lane, int slot, struct budget *budget) {
  if (!may_look_up(budget, STAT_CALLS))
    return SPECIAL_DECLINED;
  return put_stats(lane, slot, 0);
}

static int32_t nowait_lstat(struct lane *lane, int slot,
                            struct budget *budget) {
  if (!may_look_up(budget, STAT_CALLS))
    return SPECIAL_DECLINED;
  return put_stats(lane, slot, O_NOFOLLOW);
}

/** The size of a regular file of which all is in memory; what is no file, or not there, below 0. */
static int64_t regular_size(struct lane *lane, int slot) {
  int fd = open_path(lane, slot, O_PATH);
  if (fd < 0)
    return fd == -ENOENT ? fd : SPECIAL_DECLINED;
  struct statx stats;
  int result = calls->statx(fd, "", AS_KNOWN, &stats);
  calls->close(fd);
  if (result < 0 || !mounts_is_local(&stats) || !S_ISREG(stats.stx_mode))
    return SPECIAL_DECLINED;
  return (int64_t)stats.stx_size;
}

/** What does not fit the slot's room goes into a block. */
static int32_t slurp_block(struct lane *lane, int slot, int fd, int64_t size,
                           struct budget *budget) {
  size_t room;
  uint8_t *block = block_take((size_t)size + 1, &room);
  if (block == NULL)
    return SPECIAL_DECLINED;
  int64_t count = nowait_read_now(fd, block, size + 1, 0);
  if (count == size) {
    budget->reads.bytes -= count;
    job_give_block(&lane->memory, slot, block, room, (size_t)count);
    return 0;
  }
  block_give(block, room);
  return nowait_refusal(count);
}

static int32_t slurp_from(struct lane *lane, int slot, int fd, int64_t size,
                          struct budget *budget) {
  int32_t *w = slot_words(&lane->memory, slot);
  uint8_t *data = slot_data(&lane->memory, w);
  // The data may fall on the path, which whoever comes after a refusal still needs.
  uint8_t *block = slot_block(&lane->memory, slot);
  size_t path_bytes = data == block ? (size_t)w[SLOT_PATH] : 0;
  uint8_t path[PATH_BYTES];
  memcpy(path, block, path_bytes);
  // One byte more than there should be: a file that grew is not for here.
  int64_t count = nowait_read_now(fd, data, size + 1, 0);
  if (count == size) {
    budget->reads.bytes -= count;
    w[SLOT_OUT_BYTES] = (int32_t)count;
    return 0;
  }
  memcpy(block, path, path_bytes);
  if (count == -EAGAIN)
    w[SLOT_OUT_BYTES] = (int32_t)size + SLURP_NOTE;
  return nowait_refusal(count);
}

/**
 * A whole small regular file. Only what is known to be one is opened: to open a fifo lets its
 * writer go on, and to open a device may do anything.
 */
static int32_t nowait_slurp(struct lane *lane, int slot,
                            struct budget *budget) {
  const int32_t *w = slot_words(&lane->memory, slot);
  if ((int)slot_number(w, NUMBERS_A) != O_RDONLY ||
      !may_look_up(budget, SLURP_CALLS))
    return SPECIAL_DECLINED;
  int64_t size = regular_size(lane, slot);
  if (size < 0)
    return (int32_t)size;
  double most = slot_number(w, NUMBERS_C);
  if (size > OP_MAX_BYTES || size > budget->reads.bytes ||
      (most > 0 && (double)size > most))
    return SPECIAL_DECLINED;
  int fd = open_path(lane, slot, O_RDONLY | O_NONBLOCK);
  if (fd < 0)
    return SPECIAL_DECLINED;
  int32_t result = size < w[SLOT_ROOM]
                       ? slurp_from(lane, slot, fd, size, budget)
                       : slurp_block(lane, slot, fd, size, budget);
  calls->close(fd);
  return result;
}

/** Of a regular file, only to be read: what creates, empties or writes one may wait. */
static int32_t nowait_open(struct lane *lane, int slot, struct budget *budget) {
  const int32_t *w = slot_words(&lane->memory, slot);
  if ((int)slot_number(w, NUMBERS_A) != O_RDONLY ||
      !may_look_up(budget, OPEN_CALLS))
    return SPECIAL_DECLINED;
  int64_t size = regular_size(lane, slot);
  if (size < 0)
    return (int32_t)size;
  int fd = open_path(lane, slot, O_RDONLY | O_NONBLOCK);
  if (fd < 0)
    return SPECIAL_DECLINED;
  // A fifo may have come to that path since: whoever opens it waits for a writer.
  struct statx stats;
  if (calls->statx(fd, "", AS_KNOWN, &stats) == 0 && S_ISREG(stats.stx_mode) &&
      fcntl(fd, F_SETFL, 0) == 0)
    return fd;
  calls->close(fd);
  return SPECIAL_DECLINED;
}

/** Of a regular file that was only read, and that has a name still: nothing is written back, and no room given back. */
static int32_t nowait_close(struct lane *lane, int slot,
                            struct budget *budget) {
  int fd = slot_words(&lane->memory, slot)[SLOT_FD];
  if (budget->reads.calls-- <= 0)
    return SPECIAL_DECLINED;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & (O_ACCMODE | O_PATH)) != O_RDONLY)
    return SPECIAL_DECLINED;
  struct statx stats;
  if (calls->statx(fd, "", AS_KNOWN, &stats) < 0 || !S_ISREG(stats.stx_mode) ||
      stats.stx_nlink == 0 || !mounts_is_local(&stats))
    return SPECIAL_DECLINED;
  return calls->close(fd);
}

#define CODE(name, code) OP_##name = (code),
enum { EIO_OPS(CODE) };

typedef int32_t run_op(struct lane *, int slot, struct budget *);

struct row {
  run_op *run;
  const char *why_not;
};

// Releases of clang-format differ about braces in a macro.
// clang-format off
#define RUNS(name) {.run = nowait_##name}
#define WAITS {.why_not = "the kernel has no way to do it without waiting"}
#define SEVERAL {.why_not = "several calls, any of which may wait"}

#define ROW_nop WAITS
#define ROW_busy WAITS
#define ROW_custom {.why_not = "it is a function of JavaScript"}
#define ROW_open RUNS(open)
#define ROW_close RUNS(close)
#define ROW_read RUNS(read)
#define ROW_readBlock SEVERAL
#define ROW_write {.why_not = "a write may wait for memory or for the disk"}
#define ROW_writev ROW_write
#define ROW_fstat WAITS
#define ROW_ftruncate WAITS
#define ROW_fsync WAITS
#define ROW_fdatasync WAITS
#define ROW_fchmod WAITS
#define ROW_fchown WAITS
#define ROW_futimes WAITS
#define ROW_stat RUNS(stat)
#define ROW_lstat RUNS(lstat)
#define ROW_statfs WAITS
#define ROW_access WAITS
#define ROW_chmod WAITS
#define ROW_lchmod WAITS
#define ROW_chown WAITS
#define ROW_lchown WAITS
#define ROW_utimes WAITS
#define ROW_lutimes WAITS
#define ROW_link WAITS
#define ROW_symlink WAITS
#define ROW_readlink WAITS
#define ROW_rename WAITS
#define ROW_unlink WAITS
#define ROW_rmdir WAITS
#define ROW_mkdir WAITS
#define ROW_copyFile WAITS
#define ROW_mkdtemp WAITS
#define ROW_realpath WAITS
#define ROW_slurp RUNS(slurp)
#define ROW_slurpFd SEVERAL
#define ROW_spew SEVERAL
#define ROW_truncate SEVERAL
#define ROW_scandir SEVERAL
#define ROW_opendir SEVERAL
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
#define SYS_ROW(name, code) [code] = WAITS,
// clang-format on
static const struct row rows[EIO_OP_CODES] = {EIO_OPS(ROW)
                                                  EIO_SYS_OPS(SYS_ROW)};

/** Does this kernel know the two calls? Linux 5.12 has both. */
static int open_lane(struct lane *lane) {
  int fd = calls->open_cached(AT_FDCWD, "/", O_PATH, 0);
  if (fd < 0 && fd != -EAGAIN) {
    lane->failed = "openat2";
    return fd;
  }
  if (fd >= 0)
    calls->close(fd);
  int64_t count = calls->read_nowait(-1, NULL, 0, 0);
  if (count != -EBADF) {
    lane->failed = "preadv2";
    return (int)count;
  }
  lane->state = calloc(1, sizeof(struct reads_together));
  return lane->state == NULL ? -ENOMEM : 0;
}

static int32_t run(struct lane *lane, int slot, struct budget *budget) {
  const int32_t *w = slot_words(&lane->memory, slot);
  return w[SLOT_CANCELLED] == 0 ? rows[w[SLOT_OP]].run(lane, slot, budget)
                                : -ECANCELED;
}

static int flush(struct lane *lane, int count) {
  struct reads_together *r = lane->state;
  int declined = 0;
  struct budget budget = {.reads = {.calls = CALLS_MAX, .bytes = BYTES_MAX},
                          .path_calls = PATH_CALLS_MAX};
  direct_fds_forget(&budget.reads.direct);
  for (int done = 0; done < count; done += READS_TOGETHER_MAX) {
    int at[READS_TOGETHER_MAX];
    int left = count - done;
    int some = left < READS_TOGETHER_MAX ? left : READS_TOGETHER_MAX;
    bool together = some >= READS_MIN;
    if (together)
      nowait_read_together(lane, lane->list + done, some, &budget.reads, at);
    for (int i = 0; i < some; i++) {
      int slot = lane->list[done + i];
      int32_t result =
          together && at[i] >= 0
              ? nowait_end_read(lane, slot, r->results[at[i]], &budget.reads)
              : run(lane, slot, &budget);
      if (result == SPECIAL_DECLINED || result == -EOPNOTSUPP)
        declined = lane_decline(lane, declined, slot, result);
      else
        lane_complete(lane, slot, result);
    }
  }
  return declined;
}

static void reap(struct lane *lane) { (void)lane; }
static bool arm(struct lane *lane) { return !lane_has_completions(lane); }
static void disarm(struct lane *lane) { (void)lane; }
static bool cancel(struct lane *lane, int slot) {
  return (void)lane, (void)slot, false;
}

/** Results that JavaScript has not read by then are dropped. */
static bool close_lane(struct lane *lane) {
  uint32_t head = (uint32_t)lane->ring[RING_HEAD];
  uint32_t tail = (uint32_t)lane->ring[RING_TAIL];
  for (; head != tail; head++)
    job_drop_result(&lane->memory,
                    lane->ring[RING_HEADER + (head & lane->ring_mask)]);
  reads_close(lane->state);
  free(lane->state);
  lane->state = NULL;
  return true;
}

static const char *why_not(const struct lane *lane, int op) {
  (void)lane;
  return reason_of(rows[op].run != NULL, rows[op].why_not);
}

const struct lane_verbs nowait_lane = {
    .name = "nowait",
    .open = open_lane,
    .flush = flush,
    .reap = reap,
    .arm = arm,
    .disarm = disarm,
    .cancel = cancel,
    .close = close_lane,
    .why_not = why_not,
};

// Ops as plain system calls: see sys.h. Every op of the table has a row here, a function or a
// reason; a missing one does not compile.
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "assertions.h"
#include "blocks.h"
#include "job.h"
#include "ops.gen.h"
#include "page-cache.h"
#include "resolve.h"
#include "slow-copies.h"
#include "stats.h"
#include "sys-ops.h"
#include "syscalls.h"

int32_t sys_nop(const struct memory *m, int slot) {
  return (void)m, (void)slot, 0;
}

int32_t sys_busy(const struct memory *m, int slot) {
  double ms = slot_number(slot_words(m, slot), NUMBERS_A);
  struct timespec left = {.tv_sec = (time_t)(ms / 1000)};
  left.tv_nsec = (long)((ms - (double)left.tv_sec * 1000) * 1000000);
  while (nanosleep(&left, &left) == -1 && errno == EINTR) {
  }
  return 0;
}

int32_t sys_read(const struct memory *m, int slot) {
  int32_t *w = slot_words(m, slot);
  return (int32_t)read_fast(w[SLOT_FD], slot_data(m, w),
                            (size_t)w[SLOT_DATA_BYTES], slot_position(w));
}

int32_t sys_readBlock(const struct memory *m, int slot) {
  int32_t *w = slot_words(m, slot);
  size_t bytes = (size_t)slot_number(w, NUMBERS_A), room;
  uint8_t *block = block_take(bytes, &room);
  if (block == NULL)
    return -ENOMEM;
  int64_t count = calls->read(w[SLOT_FD], block, bytes, slot_position(w));
  if (count > 0)
    job_give_block(m, slot, block, room, (size_t)count);
  else
    block_give(block, room);
  return (int32_t)count;
}

int32_t sys_write(const struct memory *m, int slot) {
  int32_t *w = slot_words(m, slot);
  return (int32_t)write_fast(w[SLOT_FD], slot_data(m, w),
                             (size_t)w[SLOT_DATA_BYTES], slot_position(w));
}

/** See attach.c for what lies in the block. */
int32_t sys_writev(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  struct iovec parts[BUFFERS_MAX];
  int count = w[SLOT_DATA_BYTES];
  if (count < 0 || count > BUFFERS_MAX)
    return -EINVAL;
  memcpy(parts, slot_block(m, slot), (size_t)count * sizeof *parts);
  size_t bytes = 0;
  for (int i = 0; i < count; i++)
    bytes += parts[i].iov_len;
  return (int32_t)writev_fast(w[SLOT_FD], parts, count, bytes,
                              slot_position(w));
}

int32_t sys_open(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  return place_open(slot_wd(w), path, (int)slot_number(w, NUMBERS_A),
                    (unsigned)slot_number(w, NUMBERS_B), slot_resolve(w));
}

int32_t sys_close(const struct memory *m, int slot) {
  return calls->close(slot_words(m, slot)[SLOT_FD]);
}

int32_t sys_fsync(const struct memory *m, int slot) {
  return calls->fsync(slot_words(m, slot)[SLOT_FD], false);
}

int32_t sys_fdatasync(const struct memory *m, int slot) {
  return calls->fsync(slot_words(m, slot)[SLOT_FD], true);
}

/** `result` is that of statx. */
static int32_t put_stats(const struct memory *m, int slot, int result,
                         const struct statx *stats) {
  // A filter may refuse the call: Node's own stat has others.
  if (result == -ENOSYS || result == -EPERM)
    return SPECIAL_DECLINED;
  if (result < 0)
    return result;
  bool bigint = slot_number(slot_words(m, slot), NUMBERS_A) != 0;
  return stats_put(slot_block(m, slot), stats, bigint);
}

static int32_t stat_path(const struct memory *m, int slot, int flags) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  struct statx stats;
  int result = place_stat(slot_wd(w), path, flags, slot_resolve(w), &stats);
  return put_stats(m, slot, result, &stats);
}

int32_t sys_stat(const struct memory *m, int slot) {
  return stat_path(m, slot, 0);
}

int32_t sys_lstat(const struct memory *m, int slot) {
  return stat_path(m, slot, AT_SYMLINK_NOFOLLOW);
}

int32_t sys_fstat(const struct memory *m, int slot) {
  struct statx stats;
  int result =
      calls->statx(slot_words(m, slot)[SLOT_FD], "", AT_EMPTY_PATH, &stats);
  return put_stats(m, slot, result, &stats);
}

typedef int32_t run_op(const struct memory *, int slot);

struct row {
  run_op *run;
  const char *why_not;
};

// Releases of clang-format differ about braces in a macro.
// clang-format off
#define RUNS(name) {.run = sys_##name}
#define LEFT(reason) {.why_not = reason}


#define ROW_nop RUNS(nop)
#define ROW_busy RUNS(busy)
#define ROW_custom LEFT("it is a function of JavaScript")
#define ROW_open RUNS(open)
#define ROW_close RUNS(close)
#define ROW_read RUNS(read)
#define ROW_readBlock RUNS(readBlock)
#define ROW_write RUNS(write)
#define ROW_writev RUNS(writev)
#define ROW_fstat RUNS(fstat)
#define ROW_ftruncate RUNS(ftruncate)
#define ROW_fsync RUNS(fsync)
#define ROW_fdatasync RUNS(fdatasync)
#define ROW_fchmod RUNS(fchmod)
#define ROW_fchown RUNS(fchown)
#define ROW_futimes RUNS(futimes)
#define ROW_stat RUNS(stat)
#define ROW_lstat RUNS(lstat)
#define ROW_statfs RUNS(statfs)
#define ROW_access RUNS(access)
#define ROW_chmod RUNS(chmod)
#define ROW_lchmod LEFT("Linux has no such call")
#define ROW_chown RUNS(chown)
#define ROW_lchown RUNS(lchown)
#define ROW_utimes RUNS(utimes)
#define ROW_lutimes RUNS(lutimes)
#define ROW_link RUNS(link)
#define ROW_symlink RUNS(symlink)
#define ROW_readlink RUNS(readlink)
#define ROW_rename RUNS(rename)
#define ROW_unlink RUNS(unlink)
#define ROW_rmdir RUNS(rmdir)
#define ROW_mkdir RUNS(mkdir)
#define ROW_copyFile RUNS(copyFile)
#define ROW_mkdtemp RUNS(mkdtemp)
#define ROW_realpath RUNS(realpath)
#define ROW_slurp RUNS(slurp)
#define ROW_slurpFd RUNS(slurpFd)
#define ROW_spew RUNS(spew)
#define ROW_truncate RUNS(truncate)
#define ROW_scandir RUNS(scandir)
#define ROW_opendir RUNS(opendir)
#define ROW_mkdirp RUNS(mkdirp)
#define ROW_rmtree RUNS(rmtree)
#define ROW_cptree RUNS(cptree)
#define ROW_cpfile RUNS(cpfile)
#define ROW_realpathWalk RUNS(realpathWalk)
#define ROW_statMany RUNS(statMany)
#define ROW_spewAtomic RUNS(spewAtomic)
#define ROW_syncPath RUNS(syncPath)
#define ROW_survey RUNS(survey)
#define ROW_copyDigest RUNS(copyDigest)

#define ROW(name, code) [code] = ROW_##name,
// clang-format on
#define SYS_ROW(name, code) [code] = RUNS(name),
static const struct row rows[EIO_OP_CODES] = {EIO_OPS(ROW)
                                                  EIO_SYS_OPS(SYS_ROW)};

int32_t sys_run(const struct memory *memory, int slot) {
  const int32_t *w = slot_words(memory, slot);
  run_op *run = rows[w[SLOT_OP]].run;
  page_cache_use((w[SLOT_FLAGS] & FLAG_PASSES_CACHE) != 0  ? CACHE_DIRECT
                 : (w[SLOT_FLAGS] & FLAG_DROPS_CACHE) != 0 ? CACHE_DROP
                                                           : CACHE_KEEP);
  slow_copies_avoid((w[SLOT_FLAGS] & FLAG_SHRINKS) != 0);
  int32_t result = run == NULL ? SPECIAL_DECLINED : run(memory, slot);
  slot_leave(memory, slot);
  return result;
}

const char *sys_why_not(int op) { return rows[op].why_not; }

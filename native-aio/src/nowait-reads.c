// Reads of the nowait lane: see nowait-reads.h. What the kernel would have to wait for is declined.
#include "nowait-reads.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "memory-files.h"
#include "ops.gen.h"
#include "reads-together.h"
#include "slow-copies.h"
#include "syscalls.h"

#define CODE(name, code) OP_##name = (code),
enum { EIO_OPS(CODE) };

int64_t nowait_read_now(int fd, void *data, int64_t bytes, int64_t position) {
  int64_t count = calls->read_nowait(fd, data, (size_t)bytes, position);
  if (count == -EOPNOTSUPP && is_memory_file(fd))
    count = calls->read(fd, data, (size_t)bytes, position);
  return count;
}

int32_t nowait_refusal(int64_t count) {
  return count == -EOPNOTSUPP ? -EOPNOTSUPP : SPECIAL_DECLINED;
}

/** True: its bytes are taken from the budget. */
static bool may_read(struct lane *lane, int slot, struct read_budget *budget) {
  int32_t *w = slot_words(&lane->memory, slot);
  int64_t bytes = w[SLOT_DATA_BYTES];
  // At the current position a reader may have to wait for its turn.
  int64_t position = slot_position(w);
  if (bytes > OP_MAX_BYTES || bytes > budget->bytes || position < 0 ||
      budget->calls-- <= 0)
    return false;
  // The kernel would copy it slowly: threads go round that.
  if (w[SLOT_DIRECT] != 0 &&
      read_is_slow(slot_data(&lane->memory, w), (size_t)bytes, position))
    return false;
  // Past the page cache "without waiting" means the begin of a transfer; its end is waited for.
  if (direct_fds_has(&budget->direct, w[SLOT_FD]))
    return false;
  budget->bytes -= bytes;
  return true;
}

int32_t nowait_end_read(struct lane *lane, int slot, int64_t count,
                        struct read_budget *budget) {
  const int32_t *w = slot_words(&lane->memory, slot);
  int64_t bytes = w[SLOT_DATA_BYTES], position = slot_position(w);
  budget->bytes += bytes - (count < 0 ? 0 : count);
  if (count < 0)
    return nowait_refusal(count);
  // Less than requested is either the end of the file, or the end of what is in memory.
  if (count < bytes) {
    struct statx stats;
    if (calls->statx(w[SLOT_FD], "", AS_KNOWN, &stats) < 0 ||
        position + count < (int64_t)stats.stx_size)
      return SPECIAL_DECLINED;
  }
  return (int32_t)count;
}

int32_t nowait_read_one(struct lane *lane, int slot,
                        struct read_budget *budget) {
  if (!may_read(lane, slot, budget))
    return SPECIAL_DECLINED;
  const int32_t *w = slot_words(&lane->memory, slot);
  int64_t count = nowait_read_now(w[SLOT_FD], slot_data(&lane->memory, w),
                                  w[SLOT_DATA_BYTES], slot_position(w));
  return nowait_end_read(lane, slot, count, budget);
}

static bool is_read(const int32_t *words) {
  return words[SLOT_OP] == OP_read && words[SLOT_CANCELLED] == 0;
}

/** Of one file after the other nothing is gained: each would be looked at first. */
static bool are_of_few_files(const struct lane *lane, const int32_t *list,
                             int count) {
  int same = 0, reads = 0, last = -1;
  for (int i = 0; i < count; i++) {
    const int32_t *w = slot_words(&lane->memory, list[i]);
    if (!is_read(w))
      continue;
    same += w[SLOT_FD] == last ? 1 : 0;
    last = w[SLOT_FD];
    reads++;
  }
  return reads >= READS_MIN && same * 4 >= reads * 3;
}

static void give_back(struct read_budget *budget, const int32_t *words) {
  budget->bytes += words[SLOT_DATA_BYTES];
  budget->calls++;
}

void nowait_read_together(struct lane *lane, const int32_t *list, int count,
                          struct read_budget *budget, int *at) {
  struct reads_together *r = lane->state;
  memset(at, -1, READS_TOGETHER_MAX * sizeof *at);
  if (lane->memory.control[CONTROL_USES_RINGS] == 0 ||
      !are_of_few_files(lane, list, count) || !reads_begin(r, count))
    return;
  for (int i = 0; i < count; i++) {
    const int32_t *w = slot_words(&lane->memory, list[i]);
    if (!is_read(w) || !may_read(lane, list[i], budget))
      continue;
    at[i] = reads_add(r, w[SLOT_FD], slot_data(&lane->memory, w),
                      (size_t)w[SLOT_DATA_BYTES], slot_position(w));
    if (at[i] < 0)
      give_back(budget, w);
  }
  bool ran = reads_run(r);
  lane->memory.control[CONTROL_READS_TOGETHER] += ran ? r->count : 0;
  for (int i = 0; i < count; i++)
    // What the file system refuses may be read from memory all the same.
    if (at[i] >= 0 && (!ran || r->results[at[i]] == -EOPNOTSUPP)) {
      give_back(budget, slot_words(&lane->memory, list[i]));
      at[i] = -1;
    }
}

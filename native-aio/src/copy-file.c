// Copies a file: by the file system where it can, else through memory; see copy-file.h. And the op of that name.
#include "copy-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy-by-hand.h"
#include "job.h"
#include "page-cache.h"
#include "resolve.h"
#include "stats.h"
#include "sys-ops.h"
#include "syscalls.h"

/** Copied between two looks at whether anybody still wants it. */
enum { STEP_BYTES = 16 << 20 };
/** What stat counts blocks in. */
enum { BLOCK_OF_STAT = 512 };

/** Not of the file, but of what the two file systems do not do together. */
static bool is_unable(int64_t result) {
  switch (-result) {
  case EXDEV:
  case EINVAL:
  case ENOSYS:
  case EOPNOTSUPP:
  case EPERM:
  case EBADF:
    return true;
  default:
    return false;
  }
}

struct copying {
  struct by_hand hand;
  /** The kernel copies no more. */
  bool by_hand;
  const int32_t *cancelled;
  struct copy_record *record;
};

static int copy_bytes(struct copying *c, uint64_t bytes) {
  while (bytes > 0) {
    if (__atomic_load_n(c->cancelled, __ATOMIC_SEQ_CST) != 0)
      return -ECANCELED;
    size_t step = bytes < STEP_BYTES ? (size_t)bytes : STEP_BYTES;
    int64_t count = c->by_hand
                        ? copy_by_hand(&c->hand, step)
                        : calls->copy_range(c->hand.to, c->hand.from, step);
    if (count < 0 && !c->by_hand && is_unable(count)) {
      c->by_hand = true;
      continue;
    }
    if (count <= 0)
      return (int)count;
    c->record->bytes += (uint64_t)count;
    bytes -= (uint64_t)count;
  }
  return 0;
}

/** Nothing of it is copied. */
static void note_hole(struct copying *c, uint64_t bytes) {
  if (c->hand.digest != NULL)
    digest_add_zeros(c->hand.digest, bytes);
  c->record->bytes += bytes;
}

/** What lies between holes, which stay holes; where the file system does not know them, everything. */
static int copy_parts(struct copying *c, uint64_t bytes) {
  int to = c->hand.to, from = c->hand.from;
  for (off_t at = 0; at < (off_t)bytes;) {
    off_t data = lseek(from, at, SEEK_DATA);
    if (data == -1 && errno == ENXIO) {
      note_hole(c, bytes - (uint64_t)at);
      break;
    }
    off_t hole = data == -1 ? -1 : lseek(from, data, SEEK_HOLE);
    if (hole == -1) {
      data = at;
      hole = (off_t)bytes;
    }
    note_hole(c, (uint64_t)(data - at));
    if (lseek(from, data, SEEK_SET) == -1 || lseek(to, data, SEEK_SET) == -1)
      return -errno;
    if (data % BLOCK_OF_DISK != 0)
      copy_through_cache(&c->hand);
    int result = copy_bytes(c, (uint64_t)(hole - data));
    if (result < 0)
      return result;
    at = hole;
  }
  return calls->truncate(to, (int64_t)bytes);
}

static int copy_data(int to, int from, const struct statx *source,
                     const int32_t *cancelled, struct copy_record *record) {
  struct copying c = {
      .hand = {.to = to, .from = from, .digest = record->digest},
      // The kernel's own copy leaves pages of both files behind, and shows nobody what it copies.
      .by_hand = page_cache_drops() || record->digest != NULL,
      .cancelled = cancelled,
      .record = record};
  bool begins_direct =
      page_cache_way() == CACHE_DIRECT && copy_directly(&c.hand);
  bool has_holes = source->stx_blocks * BLOCK_OF_STAT < source->stx_size;
  int result = has_holes ? copy_parts(&c, source->stx_size)
                         : copy_bytes(&c, source->stx_size);
  bool has_end = source->stx_size % BLOCK_OF_DISK != 0;
  record->past_cache = begins_direct && (c.hand.direct || has_end);
  return result;
}

/** Of the target: a descriptor or -errno. One that is there is written over, unless that is not wanted. */
static int open_target(const struct copy_end *to, unsigned mode, unsigned how,
                       struct copy_target *target) {
  int flags = O_WRONLY | O_CREAT;
  int fd = place_open(to->folder, to->path, flags | O_EXCL, mode, to->resolve);
  target->made = fd >= 0;
  if (fd == -EEXIST && (how & COPY_EXCL) == 0)
    fd = place_open(to->folder, to->path, flags, mode, to->resolve);
  target->opened = fd >= 0;
  return fd;
}

/** Empties one that was there; 1: it is the source itself. */
static int prepare_target(int fd, const struct statx *source) {
  struct statx stats;
  int result = calls->statx(fd, "", AT_EMPTY_PATH, &stats);
  if (result < 0)
    return result;
  return stats_are_of_one_file(source, &stats) ? 1 : calls->truncate(fd, 0);
}

static int fill(int to, int from, const struct statx *source, unsigned how,
                const int32_t *cancelled, const struct copy_target *target,
                struct copy_record *record) {
  int result = target->made ? 0 : prepare_target(to, source);
  if (result != 0)
    return result < 0 ? result : 0;
  if (fchmod(to, source->stx_mode) == -1)
    return -errno;
  bool wants_clone =
      (how & (COPY_CLONE | COPY_CLONE_FORCE)) != 0 || page_cache_drops();
  if (wants_clone && record->digest == NULL) {
    result = calls->clone(to, from);
    record->past_cache = result >= 0;
    record->bytes = result >= 0 ? source->stx_size : 0;
    if (result >= 0 || (how & COPY_CLONE_FORCE) != 0)
      return result;
  }
  return copy_data(to, from, source, cancelled, record);
}

int copy_file(const struct copy_end *from, const struct copy_end *to,
              unsigned how, const int32_t *cancelled,
              struct copy_target *target, struct copy_record *record) {
  *target = (struct copy_target){0};
  int source = place_open(from->folder, from->path, O_RDONLY | O_NONBLOCK, 0,
                          from->resolve);
  if (source < 0)
    return source == -ENXIO ? SPECIAL_DECLINED : source;
  struct statx stats;
  int result = calls->statx(source, "", AT_EMPTY_PATH, &stats);
  if (result == 0 && !S_ISREG(stats.stx_mode))
    result = SPECIAL_DECLINED;
  if (result == 0 && record->begins != NULL)
    record->begins(record->state, stats.stx_size);
  if (result == 0) {
    int fd = open_target(to, stats.stx_mode & 07777, how, target);
    result = fd;
    if (fd >= 0) {
      result = fill(fd, source, &stats, how, cancelled, target, record);
      int closed = calls->close(fd);
      result = result < 0 ? result : closed;
    }
  }
  calls->close(source);
  return result;
}

/** As libuv: what failed half-way does not stay. Within limits, what was there stays. */
static void remove_target(const struct memory *m, int slot,
                          const struct copy_target *target) {
  bool removes =
      slot_resolve2(slot_words(m, slot)) == 0 ? target->opened : target->made;
  struct place at;
  if (!removes || place_find2(m, slot, -1, PLACE_NAME, &at) < 0)
    return;
  calls->unlink(at.folder, at.path, 0);
  place_leave(&at);
}

static int32_t copy_of_slot(const struct memory *m, int slot,
                            struct copy_record *record) {
  const int32_t *w = slot_words(m, slot);
  char from[PATH_BYTES], to[PATH_BYTES];
  if (!slot_copy_path(m, slot, from, sizeof from) ||
      !slot_copy_path2(m, slot, to, sizeof to))
    return -ENAMETOOLONG;
  const struct copy_end ends[2] = {{slot_wd(w), from, slot_resolve(w)},
                                   {slot_wd2(w), to, slot_resolve2(w)}};
  struct copy_target target;
  int result =
      copy_file(&ends[0], &ends[1], (unsigned)slot_integer(w, NUMBERS_A),
                &w[SLOT_CANCELLED], &target, record);
  if (result < 0 && result != SPECIAL_DECLINED)
    remove_target(m, slot, &target);
  return result;
}

int32_t sys_copyFile(const struct memory *m, int slot) {
  return copy_of_slot(m, slot, &(struct copy_record){0});
}

/** See src/ops/copy-result.ts for the form of its result. */
int32_t sys_copyDigest(const struct memory *m, int slot) {
  struct digest digest;
  int64_t kind = slot_integer(slot_words(m, slot), NUMBERS_B);
  struct copy_record record = {.digest = kind == DIGEST_NONE ? NULL : &digest};
  digest_begin(&digest, (enum digest_kind)kind);
  int32_t result = copy_of_slot(m, slot, &record);
  if (result < 0)
    return result;
  double bytes = (double)record.bytes;
  uint8_t head[sizeof bytes + 1], sum[DIGEST_MAX_BYTES];
  memcpy(head, &bytes, sizeof bytes);
  head[sizeof bytes] = record.past_cache;
  size_t sum_bytes = digest_end(&digest, sum);
  uint8_t *out = job_room(m, slot, sizeof head + sum_bytes);
  if (out == NULL)
    return -ENOMEM;
  memcpy(out, head, sizeof head);
  memcpy(out + sizeof head, sum, sum_bytes);
  return 0;
}

// cpfile: one file with its times, mode and owner, as IO::AIO's aio_copy does it. Nobody else can read a copy before it is
// whole, and one that fails is removed; a device or a fifo that is there gets the data alone.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy-piece.h"
#include "job.h"
#include "resolve.h"
#include "send-bytes.h"
#include "stats.h"
#include "sys-ops.h"
#include "syscalls.h"

enum {
  ONLY_WRITTEN = 0200,
  MODE_BITS = 07777,
  /** Sent between two looks at whether anybody still wants it. */
  STEP_BYTES = 16 << 20,
};

struct copy {
  const struct memory *memory;
  int slot;
  int from, to;
  /** Opened by this copy, which has to be whole to stay. */
  bool made;
  struct statx source, target;
};

static int fail(const struct copy *c, int error, const char *syscall) {
  return job_fail(c->memory, c->slot, error, syscall, NULL, NULL);
}

static bool is_cancelled(const struct copy *c) {
  return slot_cancelled(slot_words(c->memory, c->slot));
}

/** Between files of these kinds the kernel sends nothing: reads and writes say what else is wrong. */
static bool is_unable(int64_t result) {
  switch (-result) {
  case EINVAL:
  case ENOTSOCK:
  case EOPNOTSUPP:
  case EAFNOSUPPORT:
  case EPROTOTYPE:
    return true;
  default:
    return false;
  }
}

/** A source that became shorter is an error: what is there is no copy. */
static int send_all(const struct copy *c) {
  uint64_t size = c->source.stx_size, sent = 0;
  bool by_hand = false;
  while (sent < size) {
    if (is_cancelled(c))
      return -ECANCELED;
    uint64_t step = size - sent < STEP_BYTES ? size - sent : STEP_BYTES;
    int64_t count =
        by_hand ? copy_piece(c->to, c->from, (int64_t)sent, (size_t)step)
                : send_bytes(c->to, c->from, (int64_t)sent, (size_t)step);
    if (!by_hand && sent == 0 && is_unable(count)) {
      by_hand = true;
      continue;
    }
    if (count == 0)
      count = -EIO;
    if (count < 0)
      return fail(c, (int)count, "sendfile");
    sent += (uint64_t)count;
  }
  return 0;
}

static struct timespec time_of(const struct statx_timestamp *time) {
  return (struct timespec){.tv_sec = time->tv_sec, .tv_nsec = time->tv_nsec};
}

/** As far as they may be set. */
static void describe(const struct copy *c) {
  const struct statx *source = &c->source;
  const struct timespec times[2] = {time_of(&source->stx_atime),
                                    time_of(&source->stx_mtime)};
  (void)calls->utimes(c->to, NULL, times, 0);
  (void)!fchmod(c->to, source->stx_mode & MODE_BITS);
  (void)!fchown(c->to, source->stx_uid, source->stx_gid);
}

static int fill(struct copy *c) {
  int result = calls->statx(c->to, "", AT_EMPTY_PATH, &c->target);
  if (result < 0)
    return fail(c, result, "fstat");
  if (stats_are_of_one_file(&c->source, &c->target))
    return -EINVAL;
  bool is_file = S_ISREG(c->target.stx_mode);
  if (is_file)
    result = calls->truncate(c->to, 0);
  if (result < 0)
    return fail(c, result, "ftruncate");
  result = send_all(c);
  if (result == 0 && is_file)
    describe(c);
  return result;
}

/** What this copy has made, unless something else has taken its place. */
static void remove_made(const struct copy *c) {
  struct place at;
  if (place_find2(c->memory, c->slot, -1, PLACE_NAME, &at) < 0)
    return;
  struct statx there;
  if (calls->statx(at.folder, at.path, AT_SYMLINK_NOFOLLOW, &there) == 0 &&
      stats_are_of_one_file(&there, &c->target))
    calls->unlink(at.folder, at.path, 0);
  place_leave(&at);
}

static int copy_to(struct copy *c, const char *path) {
  const int32_t *w = slot_words(c->memory, c->slot);
  const int flags = O_CREAT | O_WRONLY;
  c->to = place_open(slot_wd2(w), path, flags | O_EXCL, ONLY_WRITTEN,
                     slot_resolve2(w));
  c->made = c->to >= 0;
  if (c->to == -EEXIST)
    c->to =
        place_open(slot_wd2(w), path, flags, ONLY_WRITTEN, slot_resolve2(w));
  if (c->to < 0)
    return job_fail(c->memory, c->slot, c->to, "open", path, NULL);
  int result = fill(c);
  calls->close(c->to);
  if (result < 0 && c->made && c->target.stx_ino != 0)
    remove_made(c);
  return result;
}

int32_t sys_cpfile(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char from[PATH_BYTES], to[PATH_BYTES];
  if (!slot_copy_path(m, slot, from, sizeof from) ||
      !slot_copy_path2(m, slot, to, sizeof to))
    return -ENAMETOOLONG;
  struct copy c = {.memory = m, .slot = slot};
  c.from = place_open(slot_wd(w), from, O_RDONLY, 0, slot_resolve(w));
  if (c.from < 0)
    return job_fail(m, slot, c.from, "open", from, NULL);
  int result = calls->statx(c.from, "", AT_EMPTY_PATH, &c.source);
  if (result < 0)
    result = fail(&c, result, "fstat");
  else
    result = is_cancelled(&c) ? -ECANCELED : copy_to(&c, to);
  calls->close(c.from);
  return result;
}

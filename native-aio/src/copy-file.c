// Copies a file: by the file system where it can, else through memory; see copy-file.h. And the op of that name.
#include "copy-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy-piece.h"
#include "page-cache.h"
#include "resolve.h"
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

static int copy_bytes(int to, int from, uint64_t bytes,
                      const int32_t *cancelled) {
  // The kernel's own copy leaves pages of both files behind.
  bool by_hand = page_cache_drops();
  while (bytes > 0) {
    if (__atomic_load_n(cancelled, __ATOMIC_SEQ_CST) != 0)
      return -ECANCELED;
    size_t step = bytes < STEP_BYTES ? (size_t)bytes : STEP_BYTES;
    int64_t count = by_hand ? copy_piece(to, from, -1, step)
                            : calls->copy_range(to, from, step);
    if (count < 0 && !by_hand && is_unable(count)) {
      by_hand = true;
      continue;
    }
    if (count <= 0)
      return (int)count;
    bytes -= (uint64_t)count;
  }
  return 0;
}

/** What lies between holes, which stay holes; where the file system does not know them, everything. */
static int copy_parts(int to, int from, uint64_t bytes,
                      const int32_t *cancelled) {
  for (off_t at = 0; at < (off_t)bytes;) {
    off_t data = lseek(from, at, SEEK_DATA);
    if (data == -1 && errno == ENXIO)
      break;
    off_t hole = data == -1 ? -1 : lseek(from, data, SEEK_HOLE);
    if (hole == -1) {
      data = at;
      hole = (off_t)bytes;
    }
    if (lseek(from, data, SEEK_SET) == -1 || lseek(to, data, SEEK_SET) == -1)
      return -errno;
    int result = copy_bytes(to, from, (uint64_t)(hole - data), cancelled);
    if (result < 0)
      return result;
    at = hole;
  }
  return calls->truncate(to, (int64_t)bytes);
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

static bool is_same(const struct statx *a, const struct statx *b) {
  return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major &&
         a->stx_dev_minor == b->stx_dev_minor;
}

/** Empties one that was there; 1: it is the source itself. */
static int prepare_target(int fd, const struct statx *source) {
  struct statx stats;
  int result = calls->statx(fd, "", AT_EMPTY_PATH, &stats);
  if (result < 0)
    return result;
  return is_same(source, &stats) ? 1 : calls->truncate(fd, 0);
}

static int fill(int to, int from, const struct statx *source, unsigned how,
                const int32_t *cancelled, const struct copy_target *target) {
  int result = target->made ? 0 : prepare_target(to, source);
  if (result != 0)
    return result < 0 ? result : 0;
  if (fchmod(to, source->stx_mode) == -1)
    return -errno;
  if ((how & (COPY_CLONE | COPY_CLONE_FORCE)) != 0 || page_cache_drops()) {
    result = calls->clone(to, from);
    if (result >= 0 || (how & COPY_CLONE_FORCE) != 0)
      return result;
  }
  bool has_holes = source->stx_blocks * BLOCK_OF_STAT < source->stx_size;
  return has_holes ? copy_parts(to, from, source->stx_size, cancelled)
                   : copy_bytes(to, from, source->stx_size, cancelled);
}

int copy_file(const struct copy_end *from, const struct copy_end *to,
              unsigned how, const int32_t *cancelled,
              struct copy_target *target) {
  *target = (struct copy_target){0};
  int source = place_open(from->folder, from->path, O_RDONLY | O_NONBLOCK, 0,
                          from->resolve);
  if (source < 0)
    return source == -ENXIO ? SPECIAL_DECLINED : source;
  struct statx stats;
  int result = calls->statx(source, "", AT_EMPTY_PATH, &stats);
  if (result == 0 && !S_ISREG(stats.stx_mode))
    result = SPECIAL_DECLINED;
  if (result == 0) {
    int fd = open_target(to, stats.stx_mode & 07777, how, target);
    result = fd;
    if (fd >= 0) {
      result = fill(fd, source, &stats, how, cancelled, target);
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

int32_t sys_copyFile(const struct memory *m, int slot) {
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
                &w[SLOT_CANCELLED], &target);
  if (result < 0 && result != SPECIAL_DECLINED)
    remove_target(m, slot, &target);
  return result;
}

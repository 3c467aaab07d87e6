// Whole files in one hop: open, read or write everything, close. It knows slots; where a result lies that does not
// fit one is job.c's and blocks.c's business.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "blocks.h"
#include "files.h"
#include "job.h"
#include "page-cache.h"
#include "resolve.h"
#include "slow-copies.h"
#include "small-files.h"
#include "sys-ops.h"
#include "syscalls.h"

enum {
  /** One read of a large file, so that a cancel is seen in between. */
  STEP_BYTES = 4 << 20,
  /** A file of unknown size (a pipe, /proc) begins with so much. */
  UNKNOWN_BYTES = 64 << 10,
  /** Node refuses files of 2 GiB and more, in words of its own. */
  FILE_MAX_BYTES = 0x7fffffff,
};

/** What is read so far: in the slot's own room, or in a block. */
struct content {
  uint8_t *data;
  size_t used, room;
  bool is_block;
};

static void drop_content(struct content *c) {
  if (c->is_block)
    block_give(c->data, c->room);
}

/** Room for at least so many bytes; what was read is kept. False: no memory. */
static bool grow_content(struct content *c, size_t bytes) {
  size_t room;
  uint8_t *block = block_take(bytes, &room);
  if (block == NULL)
    return false;
  memcpy(block, c->data, c->used);
  drop_content(c);
  c->data = block;
  c->room = room;
  c->is_block = true;
  return true;
}

/** The size of a regular file, 0 of what has none that counts, or -errno. */
static int64_t size_of(int fd) {
  struct statx stats;
  int result = calls->statx(fd, "", AT_EMPTY_PATH, &stats);
  if (result < 0)
    return result;
  return S_ISREG(stats.stx_mode) ? (int64_t)stats.stx_size : 0;
}

/**
 * To the end, which a read of 0 bytes shows; a short read of a file of known size shows it as well. 0 or
 * -errno.
 */
static int64_t read_all(const int32_t *w, int fd, int64_t size,
                        struct content *c) {
  for (;;) {
    if (c->used == c->room && !grow_content(c, c->room * 2))
      return -ENOMEM;
    // What is small is not worth breaking off.
    if (c->used >= STEP_BYTES && slot_cancelled(w))
      return -ECANCELED;
    size_t want = c->room - c->used;
    if (want > STEP_BYTES)
      want = STEP_BYTES;
    int64_t count = calls->read(fd, c->data + c->used, want, -1);
    if (count < 0)
      return count;
    c->used += (size_t)count;
    if (c->used > FILE_MAX_BYTES)
      return SPECIAL_DECLINED;
    if (count == 0 ||
        (size > 0 && c->used == (size_t)size && (size_t)count < want))
      return 0;
  }
}

/** `most`: of a larger file nothing is read (0: there is no limit). */
static int32_t slurp_into(const struct memory *m, int slot, int fd,
                          struct content c, bool is_text, double most) {
  int32_t *w = slot_words(m, slot);
  size_t slot_room = (size_t)w[SLOT_ROOM];
  int64_t size = size_of(fd);
  // What is wrong with the descriptor, reading says.
  if (size < 0)
    size = 0;
  if (size > FILE_MAX_BYTES) {
    drop_content(&c);
    return SPECIAL_DECLINED;
  }
  if (most > 0 && (double)size > most) {
    drop_content(&c);
    w[SLOT_OUT_BYTES] = (int32_t)size;
    return SPECIAL_OVER_LIMIT;
  }
  // One byte more shows the end. What may be refused in the end leaves the path alone, which lies in the slot.
  size_t first = size == 0 ? UNKNOWN_BYTES : (size_t)size + 1;
  if (first > c.room && !grow_content(&c, first)) {
    drop_content(&c);
    return job_fail(m, slot, -ENOMEM, "read", NULL, NULL);
  }
  int64_t result = read_all(w, fd, size, &c);
  if (result < 0) {
    drop_content(&c);
    return result == SPECIAL_DECLINED
               ? SPECIAL_DECLINED
               : job_fail(m, slot, (int)result, "read", NULL, NULL);
  }
  if (c.is_block && c.used > slot_room)
    job_give_block(m, slot, c.data, c.room, c.used);
  else {
    if (c.is_block)
      memcpy(slot_data(m, w), c.data, c.used);
    drop_content(&c);
    w[SLOT_OUT_BYTES] = (int32_t)c.used;
  }
  return is_text ? job_make_text(m, slot) : 0;
}

static int32_t slurp_from(const struct memory *m, int slot, int fd,
                          bool is_text, double most) {
  const int32_t *w = slot_words(m, slot);
  struct content c = {.data = slot_data(m, w), .room = (size_t)w[SLOT_ROOM]};
  return slurp_into(m, slot, fd, c, is_text, most);
}

/** A fifo that was opened without waiting may have had no writer yet. */
static void wait_for_writer(int fd) {
  struct statx stats;
  struct pollfd watched = {.fd = fd, .events = POLLIN};
  if (calls->statx(fd, "", AT_EMPTY_PATH, &stats) == 0 &&
      S_ISFIFO(stats.stx_mode))
    while (poll(&watched, 1, -1) < 0 && errno == EINTR)
      ;
}

int32_t file_slurp_left(const struct memory *m, const struct small_file *file) {
  const int32_t *w = slot_words(m, file->slot);
  bool is_text = slot_number(w, NUMBERS_B) != 0;
  double most = slot_number(w, NUMBERS_C);
  page_cache_use(CACHE_KEEP);
  int32_t result;
  if (file->data == NULL) {
    wait_for_writer(file->fd);
    result = slurp_from(m, file->slot, file->fd, is_text, most);
  } else {
    struct content c = {
        .data = file->data,
        .used = file->used,
        .room = file->room,
        .is_block = true,
    };
    result = slurp_into(m, file->slot, file->fd, c, is_text, most);
  }
  calls->close(file->fd);
  return result;
}

int32_t sys_slurp(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  int fd = place_open(slot_wd(w), path, (int)slot_number(w, NUMBERS_A), 0666,
                      slot_resolve(w));
  if (fd < 0)
    return fd;
  bool is_text = slot_number(w, NUMBERS_B) != 0;
  int32_t result = slurp_from(m, slot, fd, is_text, slot_number(w, NUMBERS_C));
  calls->close(fd);
  return result;
}

int32_t sys_slurpFd(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  return slurp_from(m, slot, w[SLOT_FD], slot_number(w, NUMBERS_A) != 0,
                    slot_number(w, NUMBERS_B));
}

int64_t file_write_all(int fd, const uint8_t *data, size_t bytes) {
  for (size_t used = 0; used < bytes;) {
    int64_t count = write_fast(fd, data + used, bytes - used, -1);
    if (count < 0)
      return count;
    used += (size_t)count;
  }
  return 0;
}

int32_t sys_spew(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  int fd = place_open(slot_wd(w), path, (int)slot_number(w, NUMBERS_A),
                      (unsigned)slot_number(w, NUMBERS_B), slot_resolve(w));
  if (fd < 0)
    return fd;
  const char *failed = "write";
  // The data may be gone with whoever gave it, if the open took that long.
  int64_t result =
      slot_cancelled(w)
          ? -ECANCELED
          : file_write_all(fd, slot_data(m, w), (size_t)w[SLOT_DATA_BYTES]);
  if (result == 0 && slot_number(w, NUMBERS_C) != 0) {
    failed = "fsync";
    result = calls->fsync(fd, false);
  }
  int closed = calls->close(fd);
  if (result == 0 && closed < 0) {
    failed = "close";
    result = closed;
  }
  return result < 0 ? job_fail(m, slot, (int)result, failed, NULL, NULL) : 0;
}

int32_t sys_truncate(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  int fd = place_open(slot_wd(w), path, O_RDWR, 0, slot_resolve(w));
  if (fd < 0)
    return fd;
  int result = calls->truncate(fd, slot_offset(w, NUMBERS_A));
  calls->close(fd);
  return result < 0 ? job_fail(m, slot, result, "ftruncate", NULL, NULL) : 0;
}

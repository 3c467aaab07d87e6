// survey: what is in a folder, or some names of it, each with what identifies it and what shows that it has changed; on
// request the folder is watched before it is listed, so that nothing goes by between the two. Its form is known to
// src/api/watch-tree/survey.ts.
//
//   result: what became of the watch | the folder's record | for each entry its record, bytes of its name, the name, padding
#include "sys-ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "dents.h"
#include "fan-watch.h"
#include "fanotify-abi.h"
#include "job.h"
#include "stats.h"
#include "syscalls.h"

enum {
  /** Longer than any name that Linux has. */
  NAME_BYTES = 1024,
  /** In front of the names that are wanted: the inode and the birth of the folder that is expected; zeros: any. */
  EXPECTED_BYTES = 16,
  OWNER_PRIME = 31,
};

/** Two halves each, the lower first. */
struct record {
  uint64_t inode;
  /** Nanoseconds: of a folder when it was born, of anything else when it was written. */
  int64_t time_ns;
  uint64_t size;
  /** The mode, and in its upper half a mixture of owner and group; 0: there is no such entry. */
  uint32_t mode;
} __attribute__((packed));

/** What is made, with room for all of it. */
struct report {
  uint8_t *data;
  size_t used;
};

static int64_t in_ns(const struct statx_timestamp *time) {
  return time->tv_sec * INT64_C(1000000000) + time->tv_nsec;
}

static struct record record_of(const struct statx *s) {
  bool folder = S_ISDIR(s->stx_mode);
  uint32_t owner = (s->stx_uid * OWNER_PRIME + s->stx_gid) & 0xffff;
  struct record record = {
      .inode = s->stx_ino,
      .size = folder ? 0 : s->stx_size,
      .mode = s->stx_mode | owner << 16,
  };
  if (!folder)
    record.time_ns = in_ns(&s->stx_mtime);
  else if ((s->stx_mask & STATX_BTIME) != 0)
    record.time_ns = in_ns(&s->stx_btime);
  return record;
}

static size_t padded(size_t bytes) { return (bytes + 3) & ~(size_t)3; }

static void put(struct report *r, const void *from, size_t bytes) {
  memcpy(r->data + r->used, from, bytes);
  r->used += bytes;
}

static size_t entry_bytes(size_t name_bytes) {
  return sizeof(struct record) + sizeof(uint32_t) + padded(name_bytes);
}

/** 0 or -errno. What is not there has no record where it was asked for by name, and no entry in a list. */
static int put_entry(struct report *r, int fd, const uint8_t *name,
                     size_t bytes, bool listed) {
  char text[NAME_BYTES];
  struct statx stats;
  struct record record = {0};
  if (bytes >= sizeof text)
    return -ENAMETOOLONG;
  memcpy(text, name, bytes);
  text[bytes] = 0;
  int result =
      calls->statx(fd, text, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, &stats);
  bool absent = result == -ENOENT || result == -ENAMETOOLONG;
  if (result < 0 && !absent)
    return result;
  if (absent && listed)
    return 0;
  if (!absent)
    record = record_of(&stats);
  uint32_t name_bytes = (uint32_t)bytes;
  put(r, &record, sizeof record);
  put(r, &name_bytes, sizeof name_bytes);
  put(r, name, bytes);
  memset(r->data + r->used, 0, padded(bytes) - bytes);
  r->used += padded(bytes) - bytes;
  return 0;
}

static bool make_room(struct report *r, size_t count, size_t names_bytes) {
  size_t padding = 3 * count;
  size_t room =
      r->used + count * entry_bytes(0) + names_bytes + padding + NAME_BYTES;
  uint8_t *data = realloc(r->data, room);
  if (data != NULL)
    r->data = data;
  return data != NULL;
}

static int put_all(struct report *r, int fd, const int32_t *cancelled) {
  struct dents d;
  int result = dents_read(&d, fd, cancelled);
  // A folder that was removed is empty.
  if (result == -ENOENT)
    result = 0;
  // In the order in which their inodes lie on the disk.
  if (result == 0)
    result = dents_sort(&d, DENTS_STAT_ORDER);
  if (result == 0 && !make_room(r, d.count, d.names_bytes))
    result = -ENOMEM;
  for (size_t i = 0; i < d.count && result == 0; i++) {
    const struct dent *e = &d.entries[i];
    if (__atomic_load_n(cancelled, __ATOMIC_SEQ_CST) != 0)
      result = -ECANCELED;
    else
      result = put_entry(r, fd, d.names + e->name, e->bytes, true);
  }
  dents_free(&d);
  return result;
}

static int put_named(struct report *r, int fd, const uint8_t *names,
                     size_t bytes) {
  size_t count = 1;
  for (size_t i = 0; i < bytes; i++)
    count += names[i] == 0;
  int result = make_room(r, count, bytes) ? 0 : -ENOMEM;
  for (size_t at = 0; at <= bytes && result == 0;) {
    const uint8_t *end = memchr(names + at, 0, bytes - at);
    size_t length = end == NULL ? bytes - at : (size_t)(end - names) - at;
    result = put_entry(r, fd, names + at, length, false);
    at += length + 1;
  }
  return result;
}

/** By its descriptor: whatever the path leads to by now, what is watched is what is listed. */
static int32_t watch(int watcher, int fd, uint32_t mask) {
  enum { LINK_BYTES = 32 };
  // inotify has this bit only in what it reports: whoever watches by fanotify always wants it.
  if ((mask & FAN_ONDIR) != 0)
    return fan_watch(watcher, fd, mask);
  char link[LINK_BYTES];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return calls->watch(watcher, link, mask);
}

static int survey(struct report *r, const int32_t *w, int fd,
                  const uint8_t *wanted, size_t bytes) {
  struct statx stats;
  int result = calls->statx(fd, "", AT_EMPTY_PATH, &stats);
  if (result < 0)
    return result;
  struct record own = record_of(&stats);
  static const uint8_t any[EXPECTED_BYTES];
  if (memcmp(wanted, any, sizeof any) != 0 &&
      memcmp(wanted, &own, sizeof any) != 0)
    return -ESTALE;
  int watcher = (int)slot_integer(w, NUMBERS_A);
  int32_t watched = -1;
  if (watcher >= 0) {
    watched = watch(watcher, fd, (uint32_t)slot_integer(w, NUMBERS_C));
    // What becomes of it from now on is noticed, and what has become of it by now is in its record.
    result = calls->statx(fd, "", AT_EMPTY_PATH, &stats);
    if (result < 0)
      return result;
    own = record_of(&stats);
  }
  if (!make_room(r, 1, 0))
    return -ENOMEM;
  put(r, &watched, sizeof watched);
  put(r, &own, sizeof own);
  return bytes == EXPECTED_BYTES ? put_all(r, fd, &w[SLOT_CANCELLED])
                                 : put_named(r, fd, wanted + EXPECTED_BYTES,
                                             bytes - EXPECTED_BYTES);
}

int32_t sys_survey(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  size_t bytes = (size_t)(uint32_t)w[SLOT_DATA_BYTES];
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  if (bytes < EXPECTED_BYTES)
    return -EINVAL;
  int fd = place_open(slot_wd(w), path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0,
                      slot_resolve(w));
  if (fd < 0)
    return fd;
  struct report r = {0};
  int result = survey(&r, w, fd, slot_data(m, w), bytes);
  calls->close(fd);
  if (result == 0) {
    uint8_t *room = job_room(m, slot, r.used);
    if (room == NULL)
      result = -ENOMEM;
    else
      memcpy(room, r.data, r.used);
  }
  free(r.data);
  return result;
}

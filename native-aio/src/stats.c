// What statx returns, as numbers: see stats.h. The arithmetic is Node's own, to the last bit, so that
// a time does not show whose stat it is.
#include "stats.h"

#include <sys/sysmacros.h>

static double to_ms(struct statx_timestamp t) {
  return (double)t.tv_sec * 1000.0 + (double)t.tv_nsec / 1000000.0;
}

static int64_t to_ns(struct statx_timestamp t) {
  return t.tv_sec * 1000000000 + t.tv_nsec;
}

int stats_put(void *to, const struct statx *s, bool bigint) {
  const uint64_t fields[10] = {
      makedev(s->stx_dev_major, s->stx_dev_minor),
      s->stx_mode,
      s->stx_nlink,
      s->stx_uid,
      s->stx_gid,
      makedev(s->stx_rdev_major, s->stx_rdev_minor),
      s->stx_blksize,
      s->stx_ino,
      s->stx_size,
      s->stx_blocks,
  };
  const struct statx_timestamp times[4] = {s->stx_atime, s->stx_mtime,
                                           s->stx_ctime, s->stx_btime};
  if (bigint) {
    int64_t *integers = to;
    for (int i = 0; i < 10; i++)
      integers[i] = (int64_t)fields[i];
    for (int i = 0; i < 4; i++)
      integers[10 + i] = to_ns(times[i]);
  } else {
    double *doubles = to;
    for (int i = 0; i < 10; i++)
      doubles[i] = (double)fields[i];
    for (int i = 0; i < 4; i++) {
      doubles[10 + i] = to_ms(times[i]);
      doubles[14 + i] = times[i].tv_nsec;
    }
  }
  return STATS_FIELDS;
}

bool stats_are_of_one_file(const struct statx *a, const struct statx *b) {
  return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major &&
         a->stx_dev_minor == b->stx_dev_minor;
}

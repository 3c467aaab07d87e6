// dents: a whole folder by its path, in the form in which it travels: stats and inodes (where they are wanted), types, and
// names with a NUL between them. What is read, and in which order, is the business of dents.c.
#include "sys-ops.h"

#include <string.h>
#include <sys/stat.h>

#include "dents.h"
#include "job.h"
#include "stats.h"
#include "syscalls.h"

enum {
  /** As in stat-many.c: an errno (0: there is none), then the numbers of a stat. */
  ROW_DOUBLES = 1 + STATS_FIELDS,
  ROW_BYTES = ROW_DOUBLES * sizeof(double),
  /** Longer than any name that Linux has. */
  NAME_BYTES = 1024,
  /** Where the mode has what is a DT_*. */
  TYPE_SHIFT = 12,
};

/** The entry itself, by the folder that was read. A type that was not known is now. */
static void put_row(int fd, const uint8_t *name, struct dent *e, double *row) {
  char text[NAME_BYTES];
  struct statx stats;
  int result = -ENAMETOOLONG;
  if (e->bytes < sizeof text) {
    memcpy(text, name, e->bytes);
    text[e->bytes] = 0;
    result =
        calls->statx(fd, text, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, &stats);
  }
  memset(row, 0, ROW_BYTES);
  row[0] = result;
  if (result < 0)
    return;
  stats_put(row + 1, &stats, false);
  e->type = (uint8_t)((stats.stx_mode & S_IFMT) >> TYPE_SHIFT);
}

/** As long as somebody wants them: 0 or -ECANCELED. */
static int put_rows(int fd, const struct dents *d, double *row,
                    const int32_t *cancelled) {
  for (size_t i = 0; i < d->count; i++, row += ROW_DOUBLES) {
    if (__atomic_load_n(cancelled, __ATOMIC_SEQ_CST) != 0)
      return -ECANCELED;
    put_row(fd, d->names + d->entries[i].name, &d->entries[i], row);
  }
  return 0;
}

static void put_entries(const struct dents *d, bool inodes, uint8_t *to) {
  uint8_t *type = to + (inodes ? d->count * sizeof(uint64_t) : 0);
  uint8_t *name = type + d->count;
  for (size_t i = 0; i < d->count; i++) {
    const struct dent *e = &d->entries[i];
    if (inodes)
      memcpy(to + i * sizeof e->inode, &e->inode, sizeof e->inode);
    type[i] = e->type;
    if (i != 0)
      *name++ = 0;
    memcpy(name, d->names + e->name, e->bytes);
    name += e->bytes;
  }
}

static int32_t put(const struct memory *m, int slot, int fd,
                   const struct dents *d) {
  const int32_t *w = slot_words(m, slot);
  bool inodes = (slot_integer(w, NUMBERS_A) & DENTS_INODES) != 0;
  bool stats = slot_integer(w, NUMBERS_B) != 0;
  size_t count = d->count, separators = count == 0 ? 0 : count - 1;
  size_t stats_bytes = stats ? count * ROW_BYTES : 0;
  size_t inode_bytes = inodes ? count * sizeof(uint64_t) : 0;
  size_t bytes =
      stats_bytes + inode_bytes + count + d->names_bytes + separators;
  // Lengths are words of a slot.
  if (bytes > INT32_MAX)
    return -EOVERFLOW;
  uint8_t *to = job_room(m, slot, bytes);
  if (to == NULL)
    return -ENOMEM;
  int result = 0;
  if (stats)
    result = put_rows(fd, d, (double *)(void *)to, &w[SLOT_CANCELLED]);
  if (result < 0)
    return result;
  put_entries(d, inodes, to + stats_bytes);
  return (int32_t)count;
}

int32_t sys_dents(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  char path[PATH_BYTES];
  if (!slot_copy_path(m, slot, path, sizeof path))
    return -ENAMETOOLONG;
  int fd = place_open(slot_wd(w), path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0,
                      slot_resolve(w));
  if (fd < 0)
    return fd;
  struct dents d;
  int result = dents_read(&d, fd, &w[SLOT_CANCELLED]);
  if (result == 0)
    result = dents_sort(&d, (int)slot_integer(w, NUMBERS_A));
  if (result == 0)
    result = put(m, slot, fd, &d);
  calls->close(fd);
  dents_free(&d);
  return result;
}

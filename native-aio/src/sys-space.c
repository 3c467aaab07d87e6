// Where a file's bytes are, in it and on the disk: space, holes, extents, and what of it is in memory
// or still to be written.
#include "sys-ops.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscalls.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

enum {
  /** Paged in between two looks at whether anybody still wants it; a multiple of every page size. */
  PAGE_IN_BYTES = 16 << 20,
  READ_BYTES = 1 << 16,
  /** Doubles that an extent is written in: logical, physical, length, flags. */
  EXTENT_DOUBLES = 4,
};

int32_t sys_fallocate(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  SYS_ANSWER(fallocate(w[SLOT_FD], (int)slot_integer(w, NUMBERS_A),
                       slot_position(w), slot_offset(w, NUMBERS_B)));
}

/** The one call here that returns a positive errno. */
int32_t sys_fadvise(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  return -posix_fadvise(w[SLOT_FD], slot_position(w),
                        slot_integer(w, NUMBERS_A),
                        (int)slot_integer(w, NUMBERS_B));
}

int32_t sys_readahead(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  SYS_ANSWER(readahead(w[SLOT_FD], slot_position(w),
                       (size_t)slot_integer(w, NUMBERS_A)));
}

int32_t sys_syncFileRange(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  SYS_ANSWER(sync_file_range(w[SLOT_FD], slot_position(w),
                             slot_integer(w, NUMBERS_A),
                             (unsigned)slot_integer(w, NUMBERS_B)));
}

int32_t sys_syncfs(const struct memory *m, int slot) {
  SYS_ANSWER(syncfs(slot_words(m, slot)[SLOT_FD]));
}

int32_t sys_sync(const struct memory *m, int slot) {
  (void)m, (void)slot;
  sync();
  return 0;
}

/** The new position is beyond 32 bits: it goes into the block, as a double, and in full behind that. */
int32_t sys_seek(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  off_t at = lseek(w[SLOT_FD], slot_offset(w, NUMBERS_A),
                   (int)slot_integer(w, NUMBERS_B));
  if (at == -1)
    return -errno;
  double reached = (double)at;
  int64_t exact = at;
  memcpy(slot_block(m, slot), &reached, sizeof reached);
  memcpy(slot_block(m, slot) + sizeof reached, &exact, sizeof exact);
  return 0;
}

static int32_t put_extents(const struct memory *m, int slot,
                           const struct fiemap *map) {
  int32_t *w = slot_words(m, slot);
  double *to = (double *)slot_data(m, w);
  for (uint32_t i = 0; i < map->fm_mapped_extents; i++) {
    const struct fiemap_extent *e = &map->fm_extents[i];
    *to++ = (double)e->fe_logical;
    *to++ = (double)e->fe_physical;
    *to++ = (double)e->fe_length;
    *to++ = (double)e->fe_flags;
  }
  w[SLOT_OUT_BYTES] =
      (int32_t)(map->fm_mapped_extents * EXTENT_DOUBLES * sizeof(double));
  return (int32_t)map->fm_mapped_extents;
}

/** As many extents as the slot has room for; a length of 0 is to the end. */
int32_t sys_fiemap(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  size_t count = (size_t)w[SLOT_ROOM] / (EXTENT_DOUBLES * sizeof(double));
  struct fiemap *map =
      calloc(1, sizeof *map + count * sizeof(struct fiemap_extent));
  if (map == NULL)
    return -ENOMEM;
  int64_t length = slot_integer(w, NUMBERS_A);
  map->fm_start = (uint64_t)slot_position(w);
  map->fm_length = length == 0 ? FIEMAP_MAX_OFFSET : (uint64_t)length;
  map->fm_flags = (uint32_t)slot_integer(w, NUMBERS_B);
  map->fm_extent_count = (uint32_t)count;
  int32_t result = ioctl(w[SLOT_FD], FS_IOC_FIEMAP, map) == -1
                       ? -errno
                       : put_extents(m, slot, map);
  free(map);
  return result;
}

static int read_through(int fd, int64_t from, int64_t to) {
  uint8_t buffer[READ_BYTES];
  while (from < to) {
    size_t bytes = to - from < READ_BYTES ? (size_t)(to - from) : READ_BYTES;
    int64_t count = calls->read(fd, buffer, bytes, from);
    if (count <= 0)
      return (int)count;
    from += count;
  }
  return 0;
}

/** Faults the pages in without a copy; before Linux 5.14, and for what cannot be mapped, by reads. */
static int page_in(int fd, int64_t from, int64_t to) {
  size_t bytes = (size_t)(to - from);
  void *at = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, from);
  if (at == MAP_FAILED)
    return read_through(fd, from, to);
  bool done = madvise(at, bytes, MADV_POPULATE_READ) == 0;
  munmap(at, bytes);
  return done ? 0 : read_through(fd, from, to);
}

/** A length of 0 is to the end; a range is never touched beyond the end of the file. */
int32_t sys_pageIn(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  int fd = w[SLOT_FD];
  struct statx stats;
  int result = calls->statx(fd, "", AT_EMPTY_PATH, &stats);
  if (result < 0)
    return result;
  int64_t length = slot_integer(w, NUMBERS_A);
  int64_t at = slot_position(w);
  int64_t end = (int64_t)stats.stx_size;
  if (length != 0 && at + length < end)
    end = at + length;
  at -= at % sysconf(_SC_PAGESIZE);
  while (at < end && result == 0 && !slot_cancelled(w)) {
    int64_t to = end - at < PAGE_IN_BYTES ? end : at + PAGE_IN_BYTES;
    result = page_in(fd, at, to);
    at = to;
  }
  return result;
}

// Reads go piece by piece into a block that stays in the cache, and from there by vectors: see slow-copies.h.
#include "slow-copies.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "blocks.h"
#include "clock.h"
#include "syscalls.h"

enum {
  PAGE_BYTES = 4096,
  /** From here on the way round pays. */
  WORTH_BYTES = 16 << 10,
  PIECE_BYTES = 64 << 10,
  /** What is written from several places is put together up to here. */
  GATHER_MAX_BYTES = 4 << 20,
  TRIES = 6,
  /** No processor is known to be slow further into a page. */
  MOST = 31,
  /** Slow is more than so many times. */
  FACTOR = 2,
};

/** 32 bytes at any address. */
typedef uint8_t vector __attribute__((vector_size(32), aligned(1), may_alias));

/** Not memcpy: that uses `rep movsb` as well. */
static void copy_by_vectors(uint8_t *to, const uint8_t *from, size_t bytes) {
  enum { WIDTH = sizeof(vector), STEP = 4 * WIDTH };
  size_t at = 0;
  for (; at + STEP <= bytes; at += STEP) {
    vector a = *(const vector *)(from + at);
    vector b = *(const vector *)(from + at + WIDTH);
    vector c = *(const vector *)(from + at + 2 * WIDTH);
    vector d = *(const vector *)(from + at + 3 * WIDTH);
    *(vector *)(to + at) = a;
    *(vector *)(to + at + WIDTH) = b;
    *(vector *)(to + at + 2 * WIDTH) = c;
    *(vector *)(to + at + 3 * WIDTH) = d;
  }
  memcpy(to + at, from + at, bytes - at);
}

// --- which processor this is ---

static pthread_once_t once = PTHREAD_ONCE_INIT;
/** How far into its page, counted from where the other side is in its own, an address is slow: from 1 on; 0: none. */
static unsigned slow_last;

/** The fastest of a few: the others were disturbed. */
static int64_t read_ns(int fd, uint8_t *to) {
  int64_t best = INT64_MAX;
  for (int i = 0; i < TRIES; i++) {
    int64_t began = now_ns(CLOCK_MONOTONIC);
    if (pread(fd, to, PIECE_BYTES, 0) != PIECE_BYTES)
      return -1;
    int64_t took = now_ns(CLOCK_MONOTONIC) - began;
    best = took < best ? took : best;
  }
  return best;
}

static void measure(void) {
  // By its number: glibc has the function since 2.27.
  int fd = (int)syscall(SYS_memfd_create, "eio-copies", MFD_CLOEXEC);
  size_t bytes = PIECE_BYTES + PAGE_BYTES;
  uint8_t *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (fd >= 0 && memory != MAP_FAILED &&
      pwrite(fd, memory, PIECE_BYTES, 0) == PIECE_BYTES) {
    // Seen: 1 to 31 on one AMD EPYC, 1 to 15 on another.
    static const unsigned zones[][2] = {{24, 31}, {8, 15}};
    int64_t aligned = read_ns(fd, memory);
    for (int i = 0; i < 2 && slow_last == 0 && aligned > 0; i++)
      if (read_ns(fd, memory + zones[i][0]) > FACTOR * aligned)
        slow_last = zones[i][1];
  }
  if (memory != MAP_FAILED)
    munmap(memory, bytes);
  if (fd >= 0)
    close(fd);
}

unsigned slow_copies(void) {
  pthread_once(&once, measure);
  return slow_last;
}

/** `further`: by how much one side is further into its page than the other. */
static bool is_slow(uintptr_t further, size_t bytes) {
  further %= PAGE_BYTES;
  return bytes >= WORTH_BYTES && further != 0 && further <= MOST &&
         further <= slow_copies();
}

// The current position is taken for one at the start of a page, as it is in reading a file from its start on.
static uintptr_t place_of(int64_t position) {
  return position < 0 ? 0 : (uintptr_t)position;
}

bool read_is_slow(const void *data, size_t bytes, int64_t position) {
  return is_slow((uintptr_t)data - place_of(position), bytes);
}

bool write_is_slow(const void *data, size_t bytes, int64_t position) {
  return is_slow(place_of(position) - (uintptr_t)data, bytes);
}

// --- the way round ---

static _Thread_local bool data_shrinks;

void slow_copies_avoid(bool shrinks) { data_shrinks = shrinks; }

/** Only of a file can a read be done in pieces: a pipe gives what there is, and then waits. */
static bool is_file(int fd) {
  struct statx stats;
  return calls->statx(fd, "", AT_EMPTY_PATH, &stats) == 0 &&
         S_ISREG(stats.stx_mode);
}

int64_t read_fast(int fd, void *data, size_t bytes, int64_t position) {
  size_t room;
  uint8_t *piece = NULL;
  if (!data_shrinks && read_is_slow(data, bytes, position) && is_file(fd))
    piece = block_take(PIECE_BYTES, &room);
  if (piece == NULL)
    return calls->read(fd, data, bytes, position);
  size_t used = 0;
  int64_t count = 0;
  while (used < bytes) {
    size_t want = bytes - used < PIECE_BYTES ? bytes - used : PIECE_BYTES;
    count = calls->read(fd, piece, want,
                        position < 0 ? position : position + (int64_t)used);
    if (count <= 0)
      break;
    copy_by_vectors((uint8_t *)data + used, piece, (size_t)count);
    used += (size_t)count;
    if ((size_t)count < want)
      break;
  }
  block_give(piece, room);
  return used != 0 ? (int64_t)used : count;
}

/** In one write, since others may write to the same file: what is appended stays in one piece. */
int64_t write_fast(int fd, const void *data, size_t bytes, int64_t position) {
  size_t room;
  uint8_t *copy = NULL;
  if (!data_shrinks && write_is_slow(data, bytes, position))
    copy = block_take(bytes, &room);
  if (copy == NULL)
    return calls->write(fd, data, bytes, position);
  copy_by_vectors(copy, data, bytes);
  int64_t count = calls->write(fd, copy, bytes, position);
  block_give(copy, room);
  return count;
}

static bool any_is_slow(const struct iovec *parts, int count,
                        int64_t position) {
  uintptr_t at = place_of(position);
  for (int i = 0; i < count; i++) {
    if (write_is_slow(parts[i].iov_base, parts[i].iov_len, (int64_t)at))
      return true;
    at += parts[i].iov_len;
  }
  return false;
}

int64_t writev_fast(int fd, const struct iovec *parts, int count, size_t bytes,
                    int64_t position) {
  size_t room;
  uint8_t *copy = NULL;
  if (!data_shrinks && bytes <= GATHER_MAX_BYTES &&
      any_is_slow(parts, count, position))
    copy = block_take(bytes, &room);
  if (copy == NULL)
    return calls->writev(fd, parts, count, position);
  uint8_t *at = copy;
  for (int i = 0; i < count; at += parts[i++].iov_len)
    copy_by_vectors(at, parts[i].iov_base, parts[i].iov_len);
  int64_t written = calls->write(fd, copy, bytes, position);
  block_give(copy, room);
  return written;
}

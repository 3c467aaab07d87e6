// The assertions of a debug build; see check.h. They know what every op has in common: lengths fit what
// they are lengths of, offsets lie in shared memory, and a pointer is to memory that is there.
#include "check.h"

#ifdef EIO_DEBUG
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ops.gen.h"

static void require(bool holds, int slot, const int32_t *w, const char *what) {
  if (holds)
    return;
  fprintf(stderr,
          "node-eio: slot %d, op %d: %s (path %d+%d, data %d+%d, room %d, "
          "direct %d, fd %d)\n",
          slot, w[SLOT_OP], what, w[SLOT_PATH], w[SLOT_PATH2], w[SLOT_DATA],
          w[SLOT_DATA_BYTES], w[SLOT_ROOM], w[SLOT_DIRECT], w[SLOT_FD]);
  abort();
}

/** msync() of what is not mapped fails with ENOMEM; of anything else it does nothing here. */
static bool is_mapped(const uint8_t *data, size_t bytes) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t from = (uintptr_t)data & ~(page - 1);
  uintptr_t end = (uintptr_t)data + bytes;
  return end >= (uintptr_t)data &&
         msync((void *)from, end - from, MS_ASYNC) == 0;
}

void slot_check(const struct memory *m, int slot) {
  if (slot < 0 || slot >= m->slots) {
    fprintf(stderr, "node-eio: slot %d of %d\n", slot, m->slots);
    abort();
  }
  const int32_t *w = slot_words(m, slot);
#ifdef __SANITIZE_THREAD__
  __tsan_acquire((void *)w);
#endif
  require(w[SLOT_OP] >= 0 && w[SLOT_OP] < EIO_OP_CODES, slot, w, "no such op");
  require(w[SLOT_CANCELLED] == 0 || w[SLOT_CANCELLED] == 1, slot, w,
          "cancelled is neither 0 nor 1");
  require(w[SLOT_DIRECT] == 0 || w[SLOT_DIRECT] == 1, slot, w,
          "direct is neither 0 nor 1");
  // Paths of earlier requests of the slot are still there: each has been within bounds.
  require(w[SLOT_PATH] >= 0 && w[SLOT_PATH] <= BLOCK_BYTES, slot, w,
          "the path does not fit the block");
  require(w[SLOT_PATH2] >= 0 && w[SLOT_PATH2] <= BLOCK_BYTES, slot, w,
          "the second path does not fit the block");
  require(w[SLOT_DATA_BYTES] >= 0 && w[SLOT_ROOM] >= 0, slot, w,
          "a length below 0");
  double position = slot_number(w, NUMBERS_POSITION);
  require(position >= -1 && position < 0x1p63, slot, w,
          "the position is no position");
  size_t bytes = (size_t)w[SLOT_DATA_BYTES];
  if (w[SLOT_DIRECT] != 0) {
    const uint8_t *data = slot_data(m, w);
    require(bytes == 0 || data != NULL, slot, w, "no address");
    require(bytes == 0 || is_mapped(data, bytes), slot, w,
            "the address is not of memory");
    return;
  }
  uint64_t offset = (uint32_t)w[SLOT_DATA];
  size_t room = (size_t)w[SLOT_ROOM];
  require(offset + (bytes > room ? bytes : room) <= m->bytes_max, slot, w,
          "the data does not lie in shared memory");
}
#endif

// See assertions.h. It knows what every op has in common: lengths fit what they are lengths of, offsets lie in
// shared memory, and a pointer is to memory that is there.
#include "assertions.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ops.gen.h"

#ifdef EIO_DEBUG
/** msync() of what is not mapped fails with ENOMEM; of anything else it does nothing here. */
static bool is_mapped(const uint8_t *data, size_t bytes) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t from = (uintptr_t)data & ~(page - 1);
  uintptr_t end = (uintptr_t)data + bytes;
  return end >= (uintptr_t)data &&
         msync((void *)from, end - from, MS_ASYNC) == 0;
}
#else
static bool is_mapped(const uint8_t *data, size_t bytes) {
  return (void)data, (void)bytes, true;
}
#endif

/** Paths of earlier requests of the slot are still there: each has been within bounds. */
static bool fits_block(int32_t bytes) {
  return bytes >= 0 && bytes <= BLOCK_BYTES;
}

static const char *wrong_of(const struct memory *m, const int32_t *w) {
  if (w[SLOT_OP] < 0 || w[SLOT_OP] >= EIO_OP_CODES)
    return "no such op";
  // The only one that another thread may write from here on.
  int32_t cancelled = __atomic_load_n(&w[SLOT_CANCELLED], __ATOMIC_RELAXED);
  if (cancelled != 0 && cancelled != 1)
    return "cancelled is neither 0 nor 1";
  if (w[SLOT_DIRECT] != 0 && w[SLOT_DIRECT] != 1)
    return "direct is neither 0 nor 1";
  if (!fits_block(w[SLOT_PATH]))
    return "the path does not fit the block";
  if (!fits_block(w[SLOT_PATH2]))
    return "the second path does not fit the block";
  if (w[SLOT_DATA_BYTES] < 0 || w[SLOT_ROOM] < 0)
    return "a length below 0";
  double position = slot_number(w, NUMBERS_POSITION);
  if (!(position >= -1 && position < 0x1p63))
    return "the position is no position";
  size_t bytes = (size_t)w[SLOT_DATA_BYTES];
  if (w[SLOT_DIRECT] != 0) {
    const uint8_t *data = slot_data(m, w);
    if (bytes != 0 && data == NULL)
      return "no address";
    return bytes == 0 || is_mapped(data, bytes)
               ? NULL
               : "the address is not of memory";
  }
  uint64_t offset = (uint32_t)w[SLOT_DATA];
  size_t room = (size_t)w[SLOT_ROOM];
  return offset + (bytes > room ? bytes : room) <= m->bytes_max
             ? NULL
             : "the data does not lie in shared memory";
}

static const char *describe(const struct memory *m, int slot,
                            const char *wrong) {
  enum { TEXT_BYTES = 200 };
  static _Thread_local char text[TEXT_BYTES];
  if (slot < 0 || slot >= m->slots) {
    snprintf(text, sizeof text, "node-eio: slot %d of %d", slot, m->slots);
    return text;
  }
  const int32_t *w = slot_words(m, slot);
  snprintf(text, sizeof text,
           "node-eio: slot %d, op %d: %s (path %d+%d, data %d+%d, room %d, "
           "direct %d, fd %d)",
           slot, w[SLOT_OP], wrong, w[SLOT_PATH], w[SLOT_PATH2], w[SLOT_DATA],
           w[SLOT_DATA_BYTES], w[SLOT_ROOM], w[SLOT_DIRECT], w[SLOT_FD]);
  return text;
}

const char *slot_take(const struct memory *m, int slot) {
  const char *wrong = "no such slot";
  if (slot >= 0 && slot < m->slots) {
    slot_enter(m, slot);
    wrong = wrong_of(m, slot_words(m, slot));
  }
  if (wrong == NULL)
    return NULL;
  const char *text = describe(m, slot, wrong);
#ifdef EIO_DEBUG
  // The one test that is about garbage wants to see it refused, as every other build does.
  if (getenv("EIO_GARBAGE") == NULL) {
    fprintf(stderr, "%s\n", text);
    abort();
  }
#endif
  return text;
}

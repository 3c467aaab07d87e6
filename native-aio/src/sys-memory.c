// Memory of the caller's: kept from the swap, touched, written back. It is named by an address and a
// length, which the loop's side has left in the slot; nothing of it is copied.
#include "sys-ops.h"

#include <sys/mman.h>
#include <unistd.h>

enum { TOUCH_MODIFY = 1 };

struct range {
  uint8_t *at;
  size_t bytes;
};

static struct range range_of(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  return (struct range){slot_data(m, w), (size_t)w[SLOT_DATA_BYTES]};
}

static uintptr_t page_bytes(void) { return (uintptr_t)sysconf(_SC_PAGESIZE); }

/** Whole pages: these calls refuse an address inside one. */
static struct range whole_pages(struct range r) {
  uintptr_t page = page_bytes();
  uintptr_t from = (uintptr_t)r.at & ~(page - 1);
  uintptr_t end = ((uintptr_t)r.at + r.bytes + page - 1) & ~(page - 1);
  return (struct range){(uint8_t *)from, end - from};
}

int32_t sys_msync(const struct memory *m, int slot) {
  struct range r = whole_pages(range_of(m, slot));
  int flags = (int)slot_integer(slot_words(m, slot), NUMBERS_A);
  SYS_ANSWER(msync(r.at, r.bytes, flags));
}

/** A write changes nothing, also not what another thread writes at the same time. */
int32_t sys_mtouch(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  struct range r = range_of(m, slot);
  bool modify = ((int)slot_integer(w, NUMBERS_A) & TOUCH_MODIFY) != 0;
  uintptr_t page = page_bytes();
  uint8_t *end = r.at + r.bytes;
  for (uint8_t *at = r.at; at < end && !slot_cancelled(w);) {
    if (modify)
      __atomic_fetch_or(at, 0, __ATOMIC_RELAXED);
    else
      (void)__atomic_load_n((volatile uint8_t *)at, __ATOMIC_RELAXED);
    at = (uint8_t *)(((uintptr_t)at & ~(page - 1)) + page);
  }
  return 0;
}

int32_t sys_mlock(const struct memory *m, int slot) {
  struct range r = range_of(m, slot);
  SYS_ANSWER(mlock(r.at, r.bytes));
}

int32_t sys_munlock(const struct memory *m, int slot) {
  struct range r = range_of(m, slot);
  SYS_ANSWER(munlock(r.at, r.bytes));
}

int32_t sys_mlockall(const struct memory *m, int slot) {
  SYS_ANSWER(mlockall((int)slot_integer(slot_words(m, slot), NUMBERS_A)));
}

int32_t sys_munlockall(const struct memory *m, int slot) {
  (void)m, (void)slot;
  SYS_ANSWER(munlockall());
}

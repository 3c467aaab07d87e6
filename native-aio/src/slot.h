// The shared memory of one instance as C sees it: registers of a slot, its block, its data. It
// knows the layout that layout.gen.h was made of, and no op.
#pragma once

#include <stdint.h>
#include <string.h>

#include "layout.gen.h"

struct memory {
  int32_t *control;
  int32_t *words;
  uint8_t *bytes;
  int slots;
  uint64_t bytes_max;
};

/** Buffers of one request, whose addresses and lengths (struct iovec) lie in the slot's block. */
enum { BUFFERS_MAX = BLOCK_BYTES / 16 };

/** From here on a double does not hold every integer; the multiples of 2^WIDE_BITS it does. */
#define WIDE_FROM 0x1p53
enum { WIDE_BITS = 11 };

/** The longest path that Linux takes, with its NUL. */
enum { PATH_BYTES = 4096 };

/**
 * In outBytes of a slurp that nowait leaves to the next one, plus the file's size: it is a regular file, its
 * path is in memory and its data is not.
 */
enum { SLURP_NOTE = 1 };

static inline int32_t *slot_words(const struct memory *m, int slot) {
  return m->words + (int64_t)slot * SLOT_WORDS;
}

static inline uint8_t *slot_block(const struct memory *m, int slot) {
  return m->bytes + (int64_t)slot * BLOCK_BYTES;
}

static inline double slot_number(const int32_t *words, int number) {
  double value;
  memcpy(&value, words + SLOT_NUMBERS + 2 * number, sizeof value);
  return value;
}

static inline void *slot_address(const int32_t *words) {
  uint64_t address;
  memcpy(&address, words + SLOT_NUMBERS + 2 * NUMBERS_ADDRESS, sizeof address);
  return (void *)(uintptr_t)address;
}

/** Where the data lies: the caller's own memory, or shared memory. */
static inline uint8_t *slot_data(const struct memory *m, const int32_t *words) {
  return words[SLOT_DIRECT] == 0 ? m->bytes + (uint32_t)words[SLOT_DATA]
                                 : slot_address(words);
}

static inline void slot_set_address(int32_t *words, const void *data) {
  uint64_t address = (uintptr_t)data;
  memcpy(words + SLOT_NUMBERS + 2 * NUMBERS_ADDRESS, &address, sizeof address);
}

/**
 * An offset of 64 bits: a double has no room for every integer beyond 2^53, and what it lacks there, WIDE_BITS of it, lies
 * in operand d: that of the position, and `WIDE_BITS` higher that of another operand (see src/request/wide.ts).
 */
static inline int64_t slot_offset(const int32_t *words, int number) {
  double value = slot_number(words, number);
  int64_t offset = (int64_t)value;
  if (value > -WIDE_FROM && value < WIDE_FROM)
    return offset;
  uint32_t low = (uint32_t)slot_number(words, NUMBERS_D);
  int shift = number == NUMBERS_POSITION ? 0 : WIDE_BITS;
  return offset + (low >> shift & ((1 << WIDE_BITS) - 1));
}

/** Below 0 is the current position, as everywhere in the slots. */
static inline int64_t slot_position(const int32_t *words) {
  return slot_offset(words, NUMBERS_POSITION);
}

/** Copies the path with a NUL to its end; false when it is longer than `room` allows. */
static inline int slot_copy_path(const struct memory *m, int slot, char *to,
                                 size_t room) {
  size_t length = (size_t)(uint32_t)slot_words(m, slot)[SLOT_PATH];
  if (length >= room)
    return 0;
  memcpy(to, slot_block(m, slot), length);
  to[length] = 0;
  return 1;
}

/** The second path lies behind the first one, in the same block. */
static inline int slot_copy_path2(const struct memory *m, int slot, char *to,
                                  size_t room) {
  const int32_t *w = slot_words(m, slot);
  size_t start = (size_t)(uint32_t)w[SLOT_PATH];
  size_t length = (size_t)(uint32_t)w[SLOT_PATH2];
  if (length >= room || start + length > BLOCK_BYTES)
    return 0;
  memcpy(to, slot_block(m, slot) + start, length);
  to[length] = 0;
  return 1;
}

/** Tells the loop: for the one producer of a completion ring, which has room for every slot. */
static inline void ring_push(int32_t *ring, uint32_t mask, int slot) {
  uint32_t tail = (uint32_t)ring[RING_TAIL];
  ring[RING_HEADER + (tail & mask)] = slot;
  __atomic_store_n(&ring[RING_TAIL], (int32_t)(tail + 1), __ATOMIC_SEQ_CST);
}

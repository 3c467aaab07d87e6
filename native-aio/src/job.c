// Results and failures of jobs; see job.h. A failure lies in the slot's block as fields: a tag, two bytes of
// length, and the bytes (src/request/fields.ts reads them).
#include "job.h"

#include "blocks.h"
#include "ops.gen.h"
#include "syscalls.h"
#include "text.h"

/** As in src/request/fields.ts. */
enum { TAG_SYSCALL = 1, TAG_PATH = 2, TAG_DEST = 3, HEAD_BYTES = 3 };

/**
 * What a slot's block is known by. The words of a slot are JavaScript's as well, and may be garbage: memory is taken for
 * a block of ours only where they are as they were when it was given.
 */
static int32_t block_tag(const int32_t *w, int slot) {
  // Another one in each process, for addresses are.
  static const char key;
  uint64_t mixed = (uintptr_t)slot_address(w) ^ (uintptr_t)&key;
  const uint64_t odd = 0x9e3779b97f4a7c15ULL;
  mixed = (mixed * odd) ^ (uint32_t)w[SLOT_ROOM];
  mixed = (mixed * odd) ^ (uint32_t)slot;
  return (int32_t)((mixed * odd) >> 32 | 1);
}

bool job_has_block(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  return w[SLOT_OUTCOME] == OUTCOME_BLOCK &&
         w[SLOT_BLOCK_TAG] == block_tag(w, slot) &&
         (uint32_t)w[SLOT_OUT_BYTES] <= (uint32_t)w[SLOT_ROOM];
}

void *job_take_block(const struct memory *m, int slot) {
  int32_t *w = slot_words(m, slot);
  w[SLOT_OUTCOME] = OUTCOME_PLAIN;
  w[SLOT_BLOCK_TAG] = 0;
  return slot_address(w);
}

void job_give_block(const struct memory *m, int slot, void *block, size_t room,
                    size_t bytes) {
  int32_t *w = slot_words(m, slot);
  slot_set_address(w, block);
  w[SLOT_ROOM] = (int32_t)room;
  w[SLOT_OUT_BYTES] = (int32_t)bytes;
  w[SLOT_OUTCOME] = OUTCOME_BLOCK;
  w[SLOT_BLOCK_TAG] = block_tag(w, slot);
}

void job_drop_block(const struct memory *m, int slot) {
  if (!job_has_block(m, slot))
    return;
  size_t room = (size_t)(uint32_t)slot_words(m, slot)[SLOT_ROOM];
  block_give(job_take_block(m, slot), room);
}

bool job_returns_fd(int op) {
#define IS_OP(name, code) || op == (code)
  return false EIO_FD_OPS(IS_OP);
#undef IS_OP
}

void job_drop_result(const struct memory *m, int slot) {
  job_drop_block(m, slot);
  const int32_t *w = slot_words(m, slot);
  if (job_returns_fd(w[SLOT_OP]) && w[SLOT_RESULT] >= 0)
    calls->close(w[SLOT_RESULT]);
}

uint8_t *job_room(const struct memory *m, int slot, size_t bytes) {
  int32_t *w = slot_words(m, slot);
  if (bytes <= (size_t)(uint32_t)w[SLOT_ROOM]) {
    w[SLOT_OUT_BYTES] = (int32_t)bytes;
    return slot_data(m, w);
  }
  size_t room;
  void *block = block_take(bytes, &room);
  if (block != NULL)
    job_give_block(m, slot, block, room, bytes);
  return block;
}

static uint8_t *put_field(uint8_t *at, const uint8_t *end, uint8_t tag,
                          const char *text) {
  if (text == NULL)
    return at;
  size_t bytes = strlen(text);
  if ((size_t)(end - at) < bytes + HEAD_BYTES)
    return at;
  *at++ = tag;
  *at++ = (uint8_t)bytes;
  *at++ = (uint8_t)(bytes >> 8);
  memcpy(at, text, bytes);
  return at + bytes;
}

int32_t job_fail(const struct memory *m, int slot, int error,
                 const char *syscall, const char *path, const char *dest) {
  job_drop_block(m, slot);
  int32_t *w = slot_words(m, slot);
  uint8_t *start = slot_block(m, slot);
  const uint8_t *end = start + BLOCK_BYTES;
  uint8_t *at = put_field(start, end, TAG_SYSCALL, syscall);
  at = put_field(at, end, TAG_PATH, path);
  at = put_field(at, end, TAG_DEST, dest);
  w[SLOT_OUT_BYTES] = (int32_t)(at - start);
  w[SLOT_OUTCOME] = OUTCOME_FIELDS;
  return error;
}

int32_t job_make_text(const struct memory *m, int slot) {
  const int32_t *w = slot_words(m, slot);
  size_t bytes = (size_t)(uint32_t)w[SLOT_OUT_BYTES];
  const uint8_t *data = job_has_block(m, slot)
                            ? (const uint8_t *)slot_address(w)
                            : slot_data(m, w);
  if (text_ascii_bytes(data, bytes) == bytes)
    return TEXT_LATIN1;
  size_t room;
  uint16_t *units = block_take(bytes * sizeof *units, &room);
  if (units == NULL)
    return TEXT_BYTES;
  int64_t count = text_decode(data, bytes, units);
  if (count < 0) {
    block_give(units, room);
    return TEXT_BYTES;
  }
  job_drop_block(m, slot);
  job_give_block(m, slot, units, room, (size_t)count * sizeof *units);
  return TEXT_UTF16;
}

// See attach.h. What is made here lives as long as one of its functions does, and keeps the memory alive; it
// does not know what a slot requests.
#include "attach.h"

#include <stdlib.h>
#include <sys/uio.h>

#include "array-buffer.h"
#include "assertions.h"
#include "job.h"
#include "sys.h"

enum { PAGE_BYTES = 4096, PART_ALIGN_BYTES = 16 };

/** What the functions have in common. */
struct attached {
  struct memory memory;
  struct loans *loans;
};

struct memory call_memory(struct call *call, size_t words_at, size_t bytes_at) {
  size_t words, bytes;
  struct memory memory = {
      .words = call_shared_words(call, words_at, "words", &words),
      .bytes = call_shared_bytes(call, bytes_at, "bytes", &bytes),
  };
  size_t slots = words / SLOT_WORDS;
  memory.slots = slots < INT32_MAX ? (int)slots : INT32_MAX;
  memory.bytes_max = bytes;
  if (!call->failed &&
      (memory.slots == 0 || bytes / BLOCK_BYTES < (size_t)memory.slots)) {
    call->failed = true;
    throw_type_error(call->env, "bytes", "at least a block for each slot");
  }
  return memory;
}

static const struct memory *memory_of(const struct call *call) {
  const struct attached *attached = call->data;
  return &attached->memory;
}

static napi_value js_note(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  const struct memory *memory = memory_of(&call);
  int slot = call_index(&call, 0, "slot", memory->slots);
  void *data = call_array(&call, 1, "data");
  if (call.failed)
    return NULL;
  slot_enter(memory, slot);
  slot_set_address(slot_words(memory, slot), data);
  slot_leave(memory, slot);
  return int_value(env, (int32_t)((uintptr_t)data & (PAGE_BYTES - 1)));
}

/** noteAll(slot, buffers): as struct iovec, in the slot's block. */
static napi_value js_note_all(napi_env env, napi_callback_info info) {
  struct call call;
  uint32_t count = 0;
  if (!call_begin(&call, env, info))
    return NULL;
  const struct memory *memory = memory_of(&call);
  int slot = call_index(&call, 0, "slot", memory->slots);
  if (call.failed)
    return NULL;
  napi_value buffers = call.given[1];
  if (napi_get_array_length(env, buffers, &count) != napi_ok || count == 0 ||
      count > BUFFERS_MAX)
    return throw_type_error(env, "buffers", "an array of 1 to 512 buffers");
  struct iovec parts[BUFFERS_MAX];
  for (uint32_t i = 0; i < count; i++) {
    napi_value buffer;
    void *data;
    size_t bytes;
    NAPI_TRY(env, napi_get_element(env, buffers, i, &buffer), NULL);
    if (napi_get_typedarray_info(env, buffer, NULL, &bytes, &data, NULL,
                                 NULL) != napi_ok)
      return throw_type_error(env, "buffers", "an array of typed arrays");
    parts[i] = (struct iovec){.iov_base = data, .iov_len = bytes};
  }
  memcpy(slot_block(memory, slot), parts, count * sizeof *parts);
  slot_leave(memory, slot);
  return NULL;
}

static napi_value js_run(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  const struct memory *memory = memory_of(&call);
  int slot = call_index(&call, 0, "slot", memory->slots);
  if (call.failed)
    return NULL;
  const char *wrong = slot_take(memory, slot);
  if (wrong != NULL)
    return throw_error(env, wrong);
  return int_value(env, sys_run(memory, slot));
}

/** The result of a slot that lies in a block. */
struct block_result {
  const struct memory *memory;
  struct loans *loans;
  int slot;
  void *data;
  size_t bytes, room;
};

/** Of the slot that the call was given; false, with an exception, where it has none. */
static bool block_result(struct call *call, struct block_result *r) {
  const struct attached *attached = call->data;
  const struct memory *memory = memory_of(call);
  int slot = call_index(call, 0, "slot", memory->slots);
  if (call->failed)
    return false;
  slot_enter(memory, slot);
  if (!job_has_block(memory, slot)) {
    throw_error(call->env, "the slot has no block");
    return false;
  }
  const int32_t *w = slot_words(memory, slot);
  *r = (struct block_result){
      .memory = memory,
      .loans = attached->loans,
      .slot = slot,
      .data = slot_address(w),
      .bytes = (size_t)(uint32_t)w[SLOT_OUT_BYTES],
      .room = (size_t)(uint32_t)w[SLOT_ROOM],
  };
  return true;
}

/** Somebody else owns the block now. */
static void leave_taken(const struct block_result *r) {
  (void)job_take_block(r->memory, r->slot);
  slot_leave(r->memory, r->slot);
}

static void leave_dropped(const struct block_result *r) {
  job_drop_block(r->memory, r->slot);
  slot_leave(r->memory, r->slot);
}

/** takeBlock(slot): an ArrayBuffer over the slot's block, or with a copy of it. */
static napi_value js_take_block(napi_env env, napi_callback_info info) {
  struct call call;
  struct block_result r;
  if (!call_begin(&call, env, info) || !block_result(&call, &r))
    return NULL;
  napi_value buffer = array_buffer_over(env, r.loans, r.data, r.room, r.bytes);
  if (buffer != NULL) {
    leave_taken(&r);
    return buffer;
  }
  void *copy;
  // Where this fails an exception is pending, and the block is still the slot's.
  NAPI_TRY(env, napi_create_arraybuffer(env, r.bytes, &copy, &buffer), NULL);
  memcpy(copy, r.data, r.bytes);
  leave_dropped(&r);
  return buffer;
}

/** An ArrayBuffer over a part of the block, or with a copy of it; NULL, with an exception. */
static napi_value take_part(napi_env env, struct parted_block *parted,
                            const uint8_t *block, size_t offset, size_t bytes) {
  napi_value buffer = array_buffer_over_part(env, parted, offset, bytes);
  if (buffer != NULL)
    return buffer;
  void *copy;
  NAPI_TRY(env, napi_create_arraybuffer(env, bytes, &copy, &buffer), NULL);
  memcpy(copy, block + offset, bytes);
  return buffer;
}

static napi_value take_parts(napi_env env, struct parted_block *parted,
                             const uint8_t *block, size_t bytes,
                             size_t part_bytes) {
  napi_value list;
  NAPI_TRY(env, napi_create_array(env, &list), NULL);
  for (size_t at = 0; at < bytes; at += part_bytes) {
    size_t left = bytes - at;
    napi_value part = take_part(env, parted, block, at,
                                left < part_bytes ? left : part_bytes);
    if (part == NULL)
      return NULL;
    NAPI_TRY(env,
             napi_set_element(env, list, (uint32_t)(at / part_bytes), part),
             NULL);
  }
  return list;
}

/** takeParts(slot, partBytes): the slot's block as a list of ArrayBuffers, each of which can be transferred without the others. */
static napi_value js_take_parts(napi_env env, napi_callback_info info) {
  struct call call;
  struct block_result r;
  if (!call_begin(&call, env, info) || !block_result(&call, &r))
    return NULL;
  int part_bytes = call_int(&call, 1, "partBytes");
  if (call.failed)
    return NULL;
  if (part_bytes <= 0 || part_bytes % PART_ALIGN_BYTES != 0)
    return throw_type_error(env, "partBytes", "a multiple of 16");
  struct parted_block *parted =
      parted_block_open(env, r.loans, r.data, r.room, r.bytes);
  if (parted == NULL)
    return throw_no_memory(env, "malloc");
  leave_taken(&r);
  napi_value list =
      take_parts(env, parted, r.data, r.bytes, (size_t)part_bytes);
  parted_block_close(parted);
  return list;
}

/** takeText(slot, wide): a string of one or two bytes for each unit, out of the slot's block. */
static napi_value js_take_text(napi_env env, napi_callback_info info) {
  struct call call;
  struct block_result r;
  bool wide = false;
  if (!call_begin(&call, env, info) || !block_result(&call, &r))
    return NULL;
  NAPI_TRY(env, napi_get_value_bool(env, call.given[1], &wide), NULL);
  napi_value text = NULL;
  napi_status status =
      wide ? napi_create_string_utf16(env, r.data, r.bytes / 2, &text)
           : napi_create_string_latin1(env, r.data, r.bytes, &text);
  leave_dropped(&r);
  NAPI_TRY(env, status, NULL);
  return text;
}

/** dropBlock(slot): its result is not wanted. */
static napi_value js_drop_block(napi_env env, napi_callback_info info) {
  struct call call;
  struct block_result r;
  if (call_begin(&call, env, info) && block_result(&call, &r))
    leave_dropped(&r);
  return NULL;
}

static void free_attached(napi_env env, void *data, void *hint) {
  (void)hint;
  struct attached *attached = data;
  if (attached->loans != NULL)
    loans_close(env, attached->loans);
  free(attached);
}

static const struct method methods[] = {
    {"note", js_note},
    {"noteAll", js_note_all},
    {"run", js_run},
    {"takeBlock", js_take_block},
    {"takeParts", js_take_parts},
    {"takeText", js_take_text},
    {"dropBlock", js_drop_block},
};

napi_value js_attach(napi_env env, napi_callback_info info) {
  struct call call;
  napi_value object;
  if (!call_begin(&call, env, info))
    return NULL;
  struct memory memory = call_memory(&call, 0, 1);
  if (call.failed)
    return NULL;
  NAPI_TRY(env, napi_create_object(env, &object), NULL);
  struct attached *kept = malloc(sizeof *kept);
  if (kept == NULL)
    return throw_no_memory(env, "malloc");
  *kept = (struct attached){.memory = memory, .loans = loans_open(&memory)};
  if (kept->loans == NULL) {
    free_attached(env, kept, NULL);
    return throw_no_memory(env, "malloc");
  }
  if (napi_failed(env, napi_add_finalizer(env, object, kept, free_attached,
                                          NULL, NULL))) {
    free_attached(env, kept, NULL);
    return NULL;
  }
  if (!keep_alive(env, object, "words", call.given[0]) ||
      !keep_alive(env, object, "bytes", call.given[1]) ||
      !define_methods(env, object, methods, sizeof methods / sizeof methods[0],
                      kept))
    return NULL;
  return object;
}

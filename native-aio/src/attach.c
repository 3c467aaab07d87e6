// See attach.h. What is made here lives as long as one of its functions does, and keeps the memory alive; it
// does not know what a slot asks for.
#include "attach.h"

#include <stdlib.h>

#include "check.h"
#include "sys.h"

enum { PAGE_BYTES = 4096 };

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

static napi_value js_note(napi_env env, napi_callback_info info) {
  struct call call;
  size_t bytes;
  if (!call_begin(&call, env, info))
    return NULL;
  const struct memory *memory = call.data;
  int slot = call_index(&call, 0, "slot", memory->slots);
  void *data = call_bytes(&call, 1, "data", &bytes);
  if (call.failed)
    return NULL;
  slot_set_address(slot_words(memory, slot), data);
  slot_leave(memory, slot);
  return int_value(env, (int32_t)((uintptr_t)data & (PAGE_BYTES - 1)));
}

static napi_value js_run(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  const struct memory *memory = call.data;
  int slot = call_index(&call, 0, "slot", memory->slots);
  if (call.failed)
    return NULL;
  const char *wrong = slot_take(memory, slot);
  if (wrong != NULL)
    return throw_error(env, wrong);
  return int_value(env, sys_run(memory, slot));
}

static void free_memory(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  free(data);
}

static const struct method methods[] = {{"note", js_note}, {"run", js_run}};

napi_value js_attach(napi_env env, napi_callback_info info) {
  struct call call;
  napi_value object;
  if (!call_begin(&call, env, info))
    return NULL;
  struct memory memory = call_memory(&call, 0, 1);
  if (call.failed)
    return NULL;
  NAPI_TRY(env, napi_create_object(env, &object), NULL);
  struct memory *kept = malloc(sizeof *kept);
  if (kept == NULL)
    return throw_error(env, "malloc failed");
  *kept = memory;
  if (napi_failed(env, napi_add_finalizer(env, object, kept, free_memory, NULL,
                                          NULL))) {
    free(kept);
    return NULL;
  }
  if (!keep_alive(env, object, "words", call.given[0]) ||
      !keep_alive(env, object, "bytes", call.given[1]) ||
      !define_methods(env, object, methods, 2, kept))
    return NULL;
  return object;
}

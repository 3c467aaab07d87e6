// The face of the core for JavaScript: a few functions. It knows Node-API and nothing of any op;
// every pointer it takes is of memory that its caller, or a reference here, keeps alive.
#include <errno.h>
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>

#include "array-buffer.h"
#include "check.h"
#include "crew-object.h"
#include "dio-align.h"
#include "faults.h"
#include "fd-limit.h"
#include "job.h"
#include "lane.h"
#include "last-exit.h"
#include "ops.gen.h"
#include "place.h"
#include "poll-fd.h"
#include "send-file.h"
#include "sys.h"
#include "times.h"
#include "wake.h"

static const struct lane_verbs *const lanes[] = {&uring_lane, &aio_lane,
                                                 &nowait_lane};

enum { ARGUMENTS_MAX = 8, PINNED = 4, PAGE_BYTES = 4096 };

/** A lane as JavaScript holds it. */
struct held {
  struct lane lane;
  napi_env env;
  napi_ref pinned[PINNED];
  struct wake *wake;
  napi_async_cleanup_hook_handle hook;
  bool closed;
};

/** The arguments of a call, and what its function was made with. */
struct call {
  napi_value arguments[ARGUMENTS_MAX];
  void *data;
};

static struct call call_of(napi_env env, napi_callback_info info) {
  struct call call;
  size_t count = ARGUMENTS_MAX;
  napi_get_cb_info(env, info, &count, call.arguments, NULL, &call.data);
  return call;
}

static int32_t int_of(napi_env env, napi_value value) {
  int32_t number = 0;
  napi_get_value_int32(env, value, &number);
  return number;
}

static void *memory_of(napi_env env, napi_value value) {
  void *data = NULL;
  napi_get_typedarray_info(env, value, NULL, NULL, &data, NULL, NULL);
  return data;
}

static struct memory shared_memory(napi_env env, int32_t *control,
                                   napi_value words, napi_value bytes) {
  size_t word_count = 0, byte_count = 0;
  struct memory memory = {.control = control};
  napi_get_typedarray_info(env, words, NULL, &word_count,
                           (void **)&memory.words, NULL, NULL);
  napi_get_typedarray_info(env, bytes, NULL, &byte_count,
                           (void **)&memory.bytes, NULL, NULL);
  memory.slots = (int)(word_count / SLOT_WORDS);
  memory.bytes_max = byte_count;
  return memory;
}

static napi_value bool_value(napi_env env, bool value) {
  napi_value result;
  napi_get_boolean(env, value, &result);
  return result;
}

static napi_value text_value(napi_env env, const char *text) {
  napi_value result;
  if (text == NULL)
    napi_get_null(env, &result);
  else
    napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result);
  return result;
}

static void define(napi_env env, napi_value object, const char *name,
                   napi_callback callback, void *data) {
  napi_value fn;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &fn);
  napi_set_named_property(env, object, name, fn);
}

/** A property for no one but the collector. */
static void keep(napi_env env, napi_value object, const char *name,
                 napi_value value) {
  const napi_property_descriptor hidden = {.utf8name = name, .value = value};
  napi_define_properties(env, object, 1, &hidden);
}

// --- attach(words, bytes): the shared memory, for calls on the caller's own thread ---

static napi_value js_note(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  const struct memory *memory = call.data;
  int slot = int_of(env, call.arguments[0]);
  void *data = memory_of(env, call.arguments[1]);
  slot_set_address(slot_words(memory, slot), data);
  slot_leave(memory, slot);
  napi_value place;
  napi_create_int32(env, (int32_t)((uintptr_t)data & (PAGE_BYTES - 1)), &place);
  return place;
}

static napi_value js_run(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  napi_value result;
  int slot = int_of(env, call.arguments[0]);
  napi_create_int32(env, sys_run(call.data, slot), &result);
  return result;
}

/** takeBlock(slot): an ArrayBuffer over the slot's block, or with a copy of it. */
static napi_value js_take_block(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  const struct memory *memory = call.data;
  int slot = int_of(env, call.arguments[0]);
  int32_t *w = slot_words(memory, slot);
  size_t bytes = (size_t)(uint32_t)w[SLOT_OUT_BYTES];
  size_t room = (size_t)(uint32_t)w[SLOT_ROOM];
  const void *block = slot_address(w);
  napi_value buffer = array_buffer_over(env, slot_address(w), room, bytes);
  if (buffer != NULL) {
    w[SLOT_OUTCOME] = OUTCOME_PLAIN;
    return buffer;
  }
  void *copy;
  if (napi_create_arraybuffer(env, bytes, &copy, &buffer) != napi_ok)
    return NULL; // An exception is pending, and the block is still the slot's.
  memcpy(copy, block, bytes);
  job_drop_block(memory, slot);
  return buffer;
}

/** takeText(slot, wide): a text of one or two bytes for each unit, out of the slot's block. */
static napi_value js_take_text(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  const struct memory *memory = call.data;
  int slot = int_of(env, call.arguments[0]);
  bool wide = false;
  napi_get_value_bool(env, call.arguments[1], &wide);
  const int32_t *w = slot_words(memory, slot);
  size_t bytes = (size_t)(uint32_t)w[SLOT_OUT_BYTES];
  const void *block = slot_address(w);
  napi_value text;
  napi_status status =
      wide ? napi_create_string_utf16(env, block, bytes / 2, &text)
           : napi_create_string_latin1(env, block, bytes, &text);
  job_drop_block(memory, slot);
  return status == napi_ok ? text : NULL;
}

static napi_value js_drop_block(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  job_drop_block(call.data, int_of(env, call.arguments[0]));
  return NULL;
}

static void free_memory(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  free(data);
}

static napi_value js_attach(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  struct memory *memory = calloc(1, sizeof *memory);
  if (memory == NULL)
    return NULL;
  *memory = shared_memory(env, NULL, call.arguments[0], call.arguments[1]);
  napi_value object;
  napi_create_object(env, &object);
  define(env, object, "note", js_note, memory);
  define(env, object, "run", js_run, memory);
  define(env, object, "takeBlock", js_take_block, memory);
  define(env, object, "takeText", js_take_text, memory);
  define(env, object, "dropBlock", js_drop_block, memory);
  // The functions are called on the object, so it lives as long as they are in use, and its memory
  // with it.
  keep(env, object, "words", call.arguments[0]);
  keep(env, object, "bytes", call.arguments[1]);
  napi_add_finalizer(env, object, memory, free_memory, NULL, NULL);
  return object;
}

// --- openLane(name, control, words, bytes, list, ring, slots, wake) ---

static napi_value js_flush(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  struct lane *lane = call.data;
  napi_value declined;
  int count = lane->verbs->flush(lane, int_of(env, call.arguments[0]));
  napi_create_int32(env, count, &declined);
  return declined;
}

static napi_value js_reap(napi_env env, napi_callback_info info) {
  struct lane *lane = call_of(env, info).data;
  lane->verbs->reap(lane);
  return NULL;
}

static napi_value js_arm(napi_env env, napi_callback_info info) {
  struct lane *lane = call_of(env, info).data;
  return bool_value(env, lane->verbs->arm(lane));
}

static napi_value js_disarm(napi_env env, napi_callback_info info) {
  struct lane *lane = call_of(env, info).data;
  lane->verbs->disarm(lane);
  return NULL;
}

static napi_value js_cancel(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  struct lane *lane = call.data;
  int slot = int_of(env, call.arguments[0]);
  return bool_value(env, lane->verbs->cancel(lane, slot));
}

static napi_value js_why_not(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  const struct lane *lane = call.data;
  int op = int_of(env, call.arguments[0]);
  bool known = op >= 0 && op < EIO_OP_CODES;
  return text_value(env, known ? lane->verbs->why_not(lane, op) : "no such op");
}

static napi_value js_how(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  struct lane *lane = call.data;
  int op = int_of(env, call.arguments[0]);
  bool told = lane->verbs->how != NULL && op >= 0 && op < EIO_OP_CODES;
  return text_value(env, told ? lane->verbs->how(lane, op) : NULL);
}

static void let_go(void *data) {
  struct held *held = data;
  if (held->hook != NULL)
    napi_remove_async_cleanup_hook(held->hook);
  free(held);
}

static void close_held(struct held *held) {
  if (held->closed)
    return;
  held->closed = true;
  bool idle = held->lane.verbs->close(&held->lane);
  // Memory that the kernel may still write to is kept for good: better lost than somebody else's.
  for (int i = 0; i < PINNED && idle; i++)
    if (held->pinned[i] != NULL)
      napi_delete_reference(held->env, held->pinned[i]);
  if (held->wake == NULL)
    let_go(held);
  else
    wake_close(held->wake, let_go, held);
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  close_held(call_of(env, info).data);
  return NULL;
}

/** The environment goes away, perhaps with requests in flight. */
static void environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  close_held(data);
}

static const struct lane_verbs *verbs_named(napi_env env, napi_value value) {
  char name[16] = "";
  napi_get_value_string_utf8(env, value, name, sizeof name, NULL);
  for (size_t i = 0; i < sizeof lanes / sizeof lanes[0]; i++)
    if (strcmp(lanes[i]->name, name) == 0)
      return lanes[i];
  return NULL;
}

/** Answers what is wrong, as `io_uring_setup: 1`; null when nothing is. */
static napi_value refusal(napi_env env, struct held *held, int error) {
  char text[80];
  snprintf(text, sizeof text, "%s: %d", held->lane.failed, -error);
  free(held);
  return text_value(env, text);
}

static napi_value js_open_lane(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  napi_value *given = call.arguments;
  const struct lane_verbs *verbs = verbs_named(env, given[0]);
  struct held *held = calloc(1, sizeof *held);
  if (verbs == NULL || held == NULL) {
    free(held);
    return text_value(env, "the native code has no such backend");
  }
  int32_t *control = memory_of(env, given[1]);
  held->env = env;
  held->lane = (struct lane){
      .verbs = verbs,
      .memory = shared_memory(env, control, given[2], given[3]),
      .list = memory_of(env, given[4]),
      .ring = control + int_of(env, given[5]),
      .ring_mask = (uint32_t)int_of(env, given[6]) - 1,
      .wake_fd = -1,
  };
  int error = verbs->open(&held->lane);
  if (error < 0)
    return refusal(env, held, error);
  if (held->lane.wake_fd >= 0) {
    held->wake =
        wake_open(env, held->lane.wake_fd, held->lane.wake_wanted, given[7]);
    if (held->wake == NULL) {
      verbs->close(&held->lane);
      held->lane.failed = "uv_poll";
      return refusal(env, held, -EMFILE);
    }
  }
  for (int i = 0; i < PINNED; i++)
    napi_create_reference(env, given[1 + i], 1, &held->pinned[i]);
  napi_add_async_cleanup_hook(env, environment_ends, held, &held->hook);
  napi_value object;
  napi_create_object(env, &object);
  define(env, object, "flush", js_flush, &held->lane);
  define(env, object, "reap", js_reap, &held->lane);
  define(env, object, "arm", js_arm, &held->lane);
  define(env, object, "disarm", js_disarm, &held->lane);
  define(env, object, "cancel", js_cancel, &held->lane);
  define(env, object, "whyNot", js_why_not, &held->lane);
  define(env, object, "how", js_how, &held->lane);
  define(env, object, "close", js_close, held);
  napi_value wake_fd;
  napi_create_int32(env, held->lane.wake_fd, &wake_fd);
  napi_set_named_property(env, object, "wakeFd", wake_fd);
  return object;
}

static napi_value js_last_exit(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  last_exit(int_of(env, call.arguments[0]));
  return NULL;
}

static napi_value js_why_not_run(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  int op = int_of(env, call.arguments[0]);
  bool known = op >= 0 && op < EIO_OP_CODES;
  return text_value(env, known ? sys_why_not(op) : "no such op");
}

/** openWithin(folder, path, flags, mode, resolve): a descriptor or -errno. The path ends in NUL. */
static napi_value js_open_within(napi_env env, napi_callback_info info) {
  struct call call = call_of(env, info);
  napi_value *given = call.arguments;
  int fd = place_open(int_of(env, given[0]), memory_of(env, given[1]),
                      int_of(env, given[2]), (unsigned)int_of(env, given[3]),
                      (uint64_t)int_of(env, given[4]));
  napi_value result;
  napi_create_int32(env, fd, &result);
  return result;
}

static napi_value js_times_in_us(napi_env env, napi_callback_info info) {
  (void)env, (void)info;
  times_in_us();
  return NULL;
}

NAPI_MODULE_INIT() {
  define(env, exports, "attach", js_attach, NULL);
  define(env, exports, "openLane", js_open_lane, NULL);
  define(env, exports, "dioAlign", js_dio_align, NULL);
  define(env, exports, "lastExit", js_last_exit, NULL);
  define(env, exports, "raiseFdLimit", js_raise_fd_limit, NULL);
  define(env, exports, "openWithin", js_open_within, NULL);
  define(env, exports, "timesInUs", js_times_in_us, NULL);
  send_file_define(env, exports);
  define(env, exports, "whyNotRun", js_why_not_run, NULL);
  faults_define(env, exports);
  poll_fd_define(env, exports);
  crew_define(env, exports);
  return exports;
}

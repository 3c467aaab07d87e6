// See lane-object.h. It knows what every lane has in common, and nothing of what one does with a slot.
//
//   open -- close(), or the object is collected, or the environment ends --> closing -- libuv lets go --> closed
//   freed when it is closed and the object is collected, whichever comes last
#include "lane-object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "assertions.h"
#include "attach.h"
#include "kept-memory.h"
#include "lane.h"
#include "ops.gen.h"
#include "wake.h"

static const struct lane_verbs *const lanes[] = {&uring_lane, &aio_lane,
                                                 &nowait_lane};

/** The arguments of openLane() from 1 on are pinned. */
enum { RING_AT = 1 + PINNED, WAKE_AT = RING_AT + 2, NAME_BYTES = 16 };

struct held {
  struct lane lane;
  napi_env env;
  napi_ref pinned[PINNED];
  struct wake *wake;
  napi_async_cleanup_hook_handle hook;
  /** Nothing may be called any more. */
  bool closing;
  /** Nobody calls us back any more. */
  bool closed;
  bool collected;
};

static void free_unused(struct held *held) {
  if (held->closed && held->collected)
    free(held);
}

static void let_go(void *data) {
  struct held *held = data;
  if (held->hook != NULL)
    (void)napi_remove_async_cleanup_hook(held->hook);
  held->hook = NULL;
  held->closed = true;
  free_unused(held);
}

static void close_held(struct held *held) {
  if (held->closing)
    return;
  held->closing = true;
  bool idle = held->lane.verbs->close(&held->lane);
  // Memory that the kernel may still write to is kept for good: better lost than somebody else's.
  if (!idle)
    keep_for_good(held->env, held->pinned, &held->lane.memory);
  for (int i = 0; i < PINNED && idle; i++)
    if (held->pinned[i] != NULL)
      (void)napi_delete_reference(held->env, held->pinned[i]);
  if (held->wake == NULL)
    let_go(held);
  else
    wake_close(held->wake, let_go, held);
}

/** The environment goes away, perhaps with requests in flight. */
static void environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  close_held(data);
}

static void collected(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  struct held *held = data;
  close_held(held);
  held->collected = true;
  free_unused(held);
}

/** The lane that a method was called on; NULL, with an exception, where it is closed. */
static struct lane *lane_of(struct call *call, napi_env env,
                            napi_callback_info info) {
  if (!call_begin(call, env, info))
    return NULL;
  struct held *held = call->data;
  if (!held->closing)
    return &held->lane;
  throw_error(env, "the lane is closed");
  return NULL;
}

static napi_value js_flush(napi_env env, napi_callback_info info) {
  struct call call;
  struct lane *lane = lane_of(&call, env, info);
  if (lane == NULL)
    return NULL;
  int count = call_index(&call, 0, "count", lane->memory.slots + 1);
  if (call.failed)
    return NULL;
  for (int i = 0; i < count; i++) {
    const char *wrong = slot_take(&lane->memory, lane->list[i]);
    if (wrong == NULL)
      wrong = lane->verbs->why_not(
          lane, slot_words(&lane->memory, lane->list[i])[SLOT_OP]);
    if (wrong != NULL)
      return throw_error(env, wrong);
  }
  return int_value(env, lane->verbs->flush(lane, count));
}

static napi_value js_reap(napi_env env, napi_callback_info info) {
  struct call call;
  struct lane *lane = lane_of(&call, env, info);
  if (lane != NULL)
    lane->verbs->reap(lane);
  return NULL;
}

static napi_value js_arm(napi_env env, napi_callback_info info) {
  struct call call;
  struct lane *lane = lane_of(&call, env, info);
  return lane == NULL ? NULL : bool_value(env, lane->verbs->arm(lane));
}

static napi_value js_disarm(napi_env env, napi_callback_info info) {
  struct call call;
  struct lane *lane = lane_of(&call, env, info);
  if (lane != NULL)
    lane->verbs->disarm(lane);
  return NULL;
}

static napi_value js_cancel(napi_env env, napi_callback_info info) {
  struct call call;
  struct lane *lane = lane_of(&call, env, info);
  if (lane == NULL)
    return NULL;
  int slot = call_index(&call, 0, "slot", lane->memory.slots);
  if (call.failed)
    return NULL;
  return bool_value(env, lane->verbs->cancel(lane, slot));
}

static napi_value js_why_not(napi_env env, napi_callback_info info) {
  struct call call;
  const struct lane *lane = lane_of(&call, env, info);
  if (lane == NULL)
    return NULL;
  int op = call_int(&call, 0, "op");
  if (call.failed)
    return NULL;
  bool known = op >= 0 && op < EIO_OP_CODES;
  return text_value(env, known ? lane->verbs->why_not(lane, op) : "no such op");
}

static napi_value js_how(napi_env env, napi_callback_info info) {
  struct call call;
  struct lane *lane = lane_of(&call, env, info);
  if (lane == NULL)
    return NULL;
  int op = call_int(&call, 0, "op");
  if (call.failed)
    return NULL;
  bool named = lane->verbs->how != NULL && op >= 0 && op < EIO_OP_CODES;
  return text_value(env, named ? lane->verbs->how(lane, op) : NULL);
}

/** The only one that may be called twice. */
static napi_value js_close(napi_env env, napi_callback_info info) {
  struct call call;
  if (call_begin(&call, env, info))
    close_held(call.data);
  return NULL;
}

static const struct method methods[] = {
    {"flush", js_flush},   {"reap", js_reap},     {"arm", js_arm},
    {"disarm", js_disarm}, {"cancel", js_cancel}, {"whyNot", js_why_not},
    {"how", js_how},       {"close", js_close},
};
enum { METHODS = sizeof methods / sizeof methods[0] };

static const struct lane_verbs *verbs_named(const char *name) {
  for (size_t i = 0; i < sizeof lanes / sizeof lanes[0]; i++)
    if (strcmp(lanes[i]->name, name) == 0)
      return lanes[i];
  return NULL;
}

/** What the arguments after the name say of the lane. */
static void take_arrays(struct call *call, struct lane *lane) {
  size_t control_words, listed;
  int32_t *control = call_shared_words(call, 1, "control", &control_words);
  lane->memory = call_memory(call, 2, 3);
  lane->memory.control = control;
  lane->list = call_shared_words(call, 4, "list", &listed);
  (void)call_list(call, 1 + PINNED_ARRAYS, "requests");
  int32_t ring = call_int(call, RING_AT, "ring");
  int32_t slots = call_int(call, RING_AT + 1, "slots");
  (void)call_function(call, WAKE_AT, "wake");
  if (call->failed)
    return;
  bool fits = slots > 0 && slots <= lane->memory.slots &&
              (size_t)slots <= listed && (slots & (slots - 1)) == 0 &&
              ring >= CONTROL_RINGS &&
              (size_t)ring + RING_HEADER + (size_t)slots <= control_words;
  call->failed = !fits;
  if (!fits) {
    throw_type_error(call->env, "slots",
                     "a power of two for which all arrays have room");
    return;
  }
  lane->memory.slots = slots;
  lane->ring = control + ring;
  lane->ring_mask = (uint32_t)slots - 1;
}

/** Everything that the open lane needs; false, with an exception, when it cannot be had. */
static bool hold(struct held *held, const struct call *call) {
  napi_env env = call->env;
  for (int i = 0; i < PINNED; i++)
    NAPI_TRY(
        env,
        napi_create_reference(env, call->given[1 + i], 1, &held->pinned[i]),
        false);
  NAPI_TRY(
      env,
      napi_add_async_cleanup_hook(env, environment_ends, held, &held->hook),
      false);
  return true;
}

static napi_value object_of(napi_env env, struct held *held) {
  napi_value object;
  NAPI_TRY(env, napi_create_object(env, &object), NULL);
  NAPI_TRY(env, napi_add_finalizer(env, object, held, collected, NULL, NULL),
           NULL);
  held->collected = false;
  bool whole =
      define_methods(env, object, methods, METHODS, held) &&
      define_value(env, object, "wakeFd", int_value(env, held->lane.wake_fd));
  return whole ? object : NULL;
}

static bool watch(struct held *held, napi_value wake) {
  if (held->lane.wake_fd < 0)
    return true;
  held->wake =
      wake_open(held->env, held->lane.wake_fd, held->lane.wake_wanted, wake);
  return held->wake != NULL;
}

napi_value js_open_lane(napi_env env, napi_callback_info info) {
  struct call call;
  char name[NAME_BYTES];
  struct lane lane = {.wake_fd = -1};
  if (!call_begin(&call, env, info))
    return NULL;
  call_text(&call, 0, "name", name, sizeof name);
  take_arrays(&call, &lane);
  if (call.failed)
    return NULL;
  lane.verbs = verbs_named(name);
  if (lane.verbs == NULL)
    return text_value(env, "the native code has no such backend");
  struct held *held = malloc(sizeof *held);
  if (held == NULL)
    return refusal_value(env, "malloc", ENOMEM);
  // Without an object nothing else will see it go.
  *held = (struct held){.lane = lane, .env = env, .collected = true};
  int error = lane.verbs->open(&held->lane);
  if (error < 0) {
    napi_value text = refusal_value(env, held->lane.failed, -error);
    free(held);
    return text;
  }
  if (!watch(held, call.given[WAKE_AT])) {
    close_held(held);
    return refusal_value(env, "uv_poll", EMFILE);
  }
  napi_value object = hold(held, &call) ? object_of(env, held) : NULL;
  // A lane that is as good as open is closed by its object, if there is one.
  if (object == NULL && held->collected)
    close_held(held);
  return object;
}

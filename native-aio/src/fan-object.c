// See fan-object.h.
#include "fan-object.h"

#include "fan-watch.h"
#include "fd-watch.h"

static napi_value js_read(napi_env env, napi_callback_info info) {
  struct call call;
  size_t room;
  if (!call_begin(&call, env, info))
    return NULL;
  uint8_t *to = call_bytes(&call, 0, "to", &room);
  if (call.failed)
    return NULL;
  const struct fd_watch *watch = call.data;
  return int_value(env, watch->stopped ? 0 : fan_read(watch->data, to, room));
}

static napi_value js_forget(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  int folder = call_int(&call, 0, "watch");
  const struct fd_watch *watch = call.data;
  if (!call.failed && !watch->stopped)
    fan_forget(watch->data, folder);
  return NULL;
}

static const struct method methods[] = {
    {"read", js_read},
    {"forget", js_forget},
    {"stop", fd_watch_js_stop},
    {"close", fd_watch_js_stop},
};
static const struct fd_watch_kind kind = {"EIOWATCHTREE", methods,
                                          sizeof methods / sizeof methods[0]};

static void end(void *fan) { fan_end(fan); }

bool fan_object_open(napi_env env) {
  NAPI_TRY(env, napi_add_env_cleanup_hook(env, fan_wait_for_ends, env), false);
  return true;
}

napi_value js_watch_file_systems(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  napi_value noticed = call_function(&call, 0, "noticed");
  if (call.failed)
    return NULL;
  const char *what;
  int error;
  struct fan *fan = fan_open(&what, &error);
  if (fan == NULL)
    return refusal_value(env, what, error);
  struct fd_watch *watch = fd_watch_open(env, fan_wake_fd(fan), &error);
  if (watch == NULL) {
    fan_end(fan);
    return refusal_value(env, "uv_poll_init", error);
  }
  watch->ends = end;
  watch->data = fan;
  watch->number = fan_number(fan);
  uv_poll_start(watch->poll, UV_READABLE, fd_watch_notice);
  return fd_watch_object(watch, &kind, noticed);
}

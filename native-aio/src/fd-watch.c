// See fd-watch.h.
#include "fd-watch.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void free_unused(struct fd_watch *watch) {
  if (watch->collected && watch->released)
    free(watch);
}

static void released(uv_handle_t *handle) {
  struct fd_watch *watch = uv_handle_get_data(handle);
  free(handle);
  if (watch->hook != NULL)
    (void)napi_remove_async_cleanup_hook(watch->hook);
  watch->released = true;
  free_unused(watch);
}

void fd_watch_stop(struct fd_watch *watch) {
  if (watch->stopped)
    return;
  watch->stopped = true;
  if (watch->context != NULL)
    (void)napi_async_destroy(watch->env, watch->context);
  if (watch->called != NULL)
    (void)napi_delete_reference(watch->env, watch->called);
  uv_close((uv_handle_t *)watch->poll, released);
  if (watch->owns_fd)
    close(watch->fd);
  if (watch->ends != NULL)
    watch->ends(watch->data);
}

void fd_watch_call(const struct fd_watch *watch) {
  call_back(watch->env, watch->context, watch->called);
}

static void environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  fd_watch_stop(data);
}

/** Whoever is not to be reached any more watches nothing. */
static void collected(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  struct fd_watch *watch = data;
  fd_watch_stop(watch);
  watch->collected = true;
  free_unused(watch);
}

static int start(struct fd_watch *watch) {
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(watch->env, (struct uv_loop_s **)&loop) != napi_ok)
    return ENOTSUP;
  uv_poll_t *poll = calloc(1, uv_handle_size(UV_POLL_TYPE));
  int error = poll == NULL ? -ENOMEM : uv_poll_init(loop, poll, watch->fd);
  if (error != 0) {
    free(poll);
    return -error;
  }
  uv_handle_set_data((uv_handle_t *)poll, watch);
  watch->poll = poll;
  return 0;
}

struct fd_watch *fd_watch_open(napi_env env, int fd, int *error) {
  struct fd_watch *watch = calloc(1, sizeof *watch);
  *error = ENOMEM;
  if (watch == NULL)
    return NULL;
  // Without an object nothing else will see it go.
  *watch =
      (struct fd_watch){.env = env, .fd = fd, .number = -1, .collected = true};
  *error = start(watch);
  if (*error == 0)
    return watch;
  free(watch);
  return NULL;
}

/** What the watching calls; false, with an exception, when it cannot be had. */
static bool hold(struct fd_watch *watch, const char *name, napi_value called) {
  napi_env env = watch->env;
  napi_value text = text_value(env, name);
  if (text == NULL)
    return false;
  NAPI_TRY(env, napi_create_reference(env, called, 1, &watch->called), false);
  NAPI_TRY(env, napi_async_init(env, NULL, text, &watch->context), false);
  NAPI_TRY(
      env,
      napi_add_async_cleanup_hook(env, environment_ends, watch, &watch->hook),
      false);
  return true;
}

static napi_value object_of(struct fd_watch *watch,
                            const struct fd_watch_kind *kind) {
  napi_env env = watch->env;
  napi_value object;
  NAPI_TRY(env, napi_create_object(env, &object), NULL);
  NAPI_TRY(env, napi_add_finalizer(env, object, watch, collected, NULL, NULL),
           NULL);
  watch->collected = false;
  int fd = watch->number < 0 ? watch->fd : watch->number;
  bool whole = define_value(env, object, "fd", int_value(env, fd)) &&
               define_methods(env, object, kind->methods, kind->count, watch);
  return whole ? object : NULL;
}

napi_value fd_watch_object(struct fd_watch *watch,
                           const struct fd_watch_kind *kind,
                           napi_value called) {
  napi_value object =
      hold(watch, kind->name, called) ? object_of(watch, kind) : NULL;
  // With an object it stops when that is collected.
  if (object == NULL && watch->collected)
    fd_watch_stop(watch);
  return object;
}

void fd_watch_notice(uv_poll_t *poll, int status, int events) {
  (void)status, (void)events;
  fd_watch_call(uv_handle_get_data((uv_handle_t *)poll));
}

napi_value fd_watch_js_stop(napi_env env, napi_callback_info info) {
  struct call call;
  if (call_begin(&call, env, info))
    fd_watch_stop(call.data);
  return NULL;
}

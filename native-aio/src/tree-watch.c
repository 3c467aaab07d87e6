// See tree-watch.h. What is read here are the kernel's own structures; src/api/watch-tree/inotify.ts takes them apart.
#include "tree-watch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "napi-values.h"
#include "uv-poll.h"

struct watch {
  napi_env env;
  napi_ref noticed;
  napi_async_context context;
  napi_async_cleanup_hook_handle hook;
  uv_poll_t *poll;
  int fd;
  bool closing;
  /** JavaScript's object may outlive the watching, and the watching the object. */
  bool collected;
  bool released;
};

static void free_unused(struct watch *watch) {
  if (watch->collected && watch->released)
    free(watch);
}

static void released(uv_handle_t *handle) {
  struct watch *watch = uv_handle_get_data(handle);
  free(handle);
  if (watch->hook != NULL)
    (void)napi_remove_async_cleanup_hook(watch->hook);
  watch->released = true;
  free_unused(watch);
}

/** The descriptor is left: a thread may be about to add a watch to it. */
static void stop(struct watch *watch) {
  if (watch->closing)
    return;
  watch->closing = true;
  if (watch->context != NULL)
    (void)napi_async_destroy(watch->env, watch->context);
  if (watch->noticed != NULL)
    (void)napi_delete_reference(watch->env, watch->noticed);
  uv_close((uv_handle_t *)watch->poll, released);
}

static void environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  stop(data);
}

static void notice(uv_poll_t *poll, int status, int events) {
  (void)status, (void)events;
  struct watch *watch = uv_handle_get_data((uv_handle_t *)poll);
  call_back(watch->env, watch->context, watch->noticed);
}

static napi_value js_read(napi_env env, napi_callback_info info) {
  struct call call;
  size_t room;
  if (!call_begin(&call, env, info))
    return NULL;
  uint8_t *to = call_bytes(&call, 0, "to", &room);
  if (call.failed)
    return NULL;
  const struct watch *watch = call.data;
  if (watch->fd == -1)
    return int_value(env, 0);
  ssize_t count;
  do
    count = read(watch->fd, to, room);
  while (count == -1 && errno == EINTR);
  return int_value(env, count == -1 ? -errno : count);
}

static napi_value js_forget(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  int wd = call_int(&call, 0, "watch");
  const struct watch *watch = call.data;
  if (!call.failed && watch->fd != -1)
    (void)inotify_rm_watch(watch->fd, wd);
  return NULL;
}

static napi_value js_stop(napi_env env, napi_callback_info info) {
  struct call call;
  if (call_begin(&call, env, info))
    stop(call.data);
  return NULL;
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  struct watch *watch = call.data;
  stop(watch);
  if (watch->fd != -1)
    close(watch->fd);
  watch->fd = -1;
  return NULL;
}

static void collected(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  struct watch *watch = data;
  stop(watch);
  watch->collected = true;
  free_unused(watch);
}

static const struct method methods[] = {
    {"read", js_read},
    {"forget", js_forget},
    {"stop", js_stop},
    {"close", js_close},
};

static napi_value object_of(napi_env env, struct watch *watch) {
  napi_value object;
  NAPI_TRY(env, napi_create_object(env, &object), NULL);
  NAPI_TRY(env, napi_add_finalizer(env, object, watch, collected, NULL, NULL),
           NULL);
  watch->collected = false;
  bool whole = define_value(env, object, "fd", int_value(env, watch->fd)) &&
               define_methods(env, object, methods,
                              sizeof methods / sizeof methods[0], watch);
  return whole ? object : NULL;
}

/** NULL, or the call that failed; then there is nothing to be closed. */
static const char *begin(napi_env env, struct watch *watch) {
  uv_loop_t *loop;
  errno = ENOTSUP;
  if (napi_get_uv_event_loop(env, (struct uv_loop_s **)&loop) != napi_ok)
    return "uv_loop";
  watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (watch->fd == -1)
    return "inotify_init1";
  uv_poll_t *poll = calloc(1, uv_handle_size(UV_POLL_TYPE));
  int error = poll == NULL ? -ENOMEM : uv_poll_init(loop, poll, watch->fd);
  if (error != 0) {
    free(poll);
    close(watch->fd);
    errno = -error;
    return "uv_poll_init";
  }
  uv_handle_set_data((uv_handle_t *)poll, watch);
  watch->poll = poll;
  uv_poll_start(poll, UV_READABLE, notice);
  return NULL;
}

/** What the watching calls; false, with an exception, when it cannot be had. */
static bool hold(napi_env env, struct watch *watch, napi_value noticed) {
  napi_value name = text_value(env, "EIOWATCHTREE");
  if (name == NULL)
    return false;
  NAPI_TRY(env, napi_create_reference(env, noticed, 1, &watch->noticed), false);
  NAPI_TRY(env, napi_async_init(env, NULL, name, &watch->context), false);
  NAPI_TRY(
      env,
      napi_add_async_cleanup_hook(env, environment_ends, watch, &watch->hook),
      false);
  return true;
}

napi_value js_watch_tree(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  napi_value noticed = call_function(&call, 0, "noticed");
  if (call.failed)
    return NULL;
  struct watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL)
    return refusal_value(env, "malloc", ENOMEM);
  const char *failed = begin(env, watch);
  if (failed != NULL) {
    int error = errno;
    free(watch);
    return refusal_value(env, failed, error);
  }
  watch->env = env;
  // Without an object nothing else will see it go.
  watch->collected = true;
  napi_value object = hold(env, watch, noticed) ? object_of(env, watch) : NULL;
  if (object == NULL && watch->collected) {
    stop(watch);
    close(watch->fd);
  }
  return object;
}

// See socket-ready.h. The duplicate shares the socket's open file, so what is sent through it is sent by
// the socket, and the connection ends when both are closed: whoever watches has to close in time.
#include "socket-ready.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "napi-values.h"
#include "uv-poll.h"

struct writable {
  napi_env env;
  napi_ref ready;
  napi_async_context context;
  napi_async_cleanup_hook_handle hook;
  uv_poll_t *poll;
  int fd;
  bool closing;
  /** JavaScript's object may outlive the watching, and the watching the object. */
  bool collected;
  bool released;
};

static void free_unused(struct writable *writable) {
  if (writable->collected && writable->released)
    free(writable);
}

static void released(uv_handle_t *handle) {
  struct writable *writable = uv_handle_get_data(handle);
  free(handle);
  if (writable->hook != NULL)
    (void)napi_remove_async_cleanup_hook(writable->hook);
  writable->released = true;
  free_unused(writable);
}

static void close_writable(struct writable *writable) {
  if (writable->closing)
    return;
  writable->closing = true;
  if (writable->context != NULL)
    (void)napi_async_destroy(writable->env, writable->context);
  if (writable->ready != NULL)
    (void)napi_delete_reference(writable->env, writable->ready);
  // It stops watching at once, so that the descriptor may be closed.
  uv_close((uv_handle_t *)writable->poll, released);
  close(writable->fd);
}

static void environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  close_writable(data);
}

static void tell(uv_poll_t *poll, int status, int events) {
  // Also when the peer has gone: what is sent next says how.
  (void)status, (void)events;
  struct writable *writable = uv_handle_get_data((uv_handle_t *)poll);
  uv_poll_stop(poll);
  call_back(writable->env, writable->context, writable->ready);
}

static napi_value js_arm(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  struct writable *writable = call.data;
  if (!writable->closing)
    uv_poll_start(writable->poll, UV_WRITABLE, tell);
  return NULL;
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  struct call call;
  if (call_begin(&call, env, info))
    close_writable(call.data);
  return NULL;
}

/** Whoever is not to be reached any more watches nothing. */
static void collected(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  struct writable *writable = data;
  close_writable(writable);
  writable->collected = true;
  free_unused(writable);
}

static const struct method methods[] = {{"arm", js_arm}, {"close", js_close}};

static napi_value object_of(napi_env env, struct writable *writable) {
  napi_value object;
  NAPI_TRY(env, napi_create_object(env, &object), NULL);
  NAPI_TRY(env,
           napi_add_finalizer(env, object, writable, collected, NULL, NULL),
           NULL);
  writable->collected = false;
  bool whole = define_value(env, object, "fd", int_value(env, writable->fd)) &&
               define_methods(env, object, methods, 2, writable);
  return whole ? object : NULL;
}

/** 0, or -errno: then there is nothing to be closed. */
static int watch(napi_env env, int fd, struct writable *writable) {
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, (struct uv_loop_s **)&loop) != napi_ok)
    return -ENOTSUP;
  int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate == -1)
    return -errno;
  uv_poll_t *poll = calloc(1, uv_handle_size(UV_POLL_TYPE));
  int error = poll == NULL ? -ENOMEM : uv_poll_init(loop, poll, duplicate);
  if (error != 0) {
    free(poll);
    close(duplicate);
    return error;
  }
  uv_handle_set_data((uv_handle_t *)poll, writable);
  writable->poll = poll;
  writable->fd = duplicate;
  return 0;
}

/** What the watching calls; false, with an exception, when it cannot be had. */
static bool hold(napi_env env, struct writable *writable, napi_value ready) {
  napi_value name = text_value(env, "EIOSENDFILE");
  if (name == NULL)
    return false;
  NAPI_TRY(env, napi_create_reference(env, ready, 1, &writable->ready), false);
  NAPI_TRY(env, napi_async_init(env, NULL, name, &writable->context), false);
  NAPI_TRY(env,
           napi_add_async_cleanup_hook(env, environment_ends, writable,
                                       &writable->hook),
           false);
  return true;
}

napi_value js_watch_writable(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  int fd = call_int(&call, 0, "fd");
  napi_value ready = call_function(&call, 1, "ready");
  if (call.failed)
    return NULL;
  struct writable *writable = calloc(1, sizeof *writable);
  int error = writable == NULL ? -ENOMEM : watch(env, fd, writable);
  if (error != 0) {
    free(writable);
    return int_value(env, error);
  }
  writable->env = env;
  // Without an object nothing else will see it go.
  writable->collected = true;
  napi_value object =
      hold(env, writable, ready) ? object_of(env, writable) : NULL;
  if (object == NULL && writable->collected)
    close_writable(writable);
  return object;
}

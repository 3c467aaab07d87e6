// See writable.h. The duplicate shares the socket's open file, so what is sent through it is sent by
// the socket, and the connection ends when both are closed: whoever watches has to close in time.
#include "writable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

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
    napi_remove_async_cleanup_hook(writable->hook);
  writable->released = true;
  free_unused(writable);
}

static void close_writable(struct writable *writable) {
  if (writable->closing)
    return;
  writable->closing = true;
  if (writable->context != NULL)
    napi_async_destroy(writable->env, writable->context);
  if (writable->ready != NULL)
    napi_delete_reference(writable->env, writable->ready);
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
  napi_env env = writable->env;
  napi_handle_scope scope;
  napi_value fn, receiver;
  if (napi_open_handle_scope(env, &scope) != napi_ok)
    return;
  if (napi_get_reference_value(env, writable->ready, &fn) == napi_ok &&
      napi_get_global(env, &receiver) == napi_ok &&
      napi_make_callback(env, writable->context, receiver, fn, 0, NULL, NULL) ==
          napi_pending_exception) {
    napi_value error;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

static struct writable *writable_of(napi_env env, napi_callback_info info) {
  void *data = NULL;
  napi_get_cb_info(env, info, NULL, NULL, NULL, &data);
  return data;
}

static napi_value js_arm(napi_env env, napi_callback_info info) {
  struct writable *writable = writable_of(env, info);
  if (!writable->closing)
    uv_poll_start(writable->poll, UV_WRITABLE, tell);
  return NULL;
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  close_writable(writable_of(env, info));
  return NULL;
}

static void collected(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  struct writable *writable = data;
  writable->collected = true;
  free_unused(writable);
}

static napi_value object_of(napi_env env, struct writable *writable) {
  static const char *const names[] = {"arm", "close"};
  static const napi_callback callbacks[] = {js_arm, js_close};
  napi_value object, value;
  napi_create_object(env, &object);
  napi_create_int32(env, writable->fd, &value);
  napi_set_named_property(env, object, "fd", value);
  for (int i = 0; i < 2; i++) {
    napi_create_function(env, names[i], NAPI_AUTO_LENGTH, callbacks[i],
                         writable, &value);
    napi_set_named_property(env, object, names[i], value);
  }
  napi_add_finalizer(env, object, writable, collected, NULL, NULL);
  return object;
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

napi_value js_watch_writable(napi_env env, napi_callback_info info) {
  napi_value given[2], name, result;
  size_t count = 2;
  int32_t fd = -1;
  napi_get_cb_info(env, info, &count, given, NULL, NULL);
  napi_get_value_int32(env, given[0], &fd);
  struct writable *writable = calloc(1, sizeof *writable);
  int error = writable == NULL ? -ENOMEM : watch(env, fd, writable);
  if (error != 0) {
    free(writable);
    napi_create_int32(env, error, &result);
    return result;
  }
  writable->env = env;
  napi_create_reference(env, given[1], 1, &writable->ready);
  napi_create_string_utf8(env, "EIOSENDFILE", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, NULL, name, &writable->context);
  napi_add_async_cleanup_hook(env, environment_ends, writable, &writable->hook);
  return object_of(env, writable);
}

// See socket-ready.h. The duplicate shares the socket's open file, so what is sent through it is sent by
// the socket, and the connection ends when both are closed: whoever watches has to close in time.
#include "socket-ready.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fd-watch.h"

static void tell(uv_poll_t *poll, int status, int events) {
  // Also when the peer has gone: what is sent next says how.
  (void)status, (void)events;
  const struct fd_watch *watch = uv_handle_get_data((uv_handle_t *)poll);
  uv_poll_stop(poll);
  fd_watch_call(watch);
}

static napi_value js_arm(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  const struct fd_watch *watch = call.data;
  if (!watch->stopped)
    uv_poll_start(watch->poll, UV_WRITABLE, tell);
  return NULL;
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  struct call call;
  if (call_begin(&call, env, info))
    fd_watch_stop(call.data);
  return NULL;
}

static const struct method methods[] = {{"arm", js_arm}, {"close", js_close}};
static const struct fd_watch_kind kind = {"EIOSENDFILE", methods, 2};

napi_value js_watch_writable(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  int fd = call_int(&call, 0, "fd");
  napi_value ready = call_function(&call, 1, "ready");
  if (call.failed)
    return NULL;
  int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate == -1)
    return int_value(env, -errno);
  int error;
  struct fd_watch *watch = fd_watch_open(env, duplicate, &error);
  if (watch == NULL) {
    close(duplicate);
    return int_value(env, -error);
  }
  watch->owns_fd = true;
  return fd_watch_object(watch, &kind, ready);
}

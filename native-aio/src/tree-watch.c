// See tree-watch.h. What is read here are the kernel's own structures; src/api/watch-tree/inotify.ts takes them apart.
#include "tree-watch.h"

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

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
  const struct fd_watch *watch = call.data;
  if (!call.failed && watch->fd != -1)
    (void)inotify_rm_watch(watch->fd, wd);
  return NULL;
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  struct fd_watch *watch = call.data;
  fd_watch_stop(watch);
  if (watch->fd != -1)
    close(watch->fd);
  watch->fd = -1;
  return NULL;
}

static const struct method methods[] = {
    {"read", js_read},
    {"forget", js_forget},
    {"stop", fd_watch_js_stop},
    {"close", js_close},
};
static const struct fd_watch_kind kind = {"EIOWATCHTREE", methods,
                                          sizeof methods / sizeof methods[0]};

napi_value js_watch_tree(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  napi_value noticed = call_function(&call, 0, "noticed");
  if (call.failed)
    return NULL;
  int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd == -1)
    return refusal_value(env, "inotify_init1", errno);
  int error;
  struct fd_watch *watch = fd_watch_open(env, fd, &error);
  if (watch == NULL) {
    close(fd);
    return refusal_value(env, "uv_poll_init", error);
  }
  uv_poll_start(watch->poll, UV_READABLE, fd_watch_notice);
  watch->owns_fd = true;
  napi_value object = fd_watch_object(watch, &kind, noticed);
  // Its holder's from here on.
  if (object != NULL)
    watch->owns_fd = false;
  return object;
}

// One descriptor that is readable while any of several is: those of the lanes, which the kernel makes
// readable, and an eventfd of its own, which workers and the loop's side do. It is an epoll set, so it
// can be watched from outside (epoll, poll, select, a child that inherits it) without anything here
// having to run. It knows descriptors, and nothing of what they tell.
#include "poll-fd.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { LANES_MAX = 8 };

struct poll_fd {
  int epoll, event;
  int lanes[LANES_MAX];
  size_t lane_count;
};

static napi_value int_value(napi_env env, int number) {
  napi_value value;
  napi_create_int32(env, number, &value);
  return value;
}

static bool add(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void quiet(int fd) {
  uint64_t count;
  // There may be nothing in it: it does not wait.
  if (read(fd, &count, sizeof count) < 0)
    return;
}

static void shut(struct poll_fd *p) {
  if (p->epoll >= 0)
    close(p->epoll);
  if (p->event >= 0)
    close(p->event);
  p->epoll = p->event = -1;
}

static struct poll_fd *data_of(napi_env env, napi_callback_info info) {
  void *data = NULL;
  napi_get_cb_info(env, info, NULL, NULL, NULL, &data);
  return data;
}

static napi_value js_signal(napi_env env, napi_callback_info info) {
  const struct poll_fd *p = data_of(env, info);
  uint64_t one = 1;
  // A full one is readable, too.
  if (p->event >= 0 && write(p->event, &one, sizeof one) < 0)
    return NULL;
  return NULL;
}

static napi_value js_empty(napi_env env, napi_callback_info info) {
  const struct poll_fd *p = data_of(env, info);
  if (p->event < 0)
    return NULL;
  quiet(p->event);
  for (size_t i = 0; i < p->lane_count; i++)
    quiet(p->lanes[i]);
  return NULL;
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  shut(data_of(env, info));
  return NULL;
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  shut(data);
  free(data);
}

static void define(napi_env env, napi_value object, const char *name,
                   napi_callback callback, void *data) {
  napi_value fn;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &fn);
  napi_set_named_property(env, object, name, fn);
}

/** NULL, or the call that failed: there are no descriptors left. */
static const char *open_all(struct poll_fd *p, const int32_t *fds,
                            size_t count) {
  p->event = -1;
  p->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (p->epoll < 0)
    return "epoll_create1";
  p->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (p->event < 0)
    return "eventfd";
  bool added = add(p->epoll, p->event);
  for (size_t i = 0; i < count && i < LANES_MAX; i++) {
    p->lanes[p->lane_count++] = fds[i];
    added = added && add(p->epoll, fds[i]);
  }
  return added ? NULL : "epoll_ctl";
}

/** The object, or a text that says what failed, as `eventfd: 24`. */
static napi_value js_open(napi_env env, napi_callback_info info) {
  napi_value argument, object;
  size_t argument_count = 1, count = 0;
  int32_t *fds = NULL;
  napi_get_cb_info(env, info, &argument_count, &argument, NULL, NULL);
  napi_get_typedarray_info(env, argument, NULL, &count, (void **)&fds, NULL,
                           NULL);
  struct poll_fd *p = calloc(1, sizeof *p);
  if (p == NULL)
    return NULL;
  const char *failed = open_all(p, fds, count);
  if (failed != NULL) {
    char text[40];
    snprintf(text, sizeof text, "%s: %d", failed, errno);
    shut(p);
    free(p);
    napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &object);
    return object;
  }
  napi_create_object(env, &object);
  napi_set_named_property(env, object, "fd", int_value(env, p->epoll));
  napi_set_named_property(env, object, "eventFd", int_value(env, p->event));
  define(env, object, "signal", js_signal, p);
  define(env, object, "empty", js_empty, p);
  define(env, object, "close", js_close, p);
  // The functions are called on the object, so it lives as long as they are in use.
  napi_add_finalizer(env, object, p, finalize, NULL, NULL);
  return object;
}

void poll_fd_define(napi_env env, napi_value exports) {
  define(env, exports, "openPollFd", js_open, NULL);
}

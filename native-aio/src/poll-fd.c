// One descriptor that is readable while any of several is: those of the lanes, which the kernel makes
// readable, and an eventfd of its own, which workers and the loop's side do. It is an epoll set, so it
// can be watched from outside (epoll, poll, select, a child that inherits it) without anything here
// having to run. It knows descriptors, and nothing of what they signal.
#include "poll-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "napi-values.h"

enum { LANES_MAX = 8 };

struct poll_fd {
  int epoll, event;
  /** Duplicates: a lane that is closed first leaves no number that is somebody else's by then. */
  int lanes[LANES_MAX];
  size_t lane_count;
};

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
  while (p->lane_count != 0)
    close(p->lanes[--p->lane_count]);
  p->epoll = p->event = -1;
}

static napi_value js_signal(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  const struct poll_fd *p = call.data;
  uint64_t one = 1;
  // A full one is readable, too.
  if (p->event >= 0 && write(p->event, &one, sizeof one) < 0)
    return NULL;
  return NULL;
}

static napi_value js_empty(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  const struct poll_fd *p = call.data;
  if (p->event < 0)
    return NULL;
  quiet(p->event);
  for (size_t i = 0; i < p->lane_count; i++)
    quiet(p->lanes[i]);
  return NULL;
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  struct call call;
  if (call_begin(&call, env, info))
    shut(call.data);
  return NULL;
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  shut(data);
  free(data);
}

static const struct method methods[] = {
    {"signal", js_signal}, {"empty", js_empty}, {"close", js_close}};

static napi_value object_of(napi_env env, struct poll_fd *p) {
  napi_value object;
  if (napi_failed(env, napi_create_object(env, &object)) ||
      napi_failed(env,
                  napi_add_finalizer(env, object, p, finalize, NULL, NULL))) {
    finalize(env, p, NULL);
    return NULL;
  }
  bool whole = define_value(env, object, "fd", int_value(env, p->epoll)) &&
               define_value(env, object, "eventFd", int_value(env, p->event)) &&
               define_methods(env, object, methods, 3, p);
  return whole ? object : NULL;
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
  for (size_t i = 0; i < count && i < LANES_MAX && added; i++) {
    int lane = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
    if (lane < 0)
      return "fcntl";
    p->lanes[p->lane_count++] = lane;
    added = add(p->epoll, lane);
  }
  return added ? NULL : "epoll_ctl";
}

napi_value js_open_poll_fd(napi_env env, napi_callback_info info) {
  struct call call;
  size_t count;
  if (!call_begin(&call, env, info))
    return NULL;
  const int32_t *fds = call_words(&call, 0, "descriptors", &count);
  if (call.failed)
    return NULL;
  struct poll_fd *p = calloc(1, sizeof *p);
  if (p == NULL)
    return refusal_value(env, "malloc", ENOMEM);
  const char *failed = open_all(p, fds, count);
  if (failed == NULL)
    return object_of(env, p);
  napi_value text = refusal_value(env, failed, errno);
  shut(p);
  free(p);
  return text;
}

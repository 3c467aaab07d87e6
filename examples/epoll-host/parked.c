// An event loop of somebody else's, inside Node's thread: it waits in epoll for what is its own (a timer
// here, sockets elsewhere) and for one descriptor that it was given. While it runs, Node's loop does not.
//
//   run(pollFd, poll) -> how often its timer went off; ends when poll() returns false
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { TICK_MS = 5, EVENTS_MAX = 4 };

static int watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int start_timer(void) {
  struct timespec tick = {.tv_nsec = TICK_MS * 1000000};
  struct itimerspec spec = {.it_interval = tick, .it_value = tick};
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  timerfd_settime(fd, 0, &spec, NULL);
  return fd;
}

/** False when it is time to end, or when it threw. */
static bool call(napi_env env, napi_value poll) {
  napi_value receiver, result;
  bool more = false;
  napi_get_global(env, &receiver);
  if (napi_call_function(env, receiver, poll, 0, NULL, &result) == napi_ok)
    napi_get_value_bool(env, result, &more);
  return more;
}

static napi_value run(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  size_t count = 2;
  int32_t poll_fd = -1;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_int32(env, arguments[0], &poll_fd);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  int timer = start_timer();
  uint32_t ticks = 0;
  bool more = watch(epoll, poll_fd) == 0 && watch(epoll, timer) == 0;
  while (more) {
    struct epoll_event events[EVENTS_MAX];
    int ready = epoll_wait(epoll, events, EVENTS_MAX, -1);
    for (int i = 0; i < ready && more; i++) {
      uint64_t expired = 0;
      if (events[i].data.fd == poll_fd)
        more = call(env, arguments[1]);
      else if (read(timer, &expired, sizeof expired) > 0)
        ticks += (uint32_t)expired;
    }
  }
  close(timer);
  close(epoll);
  napi_create_uint32(env, ticks, &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value fn;
  napi_create_function(env, "run", NAPI_AUTO_LENGTH, run, NULL, &fn);
  napi_set_named_property(env, exports, "run", fn);
  return exports;
}

// Wakes the loop: see wake.h. The watching never stops and never keeps the process alive; a lane
// that is awake keeps its descriptor quiet instead, which costs no system call.
#include "wake.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "napi-values.h"
#include "uv-poll.h"

/** So often in a row a descriptor may be readable for nothing before it is emptied for its own sake. */
enum { IGNORED_MAX = 16 };

struct wake {
  napi_env env;
  napi_ref fn;
  napi_async_context context;
  uv_poll_t *poll;
  int fd;
  const bool *wanted;
  unsigned ignored;
  void (*done)(void *);
  void *data;
};

static void woken(uv_poll_t *poll, int status, int events) {
  (void)status, (void)events;
  struct wake *wake = uv_handle_get_data((uv_handle_t *)poll);
  // It stays readable until the lane is armed, which empties it: that costs less than a read here. In
  // manual mode the program may not poll for a long time, and the loop must not turn for nothing meanwhile.
  bool wanted = wake->wanted == NULL || *wake->wanted;
  if (!wanted && ++wake->ignored < IGNORED_MAX)
    return;
  wake->ignored = 0;
  uint64_t count;
  if (read(wake->fd, &count, sizeof count) < 0)
    return; // Somebody has taken it already.
  if (!wanted)
    return;
  call_back(wake->env, wake->context, wake->fn);
}

static void closed(uv_handle_t *handle) {
  struct wake *wake = uv_handle_get_data(handle);
  if (wake->done != NULL)
    wake->done(wake->data);
  free(wake);
  free(handle);
}

struct wake *wake_open(napi_env env, int fd, const bool *wanted,
                       napi_value fn) {
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, (struct uv_loop_s **)&loop) != napi_ok)
    return NULL;
  struct wake *wake = calloc(1, sizeof *wake);
  uv_poll_t *poll = calloc(1, uv_handle_size(UV_POLL_TYPE));
  if (wake == NULL || poll == NULL || uv_poll_init(loop, poll, fd) != 0) {
    free(wake);
    free(poll);
    return NULL;
  }
  wake->env = env;
  wake->poll = poll;
  wake->fd = fd;
  wake->wanted = wanted;
  uv_handle_t *handle = (uv_handle_t *)poll;
  uv_handle_set_data(handle, wake);
  uv_unref(handle);
  napi_value name;
  if (uv_poll_start(poll, UV_READABLE, woken) != 0 ||
      napi_create_reference(env, fn, 1, &wake->fn) != napi_ok ||
      napi_create_string_utf8(env, "EIOWAKE", NAPI_AUTO_LENGTH, &name) !=
          napi_ok ||
      napi_async_init(env, NULL, name, &wake->context) != napi_ok) {
    wake_close(wake, NULL, NULL);
    return NULL;
  }
  return wake;
}

void wake_close(struct wake *wake, void (*done)(void *), void *data) {
  wake->done = done;
  wake->data = data;
  if (wake->context != NULL)
    (void)napi_async_destroy(wake->env, wake->context);
  if (wake->fn != NULL)
    (void)napi_delete_reference(wake->env, wake->fn);
  uv_close((uv_handle_t *)wake->poll, closed);
}

// The face of the core for JavaScript: its functions, one after the other. What each does lies in its own file.
#include "attach.h"
#include "crc32c.h"
#include "crew-object.h"
#include "dio-align.h"
#include "exit-guard.h"
#include "fan-object.h"
#include "faults.h"
#include "fd-limit.h"
#include "held-fds.h"
#include "lane-object.h"
#include "napi-values.h"
#include "ops.gen.h"
#include "poll-fd.h"
#include "resolve.h"
#include "send-file.h"
#include "slow-copies.h"
#include "socket-ready.h"
#include "sys.h"
#include "times.h"
#include "tree-watch.h"
#include "uv-poll.h"

static napi_value js_last_exit(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  int code = call_int(&call, 0, "code");
  if (!call.failed)
    last_exit(code);
  return NULL;
}

static napi_value js_why_not_run(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  int op = call_int(&call, 0, "op");
  if (call.failed)
    return NULL;
  bool known = op >= 0 && op < EIO_OP_CODES;
  return text_value(env, known ? sys_why_not(op) : "no such op");
}

/** openWithin(folder, path, flags, mode, resolve): a descriptor or -errno. The path ends in NUL. */
static napi_value js_open_within(napi_env env, napi_callback_info info) {
  struct call call;
  size_t bytes;
  if (!call_begin(&call, env, info))
    return NULL;
  int folder = call_int(&call, 0, "folder");
  const char *path = (const char *)call_bytes(&call, 1, "path", &bytes);
  int flags = call_int(&call, 2, "flags");
  unsigned mode = (unsigned)call_int(&call, 3, "mode");
  uint64_t resolve = (uint64_t)call_integer(&call, 4, "resolve");
  if (call.failed)
    return NULL;
  if (bytes == 0 || path[bytes - 1] != '\0')
    return throw_type_error(env, "path", "bytes that end in NUL");
  return int_value(env, place_open(folder, path, flags, mode, resolve));
}

/** raise(error): the process's uncaught exception, in the caller's async context. */
static napi_value js_raise(napi_env env, napi_callback_info info) {
  struct call call;
  if (call_begin(&call, env, info))
    (void)napi_fatal_exception(env, call.given[0]);
  return NULL;
}

/** processors(): how many this process may use, as node:os counts them. */
static napi_value js_processors(napi_env env, napi_callback_info info) {
  (void)info;
  return int_value(env, (int)uv_available_parallelism());
}

static napi_value js_slow_copies(napi_env env, napi_callback_info info) {
  (void)info;
  return int_value(env, (int)slow_copies());
}

static napi_value js_times_in_us(napi_env env, napi_callback_info info) {
  (void)env, (void)info;
  times_in_us();
  return NULL;
}

static const struct method exported[] = {
    {"attach", js_attach},
    {"openLane", js_open_lane},
    {"openCrew", js_open_crew},
    {"crc32c", js_crc32c},
    {"dioAlign", js_dio_align},
    {"dropFd", js_drop_fd},
    {"holdFd", js_hold_fd},
    {"moveFd", js_move_fd},
    {"lastExit", js_last_exit},
    {"processors", js_processors},
    {"raise", js_raise},
    {"raiseFdLimit", js_raise_fd_limit},
    {"openWithin", js_open_within},
    {"openPollFd", js_open_poll_fd},
    {"sendFile", js_send_file},
    {"slowCopies", js_slow_copies},
    {"timesInUs", js_times_in_us},
    {"watchFileSystems", js_watch_file_systems},
    {"watchTree", js_watch_tree},
    {"watchWritable", js_watch_writable},
    {"whyNotRun", js_why_not_run},
};

NAPI_MODULE_INIT() {
  if (!held_fds_open(env) || !fan_object_open(env))
    return NULL;
  for (size_t i = 0; i < sizeof exported / sizeof exported[0]; i++)
    if (!define(env, exports, exported[i].name, exported[i].run))
      return NULL;
  faults_define(env, exports);
  return exports;
}

// wait(fd, ms): parks the calling thread in poll(2) until the descriptor is readable; returns 1, or 0
// when the time is up.
#include <node_api.h>
#include <poll.h>

static napi_value js_wait(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  size_t count = 2;
  int32_t fd = -1, ms = 0;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_int32(env, arguments[0], &fd);
  napi_get_value_int32(env, arguments[1], &ms);
  struct pollfd watched = {.fd = fd, .events = POLLIN};
  napi_create_int32(env, poll(&watched, 1, ms), &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value fn;
  napi_create_function(env, "wait", NAPI_AUTO_LENGTH, js_wait, NULL, &fn);
  napi_set_named_property(env, exports, "wait", fn);
  return exports;
}

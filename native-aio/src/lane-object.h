// A lane as JavaScript holds it: its functions, its wake-up, and the end of all of them, in whatever order the
// object is collected, the lane closed, and the environment ended.
#pragma once

#include "napi-values.h"

/**
 * openLane(name, control, words, bytes, list, ring, slots, wake): an object, or a text that says what is in
 * the way, as `io_uring_setup: 1`. The arrays lie in SharedArrayBuffers.
 */
napi_value js_open_lane(napi_env env, napi_callback_info info);

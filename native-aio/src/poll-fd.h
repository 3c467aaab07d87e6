// A descriptor for event loops other than Node's: see poll-fd.c.
#pragma once

#include <node_api.h>

/** openPollFd(descriptors): { fd, eventFd, signal(), empty(), close() }, or what failed, as `eventfd: 24`. */
napi_value js_open_poll_fd(napi_env env, napi_callback_info info);

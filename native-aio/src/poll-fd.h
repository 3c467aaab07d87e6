// A descriptor for event loops other than Node's: see poll-fd.c.
#pragma once

#include <node_api.h>

/** Puts openPollFd(descriptors) on the exports. */
void poll_fd_define(napi_env env, napi_value exports);

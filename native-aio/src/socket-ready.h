// Tells when a socket takes data again. It watches a duplicate of the socket's descriptor, because
// libuv watches the descriptor itself and has one watcher for each; it does not know what is sent.
#pragma once

#include <node_api.h>

/**
 * watchWritable(fd, ready): { fd, arm(), close() }, or -errno. `fd` is the duplicate. After arm()
 * ready() is called once, when there is room or the peer has gone. After close() nothing is called.
 */
napi_value js_watch_writable(napi_env env, napi_callback_info info);

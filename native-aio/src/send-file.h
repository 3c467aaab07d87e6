// Data of a file to a socket on the loop's own thread, without waiting: neither for the disk nor for
// the peer. It knows two descriptors; whose they are, and what was sent before, is JavaScript's.
#pragma once

#include <node_api.h>

/** sendFile(socket, file, position, bytes): bytes, or -errno; see send-file.c. */
napi_value js_send_file(napi_env env, napi_callback_info info);

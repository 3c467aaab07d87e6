// Data of a file to a socket on the loop's own thread, without waiting: neither for the disk nor for
// the peer. It knows two descriptors; whose they are, and what was sent before, is JavaScript's.
#pragma once

#include <node_api.h>

/** Defines sendFile(socket, file, offset, bytes), see send-file.c, and watchWritable, see writable.h. */
void send_file_define(napi_env env, napi_value exports);

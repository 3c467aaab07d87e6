// See send-file.h. sendfile() waits for pages that are not in the page cache, whatever the flags of
// the two descriptors are; so it is told of no more than what a look at some of the pages finds there.
#include "send-file.h"

#include <errno.h>
#include <stdint.h>

#include "calls.h"
#include "writable.h"

/** One page of so many bytes is looked at: readahead fills more than that at a time. */
enum { STRIDE_BYTES = 64 * 1024 };

/** Whether the byte is in memory; a file system that does not tell has nothing there. */
static int is_cached(int fd, int64_t position) {
  char byte;
  int64_t count = calls->read_nowait(fd, &byte, 1, position);
  // The end of the file is found by sendfile, which need not wait for it.
  return count >= 0;
}

/** How many of the bytes can be sent without waiting for the disk, as far as the samples tell. */
static int64_t cached_bytes(int fd, int64_t position, int64_t bytes) {
  for (int64_t at = 0; at < bytes; at += STRIDE_BYTES)
    if (!is_cached(fd, position + at))
      return at;
  int64_t last = bytes - 1;
  return is_cached(fd, position + last) ? bytes : last - last % STRIDE_BYTES;
}

static int64_t send_cached(int socket, int file, int64_t position,
                           int64_t bytes) {
  int64_t cached = cached_bytes(file, position, bytes);
  if (cached == 0)
    return -ENODATA;
  int64_t count;
  do
    count = calls->sendfile(socket, file, position, (size_t)cached);
  while (count == -EINTR);
  return count;
}

/** -ENODATA: it is not in memory, and a worker should do it. -EAGAIN: the socket is full. */
static napi_value js_send_file(napi_env env, napi_callback_info info) {
  napi_value given[4], result;
  size_t count = 4;
  int32_t socket = -1, file = -1;
  int64_t position = 0, bytes = 0;
  napi_get_cb_info(env, info, &count, given, NULL, NULL);
  napi_get_value_int32(env, given[0], &socket);
  napi_get_value_int32(env, given[1], &file);
  napi_get_value_int64(env, given[2], &position);
  napi_get_value_int64(env, given[3], &bytes);
  int64_t sent = send_cached(socket, file, position, bytes);
  napi_create_int64(env, sent, &result);
  return result;
}

void send_file_define(napi_env env, napi_value exports) {
  static const char *const names[] = {"sendFile", "watchWritable"};
  static const napi_callback callbacks[] = {js_send_file, js_watch_writable};
  for (int i = 0; i < 2; i++) {
    napi_value fn;
    napi_create_function(env, names[i], NAPI_AUTO_LENGTH, callbacks[i], NULL,
                         &fn);
    napi_set_named_property(env, exports, names[i], fn);
  }
}

// See send-file.h. sendfile() waits for pages that are not in the page cache, whatever the flags of
// the two descriptors are; so it is given no more than what a look at some of the pages finds there.
#include "send-file.h"

#include <errno.h>
#include <stdint.h>

#include "napi-values.h"
#include "send-bytes.h"
#include "syscalls.h"

/** One page of so many bytes is looked at: readahead fills more than that at a time. */
enum { STRIDE_BYTES = 64 * 1024 };

/** Whether the byte is in memory; a file system that does not say has nothing there. */
static int is_cached(int fd, int64_t position) {
  char byte;
  int64_t count = calls->read_nowait(fd, &byte, 1, position);
  // The end of the file is found by sendfile, which need not wait for it.
  return count >= 0;
}

/** How many of the bytes can be sent without waiting for the disk, as far as the samples show. */
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
  return send_bytes(socket, file, position, (size_t)cached);
}

/** -ENODATA: it is not in memory, and a worker should do it. -EAGAIN: the socket is full. */
napi_value js_send_file(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  int socket = call_int(&call, 0, "socket");
  int file = call_int(&call, 1, "file");
  int64_t position = call_integer(&call, 2, "position");
  int64_t bytes = call_integer(&call, 3, "bytes");
  if (call.failed)
    return NULL;
  return int_value(env, send_cached(socket, file, position, bytes));
}

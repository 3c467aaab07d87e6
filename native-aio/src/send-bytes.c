// See send-bytes.h.
#include "send-bytes.h"

#include <errno.h>
#include <stdbool.h>

#include "copy-piece.h"
#include "syscalls.h"

/** The most that Linux sends in one call. */
#define SEND_MAX_BYTES 0x7ffff000ULL

static int64_t send_by_hand(int to, int from, int64_t position, size_t bytes) {
  size_t most = bytes < SEND_MAX_BYTES ? bytes : SEND_MAX_BYTES;
  size_t sent = 0;
  while (sent < most) {
    int64_t at = position < 0 ? position : position + (int64_t)sent;
    int64_t count = copy_piece(to, from, at, most - sent);
    if (count <= 0)
      return sent > 0 ? (int64_t)sent : count;
    sent += (size_t)count;
  }
  return (int64_t)sent;
}

int64_t send_bytes(int to, int from, int64_t position, size_t bytes) {
  int64_t count;
  do
    count = calls->sendfile(to, from, position, bytes);
  while (count == -EINTR);
  // Of what may be read and written a filter alone says EPERM; of other targets the writes say it, too.
  bool denied = count == -ENOSYS || count == -EPERM;
  return denied ? send_by_hand(to, from, position, bytes) : count;
}

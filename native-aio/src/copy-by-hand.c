// See copy-by-hand.h. Transfers that bypass the page cache are of whole blocks, into and from memory that begins at one. The end of a file
// is none: the file system refuses it, and it goes through the cache, and is dropped.
#include "copy-by-hand.h"

#include <errno.h>
#include <fcntl.h>

#include "blocks.h"
#include "syscalls.h"

/** 1 MiB at a time takes two thirds of the processor time of 256 KiB: see docs/decisions.md. */
enum { PIECE_BYTES = 1 << 20 };

static bool set_direct(int fd, bool direct) {
  int flags = fcntl(fd, F_GETFL);
  int wanted = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
  return flags >= 0 && fcntl(fd, F_SETFL, wanted) == 0;
}

void copy_through_cache(struct by_hand *c) {
  if (c->direct) {
    set_direct(c->from, false);
    set_direct(c->to, false);
  }
  c->direct = false;
}

bool copy_directly(struct by_hand *c) {
  c->direct = true;
  bool can = set_direct(c->from, true) && set_direct(c->to, true);
  if (!can)
    copy_through_cache(c);
  return can;
}

/** What the file system refuses of a direct transfer goes the other way. */
static bool is_refused(struct by_hand *c, int64_t count) {
  if (count != -EINVAL || !c->direct)
    return false;
  copy_through_cache(c);
  return true;
}

static int64_t write_all(struct by_hand *c, const uint8_t *data, size_t bytes) {
  size_t done = 0;
  while (done < bytes) {
    int64_t count = calls->write(c->to, data + done, bytes - done, -1);
    if (is_refused(c, count))
      continue;
    if (count <= 0)
      return count;
    done += (size_t)count;
  }
  return (int64_t)done;
}

int64_t copy_by_hand(struct by_hand *c, size_t bytes) {
  size_t room, want = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;
  uint8_t *data = block_take(want, &room);
  if (data == NULL)
    return -ENOMEM;
  // The room of a block is whole pages.
  size_t whole = (want + BLOCK_OF_DISK - 1) / BLOCK_OF_DISK * BLOCK_OF_DISK;
  int64_t count = calls->read(c->from, data, c->direct ? whole : want, -1);
  if (is_refused(c, count))
    count = calls->read(c->from, data, want, -1);
  if (count > (int64_t)want)
    count = (int64_t)want;
  if (count > 0) {
    if (c->digest != NULL)
      digest_add(c->digest, data, (size_t)count);
    count = write_all(c, data, (size_t)count);
  }
  block_give(data, room);
  return count;
}

// See copy-piece.h.
#include "copy-piece.h"

#include <errno.h>
#include <unistd.h>

#include "blocks.h"
#include "syscalls.h"

enum { PIECE_BYTES = 256 << 10 };

int64_t copy_piece(int to, int from, int64_t position, size_t bytes) {
  size_t room;
  uint8_t *buffer =
      block_take(bytes < PIECE_BYTES ? bytes : PIECE_BYTES, &room);
  if (buffer == NULL)
    return -ENOMEM;
  int64_t count =
      calls->read(from, buffer, bytes < room ? bytes : room, position);
  int64_t done = 0, written = count;
  while (written > 0 && done < count) {
    written = calls->write(to, buffer + done, (size_t)(count - done), -1);
    done += written > 0 ? written : 0;
  }
  block_give(buffer, room);
  if (done < count && position < 0)
    lseek(from, done - count, SEEK_CUR);
  return done > 0 ? done : written;
}

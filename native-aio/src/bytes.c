// Growing memory on top of realloc, which moves pages, not bytes, where there are many; see bytes.h.
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 4096 };

uint8_t *bytes_add(struct bytes *b, size_t count) {
  if (b->data == NULL || b->room - b->used < count) {
    size_t room = b->room + b->room / 2;
    if (room < b->used + count)
      room = b->used + count;
    if (room < FIRST_BYTES)
      room = FIRST_BYTES;
    uint8_t *data = realloc(b->data, room);
    if (data == NULL)
      return NULL;
    b->data = data;
    b->room = room;
  }
  uint8_t *at = b->data + b->used;
  b->used += count;
  return at;
}

uint8_t *bytes_add_text(struct bytes *b, const char *text) {
  size_t count = strlen(text) + 1;
  uint8_t *at = bytes_add(b, count);
  return at == NULL ? NULL : memcpy(at, text, count);
}

void bytes_free(struct bytes *b) {
  free(b->data);
  *b = (struct bytes){0};
}

// Bytes that become more: memory which grows by half again as they are added. It knows nothing of what they are.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct bytes {
  uint8_t *data;
  size_t used, room;
};

/** Room for so many more at the end, which is to be filled; NULL: no memory. */
uint8_t *bytes_add(struct bytes *, size_t count);
/** Adds a text with its NUL; NULL: no memory. */
uint8_t *bytes_add_text(struct bytes *, const char *text);
void bytes_free(struct bytes *);

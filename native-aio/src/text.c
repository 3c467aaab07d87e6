// See text.h. The shape of valid UTF-8 is that of Unicode's table 3-7: no overlong forms, no surrogates,
// nothing beyond U+10FFFF.
#include "text.h"

#include <string.h>

enum { STRIDE = 64 };

typedef uint64_t vector __attribute__((vector_size(32), aligned(1), may_alias));

/** By its address: how a vector is passed depends on the processor that is compiled for. */
static uint64_t high_bits(const vector *v) {
  return ((*v)[0] | (*v)[1] | (*v)[2] | (*v)[3]) & UINT64_C(0x8080808080808080);
}

size_t text_ascii_bytes(const uint8_t *data, size_t bytes) {
  size_t at = 0;
  for (; at + STRIDE <= bytes; at += STRIDE) {
    vector a = *(const vector *)(data + at);
    vector b = *(const vector *)(data + at + STRIDE / 2);
    vector either = a | b;
    if (high_bits(&either) != 0)
      break;
  }
  while (at < bytes && data[at] < 0x80)
    at++;
  return at;
}

/** The lowest and highest second byte behind a lead byte; the rest are 80 to BF. */
static int is_second(uint8_t lead, uint8_t second) {
  uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
}

static int is_tail(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/** How many bytes a character has by its lead byte; 0: it is none. */
static size_t length_of(uint8_t lead) {
  return lead < 0xc2   ? 0
         : lead < 0xe0 ? 2
         : lead < 0xf0 ? 3
         : lead < 0xf5 ? 4
                       : 0;
}

int64_t text_decode(const uint8_t *data, size_t bytes, uint16_t *units) {
  const uint8_t *end = data + bytes;
  uint16_t *to = units;
  while (data < end) {
    uint8_t lead = *data;
    if (lead < 0x80) {
      *to++ = lead;
      data++;
      continue;
    }
    size_t length = length_of(lead);
    if (length == 0 || (size_t)(end - data) < length ||
        !is_second(lead, data[1]))
      return -1;
    if (length == 2)
      *to++ = (uint16_t)((lead & 0x1f) << 6 | (data[1] & 0x3f));
    else if (!is_tail(data[2]))
      return -1;
    else if (length == 3)
      *to++ = (uint16_t)((lead & 0x0f) << 12 | (data[1] & 0x3f) << 6 |
                         (data[2] & 0x3f));
    else if (!is_tail(data[3]))
      return -1;
    else {
      uint32_t code = (uint32_t)(lead & 0x07) << 18 |
                      (uint32_t)(data[1] & 0x3f) << 12 |
                      (uint32_t)(data[2] & 0x3f) << 6 | (data[3] & 0x3f);
      code -= 0x10000;
      *to++ = (uint16_t)(0xd800 | code >> 10);
      *to++ = (uint16_t)(0xdc00 | (code & 0x3ff));
    }
    data += length;
  }
  return to - units;
}

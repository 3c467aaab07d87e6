// Bytes of a file as a text that V8 takes without decoding: done by the thread that read them, so that the loop's
// own thread only copies. It knows UTF-8; what is no UTF-8 is left as it is, for Node to replace what is wrong.
#pragma once

#include <stddef.h>
#include <stdint.h>

/** What a request's bytes are; as in src/request/text.ts. */
enum text {
  /** Bytes of any kind. */
  TEXT_BYTES,
  /** One byte for each character. */
  TEXT_LATIN1,
  /** Two bytes for each UTF-16 unit. */
  TEXT_UTF16,
};

/** Bytes at the start that are ASCII. */
size_t text_ascii_bytes(const uint8_t *data, size_t bytes);

/**
 * Decodes UTF-8 into `units`, which has room for one of each byte. How many there are, or -1: it is not
 * valid.
 */
int64_t text_decode(const uint8_t *data, size_t bytes, uint16_t *units);

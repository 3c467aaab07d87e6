// SHA-256 (FIPS 180-4) of bytes that come in pieces. By the processor's own instructions where it has them; it knows no file.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_BLOCK_BYTES = 64 };

struct sha256 {
  uint32_t state[8];
  uint64_t bytes;
  uint8_t rest[SHA256_BLOCK_BYTES];
};

void sha256_begin(struct sha256 *);
void sha256_add(struct sha256 *, const uint8_t *bytes, size_t count);
void sha256_end(struct sha256 *, uint8_t digest[SHA256_BYTES]);

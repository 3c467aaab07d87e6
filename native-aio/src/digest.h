// A checksum of bytes that come in pieces, of the kind that was chosen. It knows no file.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sha256.h"

/** As in src/ops/copy-result.ts. */
enum digest_kind { DIGEST_NONE = 0, DIGEST_SHA256 = 1, DIGEST_CRC32C = 2 };
enum { DIGEST_MAX_BYTES = SHA256_BYTES };

struct digest {
  enum digest_kind kind;
  uint32_t crc;
  struct sha256 sha256;
};

void digest_begin(struct digest *, enum digest_kind);
void digest_add(struct digest *, const uint8_t *bytes, size_t count);
/** Those of a hole. */
void digest_add_zeros(struct digest *, uint64_t count);
/** How many bytes it has. */
size_t digest_end(struct digest *, uint8_t to[DIGEST_MAX_BYTES]);

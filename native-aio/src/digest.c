// The kinds of digest; see digest.h. A CRC is four bytes, the highest first, as it is written down.
#include "digest.h"

#include "crc32c.h"

enum { ZEROS = 4096, CRC_BYTES = 4 };

void digest_begin(struct digest *d, enum digest_kind kind) {
  d->kind = kind;
  d->crc = 0;
  sha256_begin(&d->sha256);
}

void digest_add(struct digest *d, const uint8_t *bytes, size_t count) {
  if (d->kind == DIGEST_SHA256)
    sha256_add(&d->sha256, bytes, count);
  else if (d->kind == DIGEST_CRC32C)
    d->crc = crc32c(d->crc, bytes, count);
}

void digest_add_zeros(struct digest *d, uint64_t count) {
  static const uint8_t zeros[ZEROS];
  if (d->kind == DIGEST_NONE)
    return;
  for (; count > ZEROS; count -= ZEROS)
    digest_add(d, zeros, ZEROS);
  digest_add(d, zeros, (size_t)count);
}

size_t digest_end(struct digest *d, uint8_t to[DIGEST_MAX_BYTES]) {
  if (d->kind == DIGEST_SHA256) {
    sha256_end(&d->sha256, to);
    return SHA256_BYTES;
  }
  if (d->kind == DIGEST_NONE)
    return 0;
  for (int i = 0; i < CRC_BYTES; i++)
    to[i] = (uint8_t)(d->crc >> (24 - 8 * i));
  return CRC_BYTES;
}

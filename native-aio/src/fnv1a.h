// FNV-1a, for the keys of tables: short, and nobody's secrets.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FNV1A_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t fnv1a(uint64_t hash, const void *data, size_t bytes) {
  const uint8_t *from = data;
  for (size_t i = 0; i < bytes; i++)
    hash = (hash ^ from[i]) * UINT64_C(0x100000001b3);
  return hash;
}

// CRC-32C (Castagnoli) of bytes, by the processor's own instruction where it has one. It does not know what is checked.
#ifndef EIO_CRC32C_H
#define EIO_CRC32C_H

#include <stddef.h>
#include <stdint.h>

#include "napi-values.h"

/** Goes on from the CRC of what came before; 0 at the start. */
uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t count);

/** crc32c(bytes, crc) */
napi_value js_crc32c(napi_env env, napi_callback_info info);

#endif

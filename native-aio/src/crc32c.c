// The three ways to a CRC-32C: SSE 4.2, the CRC extension of ARMv8, and a table. Which one is chosen shows in no result.
#include "crc32c.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78u
#define BITS 8
#define TABLE 256

static uint32_t by_table(uint32_t crc, const uint8_t *bytes, size_t count) {
  static uint32_t table[TABLE];
  static int made;
  // Whoever makes it twice makes the same.
  if (!__atomic_load_n(&made, __ATOMIC_ACQUIRE)) {
    for (uint32_t i = 0; i < TABLE; i++) {
      uint32_t value = i;
      for (int bit = 0; bit < BITS; bit++)
        value = (value >> 1) ^ ((value & 1) != 0 ? POLYNOMIAL : 0);
      table[i] = value;
    }
    __atomic_store_n(&made, 1, __ATOMIC_RELEASE);
  }
  while (count-- > 0)
    crc = (crc >> BITS) ^ table[(crc ^ *bytes++) & (TABLE - 1)];
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
by_processor(uint32_t crc, const uint8_t *bytes, size_t count) {
  uint64_t wide = crc;
  for (; count >= sizeof wide; count -= sizeof wide, bytes += sizeof wide) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  crc = (uint32_t)wide;
  while (count-- > 0)
    crc = __builtin_ia32_crc32qi(crc, *bytes++);
  return crc;
}
static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
static uint32_t by_processor(uint32_t crc, const uint8_t *bytes, size_t count) {
  for (; count >= sizeof(uint64_t);
       count -= sizeof(uint64_t), bytes += sizeof(uint64_t)) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    crc = __crc32cd(crc, word);
  }
  while (count-- > 0)
    crc = __crc32cb(crc, *bytes++);
  return crc;
}
static int has_instruction(void) { return 1; }
#else
#define by_processor by_table
static int has_instruction(void) { return 0; }
#endif

uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
  return ~(has_instruction() ? by_processor(~crc, bytes, count)
                             : by_table(~crc, bytes, count));
}

napi_value js_crc32c(napi_env env, napi_callback_info info) {
  struct call call;
  size_t count;
  napi_value result;
  if (!call_begin(&call, env, info))
    return NULL;
  const uint8_t *bytes = call_bytes(&call, 0, "bytes", &count);
  uint32_t crc = (uint32_t)call_integer(&call, 1, "crc");
  if (call.failed)
    return NULL;
  NAPI_TRY(env, napi_create_uint32(env, crc32c(crc, bytes, count), &result),
           NULL);
  return result;
}

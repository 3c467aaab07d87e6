// The two ways to a SHA-256: the SHA extensions of x86, and plain C. Which one is chosen shows in no result.
#include "sha256.h"

#include <string.h>

static const uint32_t k[SHA256_BLOCK_BYTES] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t right(uint32_t word, int by) {
  return word >> by | word << (32 - by);
}

static uint32_t big_endian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
         (uint32_t)bytes[2] << 8 | bytes[3];
}

static void by_words(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
  for (; blocks > 0; blocks--, bytes += SHA256_BLOCK_BYTES) {
    uint32_t w[SHA256_BLOCK_BYTES], s[8];
    for (int i = 0; i < 16; i++)
      w[i] = big_endian(bytes + 4 * i);
    for (int i = 16; i < SHA256_BLOCK_BYTES; i++) {
      uint32_t a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (right(a, 7) ^ right(a, 18) ^ a >> 3) + w[i - 7] +
             (right(b, 17) ^ right(b, 19) ^ b >> 10);
    }
    memcpy(s, state, sizeof s);
    for (unsigned i = 0; i < SHA256_BLOCK_BYTES; i++) {
      // The words move by one place each time: it is the places that move here.
#define S(place) s[((place)-i) % 8]
      uint32_t a = S(0), e = S(4);
      uint32_t one = S(7) + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) +
                     ((e & S(5)) ^ (~e & S(6))) + k[i] + w[i];
      uint32_t two = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) +
                     ((a & S(1)) ^ (a & S(2)) ^ (S(1) & S(2)));
      S(3) += one;
      S(7) = one + two;
#undef S
    }
    for (int i = 0; i < 8; i++)
      state[i] += s[i];
  }
}

// A test compiles it without, to see that both ways give the same.
#if defined(__x86_64__) && !defined(EIO_PLAIN_SHA256)
#include <cpuid.h>
#include <immintrin.h>

/** The order in which the instructions have the eight words: ABEF and CDGH. */
__attribute__((target("sha,sse4.1"))) static void
by_processor(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
  const __m128i swap =
      _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  __m128i low = _mm_loadu_si128((const __m128i *)(const void *)state);
  __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(state + 4));
  low = _mm_shuffle_epi32(low, 0xb1);
  high = _mm_shuffle_epi32(high, 0x1b);
  __m128i abef = _mm_alignr_epi8(low, high, 8);
  __m128i cdgh = _mm_blend_epi16(high, low, 0xf0);
  for (; blocks > 0; blocks--, bytes += SHA256_BLOCK_BYTES) {
    __m128i before_abef = abef, before_cdgh = cdgh, w[4];
    for (int i = 0; i < 4; i++)
      w[i] = _mm_shuffle_epi8(
          _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i)),
          swap);
    for (int i = 0; i < 16; i++) {
      if (i >= 4) {
        __m128i next = _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]);
        next = _mm_add_epi32(
            next, _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4));
        w[i % 4] = _mm_sha256msg2_epu32(next, w[(i + 3) % 4]);
      }
      __m128i sum = _mm_add_epi32(
          w[i % 4],
          _mm_loadu_si128((const __m128i *)(const void *)(k + 4 * i)));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    }
    abef = _mm_add_epi32(abef, before_abef);
    cdgh = _mm_add_epi32(cdgh, before_cdgh);
  }
  low = _mm_shuffle_epi32(abef, 0x1b);
  high = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(low, high, 0xf0));
  _mm_storeu_si128((__m128i *)(void *)(state + 4),
                   _mm_alignr_epi8(high, low, 8));
}

/** Compilers know the name of this extension late, and the processor knows it itself. */
static int has_instructions(void) {
  enum { SHA_OF_EBX = 1 << 29 };
  static int known;
  int found = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (found == 0) {
    unsigned a, b = 0, c, d;
    found = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & SHA_OF_EBX) != 0 &&
                    __builtin_cpu_supports("sse4.1")
                ? 1
                : -1;
    __atomic_store_n(&known, found, __ATOMIC_RELAXED);
  }
  return found > 0;
}
#else
#define by_processor by_words
static int has_instructions(void) { return 0; }
#endif

static void add_blocks(struct sha256 *s, const uint8_t *bytes, size_t blocks) {
  if (has_instructions())
    by_processor(s->state, bytes, blocks);
  else
    by_words(s->state, bytes, blocks);
}

void sha256_begin(struct sha256 *s) {
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                    0xa54ff53a, 0x510e527f, 0x9b05688c,
                                    0x1f83d9ab, 0x5be0cd19};
  memcpy(s->state, start, sizeof start);
  s->bytes = 0;
}

void sha256_add(struct sha256 *s, const uint8_t *bytes, size_t count) {
  size_t used = s->bytes % SHA256_BLOCK_BYTES;
  s->bytes += count;
  if (used != 0) {
    size_t part = SHA256_BLOCK_BYTES - used;
    part = count < part ? count : part;
    memcpy(s->rest + used, bytes, part);
    bytes += part;
    count -= part;
    if (used + part < SHA256_BLOCK_BYTES)
      return;
    add_blocks(s, s->rest, 1);
  }
  size_t blocks = count / SHA256_BLOCK_BYTES;
  add_blocks(s, bytes, blocks);
  memcpy(s->rest, bytes + blocks * SHA256_BLOCK_BYTES,
         count % SHA256_BLOCK_BYTES);
}

void sha256_end(struct sha256 *s, uint8_t digest[SHA256_BYTES]) {
  static const uint8_t padding[SHA256_BLOCK_BYTES] = {0x80};
  enum { LENGTH_BYTES = 8 };
  uint64_t bits = s->bytes * 8;
  uint8_t length[LENGTH_BYTES];
  for (int i = 0; i < LENGTH_BYTES; i++)
    length[i] = (uint8_t)(bits >> (56 - 8 * i));
  // One byte at least, up to where the length ends the block.
  size_t used = (s->bytes + LENGTH_BYTES) % SHA256_BLOCK_BYTES;
  sha256_add(s, padding, SHA256_BLOCK_BYTES - used);
  sha256_add(s, length, sizeof length);
  for (int i = 0; i < SHA256_BYTES; i++)
    digest[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
}

// Prints the SHA-256 of what comes in, taken in pieces of so many bytes as each argument says; see sha256.test.ts.
#include <stdio.h>
#include <stdlib.h>

#include "sha256.h"

enum { INPUT_MAX = 1 << 20 };

int main(int count, char **args) {
  static uint8_t bytes[INPUT_MAX];
  size_t length = fread(bytes, 1, sizeof bytes, stdin);
  for (int i = 1; i < count; i++) {
    size_t piece = (size_t)atol(args[i]);
    uint8_t digest[SHA256_BYTES];
    struct sha256 s;
    sha256_begin(&s);
    for (size_t at = 0; at < length; at += piece)
      sha256_add(&s, bytes + at, length - at < piece ? length - at : piece);
    sha256_end(&s, digest);
    for (int j = 0; j < SHA256_BYTES; j++)
      printf("%02x", digest[j]);
    puts("");
  }
  return 0;
}

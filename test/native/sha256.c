// Prints the SHA-256 of what comes in, taken in pieces of so many bytes as the argument says; see sha256.test.ts.
#include <stdio.h>
#include <stdlib.h>

#include "sha256.h"

int main(int count, char **args) {
  static uint8_t bytes[1 << 16];
  uint8_t digest[SHA256_BYTES];
  struct sha256 s;
  size_t piece = count > 1 ? (size_t)atol(args[1]) : sizeof bytes;
  sha256_begin(&s);
  for (size_t n; (n = fread(bytes, 1, piece, stdin)) > 0;)
    sha256_add(&s, bytes, n);
  sha256_end(&s, digest);
  for (int i = 0; i < SHA256_BYTES; i++)
    printf("%02x", digest[i]);
  return 0;
}

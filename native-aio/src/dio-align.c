// Reads from the file system what alignment direct transfers need; see dio-align.h. Linux 6.1 and later
// report it, for ext4, xfs, f2fs and block devices; others leave the bit out of the mask.
#include "dio-align.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "napi-values.h"

#ifndef STATX_DIOALIGN
#define STATX_DIOALIGN 0x2000U
#endif

/** The fields as the kernel lays them out: older headers have but room for them. */
enum { DIO_MEM_AT = 152, DIO_OFFSET_AT = 156, STATX_BYTES = 256 };
_Static_assert(sizeof(struct statx) == STATX_BYTES, "statx is 256 bytes");

static uint32_t word_at(const struct statx *stats, int at) {
  return *(const uint32_t *)(const void *)((const char *)stats + at);
}

napi_value js_dio_align(napi_env env, napi_callback_info info) {
  struct call call;
  struct statx stats;
  napi_value result;
  if (!call_begin(&call, env, info))
    return NULL;
  int fd = call_int(&call, 0, "fd");
  if (call.failed)
    return NULL;
  // Of an open file, and nothing that would need the network: it does not wait.
  long status = syscall(SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
                        STATX_DIOALIGN, &stats);
  if (status != 0 || (stats.stx_mask & STATX_DIOALIGN) == 0)
    return text_value(env, NULL);
  NAPI_TRY(env, napi_create_array_with_length(env, 2, &result), NULL);
  const uint32_t sizes[] = {word_at(&stats, DIO_MEM_AT),
                            word_at(&stats, DIO_OFFSET_AT)};
  for (uint32_t i = 0; i < 2; i++) {
    napi_value size = int_value(env, sizes[i]);
    if (size == NULL)
      return NULL;
    NAPI_TRY(env, napi_set_element(env, result, i, size), NULL);
  }
  return result;
}

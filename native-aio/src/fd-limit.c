// Raises the limit of descriptors: the soft one as far as the hard one goes, and the hard one too where the
// process may. It knows no descriptor.
#include "fd-limit.h"

#include <errno.h>
#include <sys/resource.h>

#include "napi-values.h"

static int raise_to(rlim_t min) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return -errno;
  if (limit.rlim_cur >= min)
    return 0;
  rlim_t hard = limit.rlim_max;
  limit.rlim_cur = min;
  if (limit.rlim_max < min)
    limit.rlim_max = min;
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
    return 0;
  int why = -errno;
  // As far as it goes, all the same.
  limit.rlim_cur = limit.rlim_max = hard;
  setrlimit(RLIMIT_NOFILE, &limit);
  return why;
}

napi_value js_raise_fd_limit(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  int64_t min = call_integer(&call, 0, "min");
  return call.failed ? NULL : int_value(env, raise_to((rlim_t)min));
}

// How many descriptors this process may have.
#pragma once

#include <node_api.h>

/** raiseFdLimit(min): 0, or -errno; a limit that is high enough stays. */
napi_value js_raise_fd_limit(napi_env env, napi_callback_info info);

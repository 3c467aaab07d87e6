// What a file requires of direct transfers, for JavaScript. It knows statx and Node-API, no slot.
#pragma once

#include <node_api.h>

/** dioAlign(fd): [memory, file] in bytes, both 0 where it refuses them; null where it does not say. */
napi_value js_dio_align(napi_env env, napi_callback_info info);

// Shared memory that a hung system call still uses when its environment is gone. It does not know what uses it.
#pragma once

#include <node_api.h>
#include <stddef.h>

/**
 * The memory of these typed arrays of SharedArrayBuffers is never freed, whatever becomes of the environment. Where V8's
 * function for it is not found (Bun, Deno), only as long as the environment is there.
 */
void keep_for_good(napi_env env, const napi_ref *arrays, size_t count);

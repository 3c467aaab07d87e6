// Memory that a hung system call still uses when its environment is gone. It does not know what uses it.
#pragma once

#include <node_api.h>
#include <stddef.h>

#include "slot.h"

/** What a crew or a lane uses for as long as it is open, in the order of its arguments; see src/request/memory.ts. */
enum { PINNED_ARRAYS = 4, PINNED = PINNED_ARRAYS + 1 };

/**
 * The memory of these typed arrays of SharedArrayBuffers is never freed, whatever becomes of the environment, and neither is the
 * caller's own of requests that run: the last of them is an array of those by slot. Where V8's functions for it are not found
 * (Bun, Deno), only as long as the environment is there.
 */
void keep_for_good(napi_env env, const napi_ref *pinned,
                   const struct memory *memory);

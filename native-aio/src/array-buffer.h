// A block of ours as an ArrayBuffer's memory, without a copy. It knows blocks and V8's own function for this; it does not
// know what is in them.
#pragma once

#include <node_api.h>
#include <stddef.h>

#include "loans.h"

/**
 * An ArrayBuffer of so many bytes over a block of blocks.h, which goes back when that is collected. NULL: it
 * cannot be had, and the block is still the caller's.
 */
napi_value array_buffer_over(napi_env env, struct loans *loans, void *block,
                             size_t room, size_t bytes);

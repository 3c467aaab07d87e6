// A block of ours as an ArrayBuffer's memory, without a copy. It knows blocks and V8's own function for this; it does not
// know what is in them.
#pragma once

#include <node_api.h>
#include <stddef.h>

#include "loans.h"

/** A block under several ArrayBuffers: it goes back when the last of them is collected. */
struct parted_block;

/**
 * An ArrayBuffer of so many bytes over a block of blocks.h, which goes back when that is collected. NULL: it
 * cannot be had, and the block is still the caller's.
 */
napi_value array_buffer_over(napi_env env, struct loans *loans, void *block,
                             size_t room, size_t bytes);

/** It is the parted block's from here on, and the maker's until parted_block_close(). NULL: no memory. */
struct parted_block *parted_block_open(napi_env env, struct loans *loans,
                                       void *block, size_t room, size_t bytes);
void parted_block_close(struct parted_block *);

/** An ArrayBuffer over a part of it. NULL: it cannot be had. */
napi_value array_buffer_over_part(napi_env env, struct parted_block *,
                                  size_t offset, size_t bytes);

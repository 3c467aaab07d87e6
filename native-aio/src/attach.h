// The shared memory of one instance as C takes it from JavaScript, and calls on the caller's own thread.
#pragma once

#include "napi-values.h"
#include "slot.h"

/** From two arguments, words and bytes, both in SharedArrayBuffers and large enough for its slots. */
struct memory call_memory(struct call *, size_t words_at, size_t bytes_at);

/** attach(words, bytes): { note(slot, data), run(slot) }. */
napi_value js_attach(napi_env env, napi_callback_info info);

// How much of our memory JavaScript has, as its garbage collector sees it: what lasts is reported to V8, and what is
// new makes the next scavenge come sooner. It does not know whose memory it is or what becomes of it.
//
//   lend -> young ---- a scavenge ----> returned
//                \--- outlives it ---> reported to V8, whose full collections look after it
#pragma once

#include <node_api.h>
#include <stddef.h>

#include "slot.h"

struct loans;

/** NULL: no memory. */
struct loans *loans_open(const struct memory *);
/** With the environment, or with what lends: what is not returned yet stays valid. */
void loans_close(napi_env env, struct loans *);

/** JavaScript gets so many bytes that V8 knows nothing of. */
void loans_lend(napi_env env, struct loans *, size_t bytes);
/** They are returned, on whatever thread. */
void loans_return(struct loans *, size_t bytes);

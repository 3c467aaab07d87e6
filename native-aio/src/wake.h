// Wakes the loop when a descriptor becomes readable. It knows libuv and one JavaScript function; it
// does not know whose descriptor it is.
#pragma once

#include <node_api.h>
#include <stdbool.h>

struct wake;

/** NULL when the loop cannot watch the descriptor. `fn` is called with nothing, on the loop;
 * not while *wanted is false, where there is such a word. */
struct wake *wake_open(napi_env env, int fd, const bool *wanted, napi_value fn);
/** The descriptor may be closed at once; done(data) is called when libuv has let go, too. */
void wake_close(struct wake *wake, void (*done)(void *), void *data);

// Values between JavaScript and C: arguments that are checked as they are taken, and results. The first thing
// that is wrong becomes an exception, and what is taken after it is nothing. It knows Node-API, and no op.
//
//   struct call call;
//   if (!call_begin(&call, env, info, 2)) return NULL;
//   int fd = call_int(&call, 0, "fd");
//   napi_value fn = call_function(&call, 1, "ready");
//   if (call.failed) return NULL;
#pragma once

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARGUMENTS_MAX = 9 };

/** A call from JavaScript: its arguments, and what its function was made with. */
struct call {
  napi_env env;
  napi_value given[ARGUMENTS_MAX];
  void *data;
  /** An exception is pending: return NULL. */
  bool failed;
};

/** True: the status is not napi_ok, and an exception is pending. */
bool napi_failed(napi_env env, napi_status status);
/** Leaves the function, with what follows, when the status is not napi_ok. */
#define NAPI_TRY(env, status, ...)                                             \
  do {                                                                         \
    if (napi_failed(env, status))                                              \
      return __VA_ARGS__;                                                      \
  } while (0)

/** Returns NULL, so that it can be returned. */
napi_value throw_type_error(napi_env env, const char *what, const char *want);
napi_value throw_error(napi_env env, const char *text);
napi_value throw_no_memory(napi_env env, const char *call);

/** What was not given is undefined. */
bool call_begin(struct call *, napi_env, napi_callback_info);
int32_t call_int(struct call *, size_t at, const char *what);
/** One of 0 to limit - 1. */
int32_t call_index(struct call *, size_t at, const char *what, int32_t limit);
int64_t call_integer(struct call *, size_t at, const char *what);
/** Copies it; one that does not fit is cut, so it equals nothing. */
void call_text(struct call *, size_t at, const char *what, char *to,
               size_t room);
/** Where a typed array of any kind begins; NULL for null. */
void *call_array(struct call *, size_t at, const char *what);
/** A typed array of bytes; *count is how many. */
uint8_t *call_bytes(struct call *, size_t at, const char *what, size_t *count);
/** The same of 32-bit words. */
int32_t *call_words(struct call *, size_t at, const char *what, size_t *count);
/** The same in a SharedArrayBuffer: it stays where it is as long as it is referred to. */
uint8_t *call_shared_bytes(struct call *, size_t at, const char *what,
                           size_t *count);
int32_t *call_shared_words(struct call *, size_t at, const char *what,
                           size_t *count);
napi_value call_list(struct call *, size_t at, const char *what);
napi_value call_function(struct call *, size_t at, const char *what);

/** NULL when an exception is pending; so with all that follow. */
napi_value int_value(napi_env env, int64_t number);
napi_value bool_value(napi_env env, bool value);
/** null for NULL. */
napi_value text_value(napi_env env, const char *text);
/** `what: errno`, as the loader's side reads it. */
napi_value refusal_value(napi_env env, const char *what, int error);

struct method {
  const char *name;
  napi_callback run;
};

/** Puts functions on an object, which lives, and with it its finalizer's data, as long as any of them. */
bool define_methods(napi_env env, napi_value object,
                    const struct method *methods, size_t count, void *data);
/** The same of one function of a module's exports. */
bool define(napi_env env, napi_value exports, const char *name,
            napi_callback run);
bool define_value(napi_env env, napi_value object, const char *name,
                  napi_value value);
/** A property for no one but the collector. */
bool keep_alive(napi_env env, napi_value object, const char *name,
                napi_value value);

/** Calls a function from the loop, with no caller above it; what it throws is an uncaught exception. */
void call_back(napi_env env, napi_async_context context, napi_ref fn);

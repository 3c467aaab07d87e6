// See napi-values.h.
#include "napi-values.h"

#include <stdio.h>

bool napi_failed(napi_env env, napi_status status) {
  if (status == napi_ok)
    return false;
  const napi_extended_error_info *info = NULL;
  bool pending = false;
  // Of these two nothing can be said any more: the environment itself is going away.
  (void)napi_get_last_error_info(env, &info);
  (void)napi_is_exception_pending(env, &pending);
  if (!pending) {
    const char *text = info == NULL ? NULL : info->error_message;
    (void)napi_throw_error(env, NULL, text == NULL ? "Node-API failed" : text);
  }
  return true;
}

napi_value throw_type_error(napi_env env, const char *what, const char *want) {
  char text[160];
  snprintf(text, sizeof text, "%s must be %s", what, want);
  (void)napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", text);
  return NULL;
}

napi_value throw_error(napi_env env, const char *text) {
  (void)napi_throw_error(env, NULL, text);
  return NULL;
}

napi_value throw_no_memory(napi_env env, const char *call) {
  char text[80];
  snprintf(text, sizeof text, "ENOMEM: not enough memory, %s", call);
  (void)napi_throw_error(env, "ENOMEM", text);
  return NULL;
}

static void refuse(struct call *call, const char *what, const char *want) {
  call->failed = true;
  throw_type_error(call->env, what, want);
}

bool call_begin(struct call *call, napi_env env, napi_callback_info info) {
  size_t count = ARGUMENTS_MAX;
  *call = (struct call){.env = env};
  call->failed = napi_failed(
      env, napi_get_cb_info(env, info, &count, call->given, NULL, &call->data));
  return !call->failed;
}

/** A number without a fraction, from min to max. */
static int64_t take_number(struct call *call, size_t at, const char *what,
                           const char *want, double min, double max) {
  double number;
  if (call->failed)
    return 0;
  if (napi_get_value_double(call->env, call->given[at], &number) == napi_ok &&
      number >= min && number <= max && (double)(int64_t)number == number)
    return (int64_t)number;
  refuse(call, what, want);
  return 0;
}

int32_t call_int(struct call *call, size_t at, const char *what) {
  return (int32_t)take_number(call, at, what, "a 32-bit integer", INT32_MIN,
                              INT32_MAX);
}

int32_t call_index(struct call *call, size_t at, const char *what,
                   int32_t limit) {
  return (int32_t)take_number(call, at, what, "an index within its limits", 0,
                              (double)limit - 1);
}

int64_t call_integer(struct call *call, size_t at, const char *what) {
  const double safe = 9007199254740991;
  return take_number(call, at, what, "a safe integer", -safe, safe);
}

void call_text(struct call *call, size_t at, const char *what, char *to,
               size_t room) {
  *to = '\0';
  if (!call->failed && napi_get_value_string_utf8(call->env, call->given[at],
                                                  to, room, NULL) != napi_ok)
    refuse(call, what, "a string");
}

/** Data of a typed array of one of two types; `shared`: only of a SharedArrayBuffer. */
static void *take_array(struct call *call, size_t at, const char *what,
                        const char *want, size_t *count, bool words,
                        bool shared) {
  napi_env env = call->env;
  napi_typedarray_type type;
  napi_value buffer;
  void *data = NULL;
  bool plain = false;
  *count = 0;
  if (call->failed)
    return NULL;
  bool fits =
      napi_get_typedarray_info(env, call->given[at], &type, count, &data,
                               shared ? &buffer : NULL, NULL) == napi_ok &&
      type == (words ? napi_int32_array : napi_uint8_array);
  if (fits && shared)
    fits = napi_is_arraybuffer(env, buffer, &plain) == napi_ok && !plain;
  if (fits)
    return data;
  *count = 0;
  refuse(call, what, want);
  return NULL;
}

void *call_array(struct call *call, size_t at, const char *what) {
  void *data = NULL;
  napi_valuetype type;
  if (call->failed ||
      (napi_typeof(call->env, call->given[at], &type) == napi_ok &&
       type == napi_null))
    return NULL;
  if (napi_get_typedarray_info(call->env, call->given[at], NULL, NULL, &data,
                               NULL, NULL) != napi_ok)
    refuse(call, what, "a typed array");
  return data;
}

uint8_t *call_bytes(struct call *call, size_t at, const char *what,
                    size_t *count) {
  return take_array(call, at, what, "a Uint8Array", count, false, false);
}

int32_t *call_words(struct call *call, size_t at, const char *what,
                    size_t *count) {
  return take_array(call, at, what, "an Int32Array", count, true, false);
}

uint8_t *call_shared_bytes(struct call *call, size_t at, const char *what,
                           size_t *count) {
  return take_array(call, at, what, "a Uint8Array of a SharedArrayBuffer",
                    count, false, true);
}

int32_t *call_shared_words(struct call *call, size_t at, const char *what,
                           size_t *count) {
  return take_array(call, at, what, "an Int32Array of a SharedArrayBuffer",
                    count, true, true);
}

napi_value call_list(struct call *call, size_t at, const char *what) {
  bool is_list = false;
  if (call->failed)
    return NULL;
  if (napi_is_array(call->env, call->given[at], &is_list) == napi_ok && is_list)
    return call->given[at];
  refuse(call, what, "an array");
  return NULL;
}

napi_value call_function(struct call *call, size_t at, const char *what) {
  napi_valuetype type;
  if (call->failed)
    return NULL;
  if (napi_typeof(call->env, call->given[at], &type) == napi_ok &&
      type == napi_function)
    return call->given[at];
  refuse(call, what, "a function");
  return NULL;
}

napi_value int_value(napi_env env, int64_t number) {
  napi_value value;
  NAPI_TRY(env, napi_create_int64(env, number, &value), NULL);
  return value;
}

napi_value bool_value(napi_env env, bool value) {
  napi_value result;
  NAPI_TRY(env, napi_get_boolean(env, value, &result), NULL);
  return result;
}

napi_value text_value(napi_env env, const char *text) {
  napi_value result;
  NAPI_TRY(env,
           text == NULL
               ? napi_get_null(env, &result)
               : napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result),
           NULL);
  return result;
}

napi_value refusal_value(napi_env env, const char *what, int error) {
  char text[80];
  snprintf(text, sizeof text, "%s: %d", what, error);
  return text_value(env, text);
}

bool define_value(napi_env env, napi_value object, const char *name,
                  napi_value value) {
  if (value == NULL)
    return false;
  NAPI_TRY(env, napi_set_named_property(env, object, name, value), false);
  return true;
}

bool keep_alive(napi_env env, napi_value object, const char *name,
                napi_value value) {
  const napi_property_descriptor hidden = {.utf8name = name, .value = value};
  NAPI_TRY(env, napi_define_properties(env, object, 1, &hidden), false);
  return true;
}

static napi_value function_of(napi_env env, const char *name, napi_callback run,
                              void *data) {
  napi_value fn;
  NAPI_TRY(env,
           napi_create_function(env, name, NAPI_AUTO_LENGTH, run, data, &fn),
           NULL);
  return fn;
}

bool define_methods(napi_env env, napi_value object,
                    const struct method *methods, size_t count, void *data) {
  for (size_t i = 0; i < count; i++) {
    napi_value fn = function_of(env, methods[i].name, methods[i].run, data);
    if (fn == NULL || !keep_alive(env, fn, "owner", object) ||
        !define_value(env, object, methods[i].name, fn))
      return false;
  }
  return true;
}

bool define(napi_env env, napi_value exports, const char *name,
            napi_callback run) {
  return define_value(env, exports, name, function_of(env, name, run, NULL));
}

void call_back(napi_env env, napi_async_context context, napi_ref fn_ref) {
  napi_handle_scope scope;
  napi_value fn, receiver, error;
  if (napi_open_handle_scope(env, &scope) != napi_ok)
    return;
  if (napi_get_reference_value(env, fn_ref, &fn) == napi_ok &&
      napi_get_global(env, &receiver) == napi_ok &&
      napi_make_callback(env, context, receiver, fn, 0, NULL, NULL) ==
          napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok)
    (void)napi_fatal_exception(env, error);
  (void)napi_close_handle_scope(env, scope);
}

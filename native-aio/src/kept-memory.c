// See kept-memory.h. A reference of Node-API's keeps an array for as long as its isolate lives, and no longer. V8's own
// owners of the memory outlive it; Node exports these functions under the same names from 20 to 26. Node-API reads no property any more
// while its environment ends, and V8 does.
#include "kept-memory.h"

#include <stdbool.h>

#include "v8-functions.h"

/** std::shared_ptr<BackingStore>, returned in memory: a C structure is when it is larger than two registers. */
struct owner {
  void *store, *count;
  void *unused[2];
};
/** GetBackingStore() of v8::ArrayBuffer, and of v8::SharedArrayBuffer; a handle of V8's is what Node-API calls a value. */
typedef struct owner get_backing_store(napi_value array_buffer);
/** v8::Isolate::GetCurrentContext(). */
typedef void *current_context(void *isolate);
/** v8::Object::Get(); NULL: an exception. */
typedef napi_value get_element(napi_value object, void *context,
                               uint32_t index);
typedef napi_value get_property(napi_value object, void *context,
                                napi_value name);

struct v8 {
  get_backing_store *plain, *shared;
  current_isolate *isolate;
  current_context *current_context;
  get_element *element;
  get_property *property;
  void *context;
};

static bool find(struct v8 *v8) {
  return FIND(v8->plain, "_ZN2v811ArrayBuffer15GetBackingStoreEv") &&
         FIND(v8->shared, "_ZN2v817SharedArrayBuffer15GetBackingStoreEv") &&
         FIND(v8->isolate, CURRENT_ISOLATE) &&
         FIND(v8->current_context, "_ZN2v87Isolate17GetCurrentContextEv") &&
         FIND(v8->element, "_ZN2v86Object3GetENS_5LocalINS_7ContextEEEj") &&
         FIND(v8->property, "_ZN2v86Object3GetENS_5LocalINS_7ContextEEENS1_INS_"
                            "5ValueEEE");
}

static void keep_array(napi_env env, const struct v8 *v8, napi_value array) {
  napi_value buffer;
  bool plain = false;
  if (array == NULL ||
      napi_get_typedarray_info(env, array, NULL, NULL, NULL, &buffer, NULL) !=
          napi_ok ||
      napi_is_arraybuffer(env, buffer, &plain) != napi_ok)
    return;
  // One more owner, who never lets go.
  (void)(plain ? v8->plain : v8->shared)(buffer);
}

static bool is_object(napi_env env, napi_value value) {
  napi_valuetype type;
  return value != NULL && napi_typeof(env, value, &type) == napi_ok &&
         type == napi_object;
}

static napi_value property(napi_env env, const struct v8 *v8, napi_value object,
                           const char *text) {
  napi_value name;
  return napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &name) == napi_ok
             ? v8->property(object, v8->context, name)
             : NULL;
}

/** Its data, or each of its buffers. */
static void keep_request(napi_env env, const struct v8 *v8,
                         napi_value request) {
  uint32_t count = 0;
  keep_array(env, v8, property(env, v8, request, "data"));
  napi_value buffers = property(env, v8, request, "buffers");
  if (!is_object(env, buffers) ||
      napi_get_value_uint32(env, property(env, v8, buffers, "length"),
                            &count) != napi_ok)
    return;
  for (uint32_t i = 0; i < count; i++)
    keep_array(env, v8, v8->element(buffers, v8->context, i));
}

static void keep_requests(napi_env env, const struct v8 *v8,
                          napi_value requests, const struct memory *memory) {
  for (int slot = 0; slot < memory->slots; slot++) {
    int32_t state = __atomic_load_n(slot_words(memory, slot) + SLOT_STATE,
                                    __ATOMIC_SEQ_CST);
    if (state < STATE_NATIVE)
      continue;
    napi_value request = v8->element(requests, v8->context, (uint32_t)slot);
    if (is_object(env, request))
      keep_request(env, v8, request);
  }
}

static napi_value pinned_value(napi_env env, napi_ref ref) {
  napi_value value;
  return ref != NULL && napi_get_reference_value(env, ref, &value) == napi_ok
             ? value
             : NULL;
}

void keep_for_good(napi_env env, const napi_ref *pinned,
                   const struct memory *memory) {
  struct v8 v8;
  napi_handle_scope scope;
  if (!find(&v8) || napi_open_handle_scope(env, &scope) != napi_ok)
    return;
  v8.context = v8.current_context(v8.isolate());
  for (int i = 0; i < PINNED_ARRAYS; i++)
    keep_array(env, &v8, pinned_value(env, pinned[i]));
  napi_value requests = pinned_value(env, pinned[PINNED_ARRAYS]);
  if (v8.context != NULL && is_object(env, requests))
    keep_requests(env, &v8, requests, memory);
  (void)napi_close_handle_scope(env, scope);
}

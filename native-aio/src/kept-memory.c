// See kept-memory.h. A reference of Node-API's keeps an array for as long as its isolate lives, and no longer. V8's own
// owners of the memory outlive it; Node exports this function under the same name from 20 to 26.
#include "kept-memory.h"

#include <stdbool.h>

#include "v8-functions.h"

/** std::shared_ptr<BackingStore>, returned in memory: a C structure is when it is larger than two registers. */
struct owner {
  void *store, *count;
  void *unused[2];
};
/** v8::SharedArrayBuffer::GetBackingStore(); a handle of V8's is what Node-API calls a value. */
typedef struct owner get_backing_store(napi_value shared_array_buffer);

void keep_for_good(napi_env env, const napi_ref *arrays, size_t count) {
  get_backing_store *get;
  napi_handle_scope scope;
  if (!FIND(get, "_ZN2v817SharedArrayBuffer15GetBackingStoreEv") ||
      napi_open_handle_scope(env, &scope) != napi_ok)
    return;
  for (size_t i = 0; i < count; i++) {
    napi_value array, buffer;
    if (arrays[i] != NULL &&
        napi_get_reference_value(env, arrays[i], &array) == napi_ok &&
        napi_get_typedarray_info(env, array, NULL, NULL, NULL, &buffer, NULL) ==
            napi_ok)
      // One more owner, who never lets go.
      (void)get(buffer);
  }
  (void)napi_close_handle_scope(env, scope);
}

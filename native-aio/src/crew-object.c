// Node-API around a crew: opens it on an instance's shared memory, and closes it with its environment. It
// knows nothing of what threads do.
#include "crew-object.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"

enum { PINNED = 4, ARGUMENTS = 6 };

/** A crew as JavaScript holds it. */
struct held_crew {
  napi_env env;
  struct crew *crew;
  napi_threadsafe_function wake;
  napi_ref pinned[PINNED];
};

static void call_wake(void *data) {
  napi_call_threadsafe_function(data, NULL, napi_tsfn_nonblocking);
}

static void close_crew(struct held_crew *held) {
  if (held->crew == NULL)
    return;
  bool gone = crew_close(held->crew);
  napi_release_threadsafe_function(held->wake, napi_tsfn_abort);
  // Memory that the kernel may still write to is kept for good: better lost than somebody else's.
  for (int i = 0; i < PINNED && gone; i++)
    if (held->pinned[i] != NULL)
      napi_delete_reference(held->env, held->pinned[i]);
  crew_release(held->crew);
  held->crew = NULL;
}

static void environment_ends(void *data) { close_crew(data); }

static void collected(napi_env env, void *data, void *hint) {
  (void)hint;
  struct held_crew *held = data;
  napi_remove_env_cleanup_hook(env, environment_ends, held);
  close_crew(held);
  free(held);
}

static struct held_crew *this_of(napi_env env, napi_callback_info info,
                                 napi_value *argument) {
  size_t count = 1;
  napi_value receiver;
  void *data = NULL;
  if (napi_get_cb_info(env, info, &count, argument, &receiver, NULL) !=
          napi_ok ||
      napi_unwrap(env, receiver, &data) != napi_ok)
    return NULL;
  return data;
}

static napi_value int_value(napi_env env, int number) {
  napi_value value;
  return napi_create_int32(env, number, &value) == napi_ok ? value : NULL;
}

static napi_value js_start(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct held_crew *held = this_of(env, info, &argument);
  if (held == NULL || held->crew == NULL)
    return NULL;
  return int_value(env, crew_start(held->crew));
}

static napi_value js_ring(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct held_crew *held = this_of(env, info, &argument);
  int32_t count;
  if (held != NULL && held->crew != NULL &&
      napi_get_value_int32(env, argument, &count) == napi_ok)
    crew_ring(held->crew, count);
  return NULL;
}

static napi_value js_watch(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct held_crew *held = this_of(env, info, &argument);
  if (held != NULL && held->crew != NULL)
    crew_watch(held->crew);
  return NULL;
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct held_crew *held = this_of(env, info, &argument);
  if (held != NULL)
    close_crew(held);
  return NULL;
}

static bool memory_of(napi_env env, napi_value value,
                      napi_typedarray_type wanted, void **data,
                      size_t *length) {
  napi_typedarray_type type;
  return napi_get_typedarray_info(env, value, &type, length, data, NULL,
                                  NULL) == napi_ok &&
         type == wanted;
}

static napi_value refuse(napi_env env, struct held_crew *held,
                         const char *reason) {
  free(held);
  napi_value text;
  if (napi_create_string_utf8(env, reason, NAPI_AUTO_LENGTH, &text) != napi_ok)
    return NULL;
  return text;
}

static bool make_waker(napi_env env, napi_value fn, struct held_crew *held) {
  napi_value name;
  return napi_create_string_utf8(env, "EIOCREW", NAPI_AUTO_LENGTH, &name) ==
             napi_ok &&
         napi_create_threadsafe_function(env, fn, NULL, name, 0, 1, NULL, NULL,
                                         NULL, NULL, &held->wake) == napi_ok &&
         napi_unref_threadsafe_function(env, held->wake) == napi_ok;
}

static napi_value js_open_crew(napi_env env, napi_callback_info info) {
  napi_value given[ARGUMENTS];
  size_t count = ARGUMENTS, control_words, crew_words, words, bytes;
  int32_t *control;
  int32_t slots = 0;
  struct memory memory = {0};
  struct held_crew *held = calloc(1, sizeof *held);
  if (held == NULL)
    return refuse(env, held, "no memory");
  if (napi_get_cb_info(env, info, &count, given, NULL, NULL) != napi_ok ||
      !memory_of(env, given[0], napi_int32_array, (void **)&control,
                 &control_words) ||
      !memory_of(env, given[1], napi_int32_array, (void **)&memory.control,
                 &crew_words) ||
      !memory_of(env, given[2], napi_int32_array, (void **)&memory.words,
                 &words) ||
      !memory_of(env, given[3], napi_uint8_array, (void **)&memory.bytes,
                 &bytes) ||
      napi_get_value_int32(env, given[4], &slots) != napi_ok || slots <= 0 ||
      (slots & (slots - 1)) != 0 || words < (size_t)slots * SLOT_WORDS)
    return refuse(env, held, "its memory is not an instance's");
  memory.slots = slots;
  memory.bytes_max = bytes;
  held->env = env;
  if (!make_waker(env, given[5], held))
    return refuse(env, held, "no function to wake the loop with");
  held->crew = crew_open(memory, control, slots,
                         (struct crew_waker){call_wake, held->wake});
  if (held->crew == NULL) {
    napi_release_threadsafe_function(held->wake, napi_tsfn_abort);
    return refuse(env, held, "no memory");
  }
  for (int i = 0; i < PINNED; i++)
    napi_create_reference(env, given[i], 1, &held->pinned[i]);
  const napi_property_descriptor methods[] = {
      {.utf8name = "start", .method = js_start},
      {.utf8name = "ring", .method = js_ring},
      {.utf8name = "watch", .method = js_watch},
      {.utf8name = "close", .method = js_close},
  };
  napi_value object;
  if (napi_create_object(env, &object) != napi_ok ||
      napi_define_properties(env, object, sizeof methods / sizeof methods[0],
                             methods) != napi_ok ||
      napi_wrap(env, object, held, collected, NULL, NULL) != napi_ok ||
      napi_add_env_cleanup_hook(env, environment_ends, held) != napi_ok)
    return refuse(env, NULL, "Node-API refused it");
  return object;
}

void crew_define(napi_env env, napi_value exports) {
  const napi_property_descriptor function = {.utf8name = "openCrew",
                                             .method = js_open_crew,
                                             .attributes = napi_enumerable};
  napi_define_properties(env, exports, 1, &function);
}

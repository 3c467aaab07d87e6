// Node-API around a crew: opens it on an instance's shared memory, and closes it with its environment. It
// knows nothing of what threads do.
#include "crew-object.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "attach.h"
#include "crew.h"
#include "held-fds.h"
#include "kept-memory.h"
#include "napi-values.h"

/** The arguments of openCrew() up to here are pinned. */
enum { WAKE_AT = PINNED };

/** A crew as JavaScript holds it. */
struct held {
  napi_env env;
  /** NULL: closed. */
  struct crew *crew;
  struct memory memory;
  napi_threadsafe_function wake;
  napi_ref pinned[PINNED];
  /** With the environment, in the middle of whatever it did. */
  bool ending;
};

static void call_wake(void *data) {
  (void)napi_call_threadsafe_function(data, NULL, napi_tsfn_nonblocking);
}

static void close_crew(void *data) {
  struct held *held = data;
  if (held->crew == NULL)
    return;
  bool gone = crew_close(held->crew);
  if (gone && held->ending)
    crew_drop_results(held->crew);
  if (!gone) {
    held_fds_leave(held->env);
    // Whoever hangs still uses it when the call returns: better lost than somebody else's.
    keep_for_good(held->env, held->pinned, &held->memory);
  }
  (void)napi_release_threadsafe_function(held->wake, napi_tsfn_abort);
  for (int i = 0; i < PINNED && gone; i++)
    if (held->pinned[i] != NULL)
      (void)napi_delete_reference(held->env, held->pinned[i]);
  crew_release(held->crew);
  held->crew = NULL;
}

/** Nobody comes any more for what the threads have read. */
static void environment_ends(void *data) {
  struct held *held = data;
  held->ending = true;
  close_crew(held);
}

static void collected(napi_env env, void *data, void *hint) {
  (void)hint;
  (void)napi_remove_env_cleanup_hook(env, environment_ends, data);
  close_crew(data);
  free(data);
}

/** The crew that a method was called on; NULL, with an exception, where it is closed. */
static struct crew *crew_of(struct call *call, napi_env env,
                            napi_callback_info info) {
  if (!call_begin(call, env, info))
    return NULL;
  const struct held *held = call->data;
  if (held->crew == NULL)
    throw_error(env, "the threads are closed");
  return held->crew;
}

static napi_value js_start(napi_env env, napi_callback_info info) {
  struct call call;
  struct crew *crew = crew_of(&call, env, info);
  return crew == NULL ? NULL : int_value(env, crew_start(crew));
}

static napi_value js_ring(napi_env env, napi_callback_info info) {
  struct call call;
  struct crew *crew = crew_of(&call, env, info);
  if (crew == NULL)
    return NULL;
  int count = call_int(&call, 0, "count");
  if (!call.failed)
    crew_ring(crew, count);
  return NULL;
}

static napi_value js_watch(napi_env env, napi_callback_info info) {
  struct call call;
  struct crew *crew = crew_of(&call, env, info);
  if (crew != NULL)
    crew_watch(crew);
  return NULL;
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  struct call call;
  if (call_begin(&call, env, info))
    close_crew(call.data);
  return NULL;
}

static const struct method methods[] = {
    {"start", js_start},
    {"ring", js_ring},
    {"watch", js_watch},
    {"close", js_close},
};

static bool make_waker(napi_env env, napi_value fn, struct held *held) {
  napi_value name;
  NAPI_TRY(env,
           napi_create_string_utf8(env, "EIOCREW", NAPI_AUTO_LENGTH, &name),
           false);
  NAPI_TRY(env,
           napi_create_threadsafe_function(env, fn, NULL, name, 0, 1, NULL,
                                           NULL, NULL, NULL, &held->wake),
           false);
  NAPI_TRY(env, napi_unref_threadsafe_function(env, held->wake), false);
  return true;
}

/** The object owns `held` from here on, whatever fails. */
static napi_value object_of(napi_env env, struct held *held,
                            const struct call *call) {
  napi_value object;
  NAPI_TRY(env, napi_create_object(env, &object), NULL);
  NAPI_TRY(env, napi_add_finalizer(env, object, held, collected, NULL, NULL),
           NULL);
  NAPI_TRY(env, napi_add_env_cleanup_hook(env, environment_ends, held), NULL);
  for (int i = 0; i < PINNED; i++)
    NAPI_TRY(env,
             napi_create_reference(env, call->given[i], 1, &held->pinned[i]),
             NULL);
  return define_methods(env, object, methods,
                        sizeof methods / sizeof methods[0], held)
             ? object
             : NULL;
}

napi_value js_open_crew(napi_env env, napi_callback_info info) {
  struct call call;
  size_t control_words, crew_words;
  if (!call_begin(&call, env, info))
    return NULL;
  int32_t *control = call_shared_words(&call, 0, "control", &control_words);
  int32_t *own = call_shared_words(&call, 1, "crewControl", &crew_words);
  struct memory memory = call_memory(&call, 2, 3);
  (void)call_list(&call, PINNED_ARRAYS, "requests");
  napi_value fn = call_function(&call, WAKE_AT, "wake");
  if (call.failed)
    return NULL;
  if ((memory.slots & (memory.slots - 1)) != 0 ||
      control_words < CONTROL_RINGS ||
      crew_words < crew_words_for(memory.slots))
    return throw_type_error(env, "crewControl", "the words of a crew");
  memory.control = own;
  struct held *held = calloc(1, sizeof *held);
  if (held == NULL)
    return refusal_value(env, "malloc", -ENOMEM);
  held->env = env;
  held->memory = memory;
  if (!make_waker(env, fn, held)) {
    free(held);
    return NULL;
  }
  held->crew =
      crew_open(memory, control, (struct crew_waker){call_wake, held->wake});
  if (held->crew == NULL) {
    (void)napi_release_threadsafe_function(held->wake, napi_tsfn_abort);
    free(held);
    return refusal_value(env, "malloc", -ENOMEM);
  }
  return object_of(env, held, &call);
}

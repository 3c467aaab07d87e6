// A bit for each descriptor, in memory that belongs to the environment; see held-fds.h. It does not know how
// descriptors are opened.
#include "held-fds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "napi-values.h"
#include "syscalls.h"

enum { WORD_BITS = 64, WORDS_MIN = 16 };

struct held_fds {
  uint64_t *words;
  size_t count;
  bool left;
};

static void close_all(void *data) {
  const struct held_fds *held = data;
  for (size_t at = 0; at < held->count && !held->left; at++)
    for (int bit = 0; bit < WORD_BITS; bit++)
      if ((held->words[at] >> bit & 1) != 0)
        calls->close((int)at * WORD_BITS + bit);
}

static void free_held(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  struct held_fds *held = data;
  free(held->words);
  free(held);
}

static struct held_fds *held_of(napi_env env) {
  void *held = NULL;
  return napi_get_instance_data(env, &held) == napi_ok ? held : NULL;
}

bool held_fds_open(napi_env env) {
  struct held_fds *held = calloc(1, sizeof *held);
  if (held == NULL)
    return !napi_failed(env, napi_generic_failure);
  if (napi_failed(env, napi_set_instance_data(env, held, free_held, NULL))) {
    free(held);
    return false;
  }
  NAPI_TRY(env, napi_add_env_cleanup_hook(env, close_all, held), false);
  return true;
}

void held_fds_leave(napi_env env) {
  struct held_fds *held = held_of(env);
  if (held != NULL)
    held->left = true;
}

/** Without memory the descriptor is merely not closed at the end. */
static bool has_room(struct held_fds *held, size_t at) {
  if (at < held->count)
    return true;
  size_t count = held->count == 0 ? WORDS_MIN : 2 * held->count;
  while (count <= at)
    count *= 2;
  uint64_t *words = realloc(held->words, count * sizeof *words);
  if (words == NULL)
    return false;
  memset(words + held->count, 0, (count - held->count) * sizeof *words);
  held->words = words;
  held->count = count;
  return true;
}

static void set(napi_env env, napi_callback_info info, bool holds) {
  struct call call;
  struct held_fds *held = held_of(env);
  if (!call_begin(&call, env, info) || held == NULL)
    return;
  int fd = call_int(&call, 0, "fd");
  if (call.failed || fd < 0)
    return;
  size_t at = (size_t)fd / WORD_BITS;
  uint64_t bit = UINT64_C(1) << (size_t)fd % WORD_BITS;
  if (holds && has_room(held, at))
    held->words[at] |= bit;
  else if (at < held->count)
    held->words[at] &= ~bit;
}

napi_value js_hold_fd(napi_env env, napi_callback_info info) {
  set(env, info, true);
  return NULL;
}

napi_value js_drop_fd(napi_env env, napi_callback_info info) {
  set(env, info, false);
  return NULL;
}

napi_value js_move_fd(napi_env env, napi_callback_info info) {
  struct call call;
  if (!call_begin(&call, env, info))
    return NULL;
  int from = call_int(&call, 0, "from");
  int to = call_int(&call, 1, "to");
  if (call.failed)
    return NULL;
  if (dup3(from, to, O_CLOEXEC) < 0)
    return int_value(env, -errno);
  calls->close(from);
  return int_value(env, 0);
}

// A descriptor that libuv watches for one environment, as an object of JavaScript's whose function is called when something
// happens there. It knows neither what is watched for nor what the descriptor is of.
//
//   fd_watch_open -- fd_watch_object -- fd_watch_stop, or the object is collected, or the environment ends --> stopped
//   freed when it is stopped, libuv has let go, and the object is collected
#pragma once

#include <node_api.h>
#include <stdbool.h>

#include "napi-values.h"
#include "uv-poll.h"

struct fd_watch {
  napi_env env;
  napi_ref called;
  napi_async_context context;
  napi_async_cleanup_hook_handle hook;
  uv_poll_t *poll;
  int fd;
  /** What its object says for the descriptor; -1: the descriptor itself. */
  int number;
  /** It is closed when the watching stops. */
  bool owns_fd;
  bool stopped;
  /** JavaScript's object may outlive the watching, and the watching the object. */
  bool collected;
  bool released;
  /** What is to end with the watching, if anything. */
  void (*ends)(void *data);
  void *data;
};

/** What an object is to be: `called` is its function, `name` that of its async context. */
struct fd_watch_kind {
  const char *name;
  const struct method *methods;
  size_t count;
};

/** Nothing is watched for yet. NULL, with *error set to an errno, where it cannot be had: then `fd` is the caller's. */
struct fd_watch *fd_watch_open(napi_env env, int fd, int *error);

/** NULL, with an exception, when it cannot be made: then the watching has stopped. */
napi_value fd_watch_object(struct fd_watch *, const struct fd_watch_kind *,
                           napi_value called);

/** Calls back; to be called by libuv. */
void fd_watch_call(const struct fd_watch *);

/** At once, so that the descriptor may be closed; again it does nothing. */
void fd_watch_stop(struct fd_watch *);

/** For uv_poll_start(), where it is all the same what happened. */
void fd_watch_notice(uv_poll_t *, int status, int events);

/** stop(): as a method. A descriptor that is not owned is left: a thread may be about to add a watch to it. */
napi_value fd_watch_js_stop(napi_env env, napi_callback_info info);

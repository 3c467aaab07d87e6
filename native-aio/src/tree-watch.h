// An inotify instance that the loop watches: says when there is something to be read, and reads without waiting. It
// does not know which folders are watched, nor what their changes mean.
#pragma once

#include <node_api.h>

/**
 * watchTree(noticed): { fd, read(bytes), forget(watch), stop(), close() }, or what failed, as `inotify_init1: 24`. `noticed`
 * is called on the loop as long as something is left to read, until stop(). Unless close() is called, the descriptor is its
 * holder's to close.
 */
napi_value js_watch_tree(napi_env env, napi_callback_info info);

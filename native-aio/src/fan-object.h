// fanotify for the loop, as an object of JavaScript's: the like of tree-watch.h's, for whole file systems. It does not know what the
// changes of folders mean.
#pragma once

#include <node_api.h>
#include <stdbool.h>

/** To be called before anything that ends with the environment is opened in it. */
bool fan_object_open(napi_env env);

/**
 * watchFileSystems(noticed): { fd, read(bytes), forget(watch), stop(), close() }, or what failed, as `fanotify_init: 1`. `fd` is no
 * descriptor, but what stands for it in the request `survey`; close() is the same as stop(), and does not wait.
 */
napi_value js_watch_file_systems(napi_env env, napi_callback_info info);

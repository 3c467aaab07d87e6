// Descriptors that objects of ours hold in one environment. They are closed when the environment ends and no
// JavaScript runs any more that would. What holds them is not known here.
#pragma once

#include <node_api.h>
#include <stdbool.h>

/**
 * To be called first of all in an environment: what ends with it later (threads, lanes) then ends before the
 * descriptors do.
 */
bool held_fds_open(napi_env env);

/** A thread that was not waited for may still use any of them: none is closed. */
void held_fds_leave(napi_env env);

/** holdFd(fd): only its holder closes it. */
napi_value js_hold_fd(napi_env env, napi_callback_info info);
/** dropFd(fd): it is closed, or somebody else's, from now on. */
napi_value js_drop_fd(napi_env env, napi_callback_info info);
/** moveFd(from, to): what `from` is open on is `to` afterwards, and `from` is closed. 0, or -errno. */
napi_value js_move_fd(napi_env env, napi_callback_info info);

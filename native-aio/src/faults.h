// For tests, in a build with -DEIO_FAULTS: system calls that fail, or transfer little, when they are told to.
#pragma once

#include <node_api.h>

#ifdef EIO_FAULTS
/** Puts fault(call, outcome, skip, times) among the exports. */
void faults_define(napi_env env, napi_value exports);
#else
static inline void faults_define(napi_env env, napi_value exports) {
  (void)env, (void)exports;
}
#endif

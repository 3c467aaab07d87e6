// For tests, in a build with -DEIO_FAULTS: system calls that fail, or transfer little, on request; and how much
// memory the process holds.
#pragma once

#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef EIO_FAULTS
/** Puts fault(call, outcome, skip, times) and heldBytes() among the exports. */
void faults_define(napi_env env, napi_value exports);
/** Is the call of that name broken off by a signal? Then errno is EINTR. */
bool faults_breaks_off(const char *name);
/** What the ring returns for a slot, or what it is made to return. */
int32_t faults_ring_result(int32_t result);
/** Is a cancel to have no effect? */
bool faults_ring_cancel(void);
/** Does the ring take pipes, too, of which a test knows how to make it wait? */
bool faults_any_fd(void);
#else
static inline bool faults_breaks_off(const char *name) {
  return (void)name, false;
}
static inline int32_t faults_ring_result(int32_t result) { return result; }
static inline bool faults_ring_cancel(void) { return false; }
static inline bool faults_any_fd(void) { return false; }
static inline void faults_define(napi_env env, napi_value exports) {
  (void)env, (void)exports;
}
#endif

// Lets a process start no more threads than the environment variable
// THREADS_LEFT says, from when it is set: as `pids.max` does, with EAGAIN.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef int create_t(pthread_t *, const pthread_attr_t *, void *(*)(void *),
                     void *);

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *argument) {
  const char *left = getenv("THREADS_LEFT");
  if (left != NULL) {
    char less[16];
    if (atoi(left) <= 0)
      return EAGAIN;
    snprintf(less, sizeof less, "%d", atoi(left) - 1);
    setenv("THREADS_LEFT", less, 1);
  }
  create_t *real = (create_t *)dlsym(RTLD_NEXT, "pthread_create");
  return real(thread, attributes, run, argument);
}

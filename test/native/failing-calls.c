// Linked into the addon, and its linker takes these in the place of the C library's: the n-th call for memory or a thread
// fails, and so many after it. Which one, a file says that EIO_FAILING_CALLS names: it is shared memory.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/** As the program has them: how many pass, how many fail then, and how many have failed. */
enum { LEFT, TIMES, FAILED, WORDS };

static _Atomic int none[WORDS];
static _Atomic int *words = none;

void *__real_mmap(void *, size_t, int, int, int, off_t);
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
int __real_pthread_create(pthread_t *, const pthread_attr_t *,
                          void *(*)(void *), void *);

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("EIO_FAILING_CALLS");
  int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return;
  void *shared =
      __real_mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (shared != MAP_FAILED)
    words = shared;
}

static int fails(void) {
  if (words[TIMES] <= 0 || words[LEFT]-- > 0 || words[TIMES]-- <= 0)
    return 0;
  words[FAILED]++;
  errno = ENOMEM;
  return 1;
}

void *__wrap_malloc(size_t bytes) {
  return fails() ? NULL : __real_malloc(bytes);
}
void *__wrap_calloc(size_t count, size_t bytes) {
  return fails() ? NULL : __real_calloc(count, bytes);
}
void *__wrap_realloc(void *old, size_t bytes) {
  return fails() ? NULL : __real_realloc(old, bytes);
}
void *__wrap_mmap(void *at, size_t bytes, int rights, int flags, int fd,
                  off_t offset) {
  return fails() ? MAP_FAILED
                 : __real_mmap(at, bytes, rights, flags, fd, offset);
}
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *data) {
  return fails() ? EAGAIN
                 : __real_pthread_create(thread, attributes, run, data);
}

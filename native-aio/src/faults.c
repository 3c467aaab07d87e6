// Faults: a table of system calls in front of the kernel's; see faults.h. Each call consults its plan first. A
// plan lets some calls pass, then strikes a number of times: with an errno, or with a short transfer.
#include "faults.h"

#ifdef EIO_FAULTS
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "napi-values.h"
#include "syscalls.h"

enum { NAME_BYTES = 32 };

struct plan {
  const char *name;
  /** Below 0: -errno. Above: a transfer has so many bytes at most. */
  int outcome;
  int skip;
  int times;
  int struck;
};

#define CALLS(X)                                                               \
  X(read)                                                                      \
  X(write)                                                                     \
  X(writev)                                                                    \
  X(read_nowait)                                                               \
  X(copy_range)                                                                \
  X(clone)                                                                     \
  X(sendfile)                                                                  \
  X(open)                                                                      \
  X(open_within)                                                               \
  X(open_cached)                                                               \
  X(close)                                                                     \
  X(statx)                                                                     \
  X(fsync)                                                                     \
  X(truncate)                                                                  \
  X(getdents)                                                                  \
  X(watch)                                                                     \
  X(mark)                                                                      \
  X(mkdir)                                                                     \
  X(unlink)                                                                    \
  X(rename)                                                                    \
  X(link)                                                                      \
  X(symlink)                                                                   \
  X(readlink)                                                                  \
  X(chmod)                                                                     \
  X(chown)                                                                     \
  X(utimes)                                                                    \
  X(ring_setup)                                                                \
  X(ring_enter)                                                                \
  X(ring_register)                                                             \
  X(eventfd)                                                                   \
  X(aio_setup)                                                                 \
  X(aio_destroy)                                                               \
  X(aio_submit)                                                                \
  X(aio_events)

/** What is no call, and may go wrong as well; see faults.h. */
#define PLANS(X) CALLS(X) X(ring_result) X(ring_cancel) X(any_fd)

#define NUMBER(name) CALL_##name,
enum { PLANS(NUMBER) PLAN_COUNT };
#define PLAN(call_name) {.name = #call_name},
static struct plan plans[] = {PLANS(PLAN)};

/** The plan of the call if it strikes now; threads may call it at the same time. */
static const struct plan *strikes(int call) {
  struct plan *plan = &plans[call];
  if (__atomic_load_n(&plan->times, __ATOMIC_ACQUIRE) <= 0)
    return NULL;
  if (__atomic_fetch_sub(&plan->skip, 1, __ATOMIC_ACQ_REL) > 0)
    return NULL;
  if (__atomic_fetch_sub(&plan->times, 1, __ATOMIC_ACQ_REL) <= 0)
    return NULL;
  __atomic_fetch_add(&plan->struck, 1, __ATOMIC_RELAXED);
  return plan;
}

/** All but these are made again by syscalls.c, and so are broken off there. */
static bool reports_interruptions(int call) {
  switch (call) {
  case CALL_sendfile:
  case CALL_ring_enter:
  case CALL_ring_result:
  case CALL_aio_submit:
  case CALL_aio_events:
    return true;
  default:
    return false;
  }
}

static bool is_broken_off(int call) {
  return __atomic_load_n(&plans[call].outcome, __ATOMIC_RELAXED) == -EINTR &&
         !reports_interruptions(call);
}

static int failure(int call) {
  const struct plan *plan = is_broken_off(call) ? NULL : strikes(call);
  return plan == NULL ? 0 : __atomic_load_n(&plan->outcome, __ATOMIC_RELAXED);
}

static int call_of_name(const char *name) {
  int call = 0;
  while (call < PLAN_COUNT && strcmp(plans[call].name, name) != 0)
    call++;
  return call;
}

bool faults_breaks_off(const char *name) {
  int call = call_of_name(name);
  if (call == PLAN_COUNT || !is_broken_off(call) || strikes(call) == NULL)
    return false;
  errno = EINTR;
  return true;
}

/** 0 or -errno; a short transfer changes *bytes instead. */
static int shortened(int call, size_t *bytes) {
  int outcome = failure(call);
  if (outcome <= 0)
    return outcome;
  if (*bytes > (size_t)outcome)
    *bytes = (size_t)outcome;
  return 0;
}

#define FAILS(name)                                                            \
  int error = failure(CALL_##name);                                            \
  if (error < 0)                                                               \
  return error

#define FAILS_OR_SHORTENS(name)                                                \
  int error = shortened(CALL_##name, &bytes);                                  \
  if (error < 0)                                                               \
  return error

static int64_t fault_read(int fd, void *data, size_t bytes, int64_t position) {
  FAILS_OR_SHORTENS(read);
  return kernel_calls.read(fd, data, bytes, position);
}

static int64_t fault_write(int fd, const void *data, size_t bytes,
                           int64_t position) {
  FAILS_OR_SHORTENS(write);
  return kernel_calls.write(fd, data, bytes, position);
}

/** Shortened to its first part. */
static int64_t fault_writev(int fd, const struct iovec *parts, int count,
                            int64_t position) {
  size_t bytes = parts[0].iov_len;
  FAILS_OR_SHORTENS(writev);
  const struct iovec first = {.iov_base = parts[0].iov_base, .iov_len = bytes};
  return bytes < parts[0].iov_len
             ? kernel_calls.writev(fd, &first, 1, position)
             : kernel_calls.writev(fd, parts, count, position);
}

static int64_t fault_read_nowait(int fd, void *data, size_t bytes,
                                 int64_t position) {
  FAILS_OR_SHORTENS(read_nowait);
  return kernel_calls.read_nowait(fd, data, bytes, position);
}

static int64_t fault_copy_range(int to, int from, size_t bytes) {
  FAILS_OR_SHORTENS(copy_range);
  return kernel_calls.copy_range(to, from, bytes);
}

static int fault_clone(int to, int from) {
  FAILS(clone);
  return kernel_calls.clone(to, from);
}

static int64_t fault_sendfile(int to, int from, int64_t position,
                              size_t bytes) {
  FAILS_OR_SHORTENS(sendfile);
  return kernel_calls.sendfile(to, from, position, bytes);
}

static int fault_open(int folder, const char *path, int flags, unsigned mode) {
  FAILS(open);
  return kernel_calls.open(folder, path, flags, mode);
}

static int fault_open_within(int folder, const char *path, int flags,
                             unsigned mode, uint64_t resolve) {
  FAILS(open_within);
  return kernel_calls.open_within(folder, path, flags, mode, resolve);
}

static int fault_open_cached(int folder, const char *path, uint64_t flags,
                             uint64_t resolve) {
  FAILS(open_cached);
  return kernel_calls.open_cached(folder, path, flags, resolve);
}

/** What fails has closed, as with the kernel. */
static int fault_close(int fd) {
  int result = kernel_calls.close(fd);
  FAILS(close);
  return result;
}

static int fault_statx(int fd, const char *path, int flags, struct statx *to) {
  FAILS(statx);
  return kernel_calls.statx(fd, path, flags, to);
}

static int fault_truncate(int fd, int64_t bytes) {
  FAILS(truncate);
  return kernel_calls.truncate(fd, bytes);
}
static int fault_fsync(int fd, int data_only) {
  FAILS(fsync);
  return kernel_calls.fsync(fd, data_only);
}

/** Above 0: the file system says nothing of types. */
static int64_t fault_getdents(int fd, void *to, size_t bytes) {
  int outcome = failure(CALL_getdents);
  if (outcome < 0)
    return outcome;
  int64_t count = kernel_calls.getdents(fd, to, bytes);
  if (outcome == 0)
    return count;
  for (int64_t at = 0; at < count;) {
    struct dirent64 *entry = (struct dirent64 *)((uint8_t *)to + at);
    entry->d_type = DT_UNKNOWN;
    at += entry->d_reclen;
  }
  return count;
}

static int fault_watch(int inotify, const char *path, uint32_t mask) {
  FAILS(watch);
  return kernel_calls.watch(inotify, path, mask);
}

static int fault_mark(int fanotify, unsigned flags, uint64_t mask, int fd) {
  FAILS(mark);
  return kernel_calls.mark(fanotify, flags, mask, fd);
}

static int fault_mkdir(int folder, const char *path, unsigned mode) {
  FAILS(mkdir);
  return kernel_calls.mkdir(folder, path, mode);
}

static int fault_unlink(int folder, const char *path, int flags) {
  FAILS(unlink);
  return kernel_calls.unlink(folder, path, flags);
}

static int fault_rename(int folder, const char *path, int folder2,
                        const char *path2) {
  FAILS(rename);
  return kernel_calls.rename(folder, path, folder2, path2);
}

static int fault_link(int folder, const char *path, int folder2,
                      const char *path2) {
  FAILS(link);
  return kernel_calls.link(folder, path, folder2, path2);
}

static int fault_symlink(const char *target, int folder, const char *path) {
  FAILS(symlink);
  return kernel_calls.symlink(target, folder, path);
}

static int fault_readlink(int folder, const char *path, char *to,
                          size_t bytes) {
  FAILS(readlink);
  return kernel_calls.readlink(folder, path, to, bytes);
}

static int fault_chmod(int folder, const char *path, unsigned mode) {
  FAILS(chmod);
  return kernel_calls.chmod(folder, path, mode);
}

static int fault_chown(int folder, const char *path, unsigned uid, unsigned gid,
                       int flags) {
  FAILS(chown);
  return kernel_calls.chown(folder, path, uid, gid, flags);
}

static int fault_utimes(int folder, const char *path,
                        const struct timespec times[2], int flags) {
  FAILS(utimes);
  return kernel_calls.utimes(folder, path, times, flags);
}

static int fault_ring_setup(unsigned entries, struct io_uring_params *params) {
  FAILS(ring_setup);
  return kernel_calls.ring_setup(entries, params);
}

/** A short one takes fewer entries than there are. */
static int fault_ring_enter(int fd, unsigned count, unsigned wait_for,
                            unsigned flags, const void *arg, size_t bytes) {
  int outcome = failure(CALL_ring_enter);
  if (outcome < 0)
    return outcome;
  if (outcome > 0 && count > (unsigned)outcome)
    count = (unsigned)outcome;
  return kernel_calls.ring_enter(fd, count, wait_for, flags, arg, bytes);
}

static int fault_ring_register(int fd, unsigned what, const void *arg,
                               unsigned count) {
  FAILS(ring_register);
  return kernel_calls.ring_register(fd, what, arg, count);
}

static int fault_eventfd(void) {
  FAILS(eventfd);
  return kernel_calls.eventfd();
}

static int fault_aio_setup(unsigned events, aio_context_t *context) {
  FAILS(aio_setup);
  return kernel_calls.aio_setup(events, context);
}

static int fault_aio_destroy(aio_context_t context) {
  FAILS(aio_destroy);
  return kernel_calls.aio_destroy(context);
}

/** A short one takes fewer than there are. */
static long fault_aio_submit(aio_context_t context, long count,
                             struct iocb **iocbs) {
  int outcome = failure(CALL_aio_submit);
  if (outcome < 0)
    return outcome;
  if (outcome > 0 && count > outcome)
    count = outcome;
  return kernel_calls.aio_submit(context, count, iocbs);
}

static long fault_aio_events(aio_context_t context, long min, long max,
                             struct io_event *to, struct timespec *time) {
  FAILS(aio_events);
  return kernel_calls.aio_events(context, min, max, to, time);
}

int32_t faults_ring_result(int32_t result) {
  int outcome = failure(CALL_ring_result);
  return outcome < 0 || (outcome > 0 && outcome < result) ? outcome : result;
}

bool faults_any_fd(void) { return failure(CALL_any_fd) != 0; }

bool faults_ring_cancel(void) { return failure(CALL_ring_cancel) != 0; }

#define ENTRY(name) .name = fault_##name,
const struct calls faulty_calls = {CALLS(ENTRY)};

/** fault(call, outcome, skip, times): how often the plan that was there has struck. */
static napi_value js_fault(napi_env env, napi_callback_info info) {
  struct call call;
  char name[NAME_BYTES];
  if (!call_begin(&call, env, info))
    return NULL;
  call_text(&call, 0, "call", name, sizeof name);
  int outcome = call_int(&call, 1, "outcome");
  int skip = call_int(&call, 2, "skip");
  int times = call_int(&call, 3, "times");
  if (call.failed)
    return NULL;
  int at = call_of_name(name);
  if (at == PLAN_COUNT)
    return throw_error(env, "there is no such call");
  struct plan *plan = &plans[at];
  __atomic_store_n(&plan->times, 0, __ATOMIC_RELEASE);
  // A thread may be at it still.
  int struck = __atomic_exchange_n(&plan->struck, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&plan->outcome, outcome, __ATOMIC_RELAXED);
  __atomic_store_n(&plan->skip, skip, __ATOMIC_RELAXED);
  __atomic_store_n(&plan->times, times, __ATOMIC_RELEASE);
  return int_value(env, struck);
}

/** heldBytes(): what malloc has given to anybody in the process, and not got back. */
static napi_value js_held_bytes(napi_env env, napi_callback_info info) {
  (void)info;
  struct mallinfo2 all = mallinfo2();
  napi_value value;
  NAPI_TRY(env,
           napi_create_double(env, (double)(all.uordblks + all.hblkhd), &value),
           NULL);
  return value;
}

void faults_define(napi_env env, napi_value exports) {
  (void)define(env, exports, "fault", js_fault);
  (void)define(env, exports, "heldBytes", js_held_bytes);
}
#endif

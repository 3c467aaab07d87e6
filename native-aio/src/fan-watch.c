// See fan-watch.h.
//
//   kernel's queue --> the thread, or the loop as it reads --> notes --> the loop
//
// The loop has to know all that has happened up to a point, so it takes what is queued itself, under the same lock as the thread.
#include "fan-watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fan-notes.h"
#include "fanotify-abi.h"
#include "syscalls.h"

enum {
  /** What is read at once: some thousand events. */
  ROOM_BYTES = 1 << 16,
  /** MAX_HANDLE_SZ. */
  HANDLE_BYTES = 128,
  STACK_BYTES = 1 << 17,
  /** The thread does not wake for each change on a busy file system. */
  GATHER_MS = 2,
};

struct fan {
  int number;
  int group, wake, quit;
  atomic_int refs;
  /** Guards what follows. */
  pthread_mutex_t lock;
  struct fan_folders *folders;
  struct fan_notes notes;
  /** The loop has what was queued when it began to read. */
  bool drained;
  _Alignas(8) uint8_t room[ROOM_BYTES];
  struct fan *next;
};

/** All of this process that have not ended. */
static struct fan *open_ones;
static int numbers;
/** Threads that have been told to go. */
static int ending;
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;

static void let_go(struct fan *fan) {
  if (atomic_fetch_sub(&fan->refs, 1) > 1)
    return;
  // Of these the group takes its time: the kernel waits for its readers.
  const int fds[] = {fan->wake, fan->quit, fan->group};
  for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
    if (fds[i] >= 0)
      close(fds[i]);
  if (fan->folders != NULL)
    fan_folders_close(fan->folders);
  free(fan->notes.data);
  pthread_mutex_destroy(&fan->lock);
  free(fan);
}

static void ring(int fd) {
  const uint64_t one = 1;
  ssize_t written = write(fd, &one, sizeof one);
  (void)written;
}

/** So many events are queued; that many at most have to be read for all that is known now. */
static size_t queued(const struct fan *fan) {
  int bytes = 0;
  // Never less than this for each.
  return ioctl(fan->group, FIONREAD, &bytes) == 0
             ? (size_t)bytes / FAN_EVENT_METADATA_LEN
             : 0;
}

/** Under the lock; returns how many events it took. */
static size_t take_some(struct fan *fan) {
  ssize_t bytes;
  do
    bytes = read(fan->group, fan->room, sizeof fan->room);
  while (bytes == -1 && errno == EINTR);
  if (bytes <= 0)
    return 0;
  return fan_notes_add(&fan->notes, fan->folders, fan->room, (size_t)bytes);
}

/** By the thread. The lock is let go again and again, so that the loop does not wait for all of it. */
static void take_queued(struct fan *fan) {
  for (size_t left = queued(fan), took = 1; left > 0 && took > 0;) {
    pthread_mutex_lock(&fan->lock);
    took = take_some(fan);
    if (fan_notes_any(&fan->notes))
      ring(fan->wake);
    pthread_mutex_unlock(&fan->lock);
    left -= took < left ? took : left;
  }
}

static void *live(void *data) {
  struct fan *fan = data;
  pthread_setname_np(pthread_self(), "eio-fanotify");
  struct pollfd fds[] = {{.fd = fan->quit, .events = POLLIN},
                         {.fd = fan->group, .events = POLLIN}};
  for (;;) {
    (void)poll(fds, 2, -1);
    take_queued(fan);
    if (poll(fds, 1, GATHER_MS) > 0)
      break;
  }
  let_go(fan);
  pthread_mutex_lock(&all_lock);
  ending--;
  pthread_cond_broadcast(&ended);
  pthread_mutex_unlock(&all_lock);
  return NULL;
}

static int start(struct fan *fan) {
  pthread_attr_t attributes;
  sigset_t all, before;
  pthread_t thread;
  int error = pthread_attr_init(&attributes);
  if (error != 0)
    return error;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  atomic_fetch_add(&fan->refs, 1);
  // Signals are for Node's own threads.
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  error = pthread_create(&thread, &attributes, live, fan);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (error != 0)
    atomic_fetch_sub(&fan->refs, 1);
  return error;
}

/** 0, or an errno and what it is of. */
static int fill(struct fan *fan, const char **what) {
  *what = "fanotify_init";
  fan->group = (int)syscall(SYS_fanotify_init,
                            FAN_CLASS_NOTIF | FAN_REPORT_DIR_FID |
                                FAN_REPORT_NAME | FAN_CLOEXEC | FAN_NONBLOCK,
                            O_RDONLY);
  if (fan->group < 0)
    return errno;
  *what = "eventfd";
  fan->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  fan->quit = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fan->wake < 0 || fan->quit < 0)
    return errno;
  *what = "malloc";
  fan->folders = fan_folders_open();
  if (fan->folders == NULL)
    return ENOMEM;
  *what = "pthread_create";
  return start(fan);
}

struct fan *fan_open(const char **what, int *error) {
  struct fan *fan = calloc(1, sizeof *fan);
  *what = "malloc";
  *error = ENOMEM;
  if (fan == NULL)
    return NULL;
  fan->group = fan->wake = fan->quit = -1;
  atomic_init(&fan->refs, 1);
  pthread_mutex_init(&fan->lock, NULL);
  *error = fill(fan, what);
  if (*error != 0) {
    let_go(fan);
    return NULL;
  }
  pthread_mutex_lock(&all_lock);
  fan->number = ++numbers;
  fan->next = open_ones;
  open_ones = fan;
  pthread_mutex_unlock(&all_lock);
  return fan;
}

int fan_number(const struct fan *fan) { return fan->number; }
int fan_wake_fd(const struct fan *fan) { return fan->wake; }

/** NULL: it has ended. Otherwise let_go() follows. */
static struct fan *borrow(int number) {
  pthread_mutex_lock(&all_lock);
  struct fan *fan = open_ones;
  while (fan != NULL && fan->number != number)
    fan = fan->next;
  if (fan != NULL)
    atomic_fetch_add(&fan->refs, 1);
  pthread_mutex_unlock(&all_lock);
  return fan;
}

/** The mark of a file system that has one stays as it is, which costs less than to know which ones have; and no mark is missing when
 * another file system comes to a number that one had before. */
static int mark(const struct fan *fan, int folder, uint32_t mask) {
  const uint32_t of_itself = FAN_DELETE_SELF | FAN_MOVE_SELF;
  int result = calls->mark(fan->group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
                           mask & ~of_itself, folder);
  if (result == 0 && (mask & of_itself) != 0)
    result = calls->mark(fan->group, FAN_MARK_ADD,
                         (mask & of_itself) | FAN_ONDIR, folder);
  return result;
}

static int add(struct fan *fan, int folder) {
  union {
    struct file_handle head;
    uint8_t room[sizeof(struct file_handle) + HANDLE_BYTES];
  } handle = {.head.handle_bytes = HANDLE_BYTES};
  struct statfs stats;
  int mount;
  int result = name_to_handle_at(folder, "", &handle.head, &mount,
                                 AT_EMPTY_PATH | AT_HANDLE_FID);
  if (result == -1 && errno == EINVAL)
    result = name_to_handle_at(folder, "", &handle.head, &mount, AT_EMPTY_PATH);
  if (result == -1 || fstatfs(folder, &stats) == -1)
    return -errno;
  struct fan_key key = {
      .file_system = &stats.f_fsid,
      .type = handle.head.handle_type,
      .bytes = handle.head.handle_bytes,
      .handle = handle.room + offsetof(struct file_handle, f_handle),
  };
  pthread_mutex_lock(&fan->lock);
  result = fan_folders_add(fan->folders, key);
  pthread_mutex_unlock(&fan->lock);
  return result;
}

int fan_watch(int number, int folder, uint32_t mask) {
  struct fan *fan = borrow(number);
  if (fan == NULL)
    return -EBADF;
  // From here on its changes are queued; from the other on they are known to be of the tree.
  int result = mark(fan, folder, mask);
  if (result == 0)
    result = add(fan, folder);
  let_go(fan);
  return result;
}

void fan_forget(struct fan *fan, int folder) {
  pthread_mutex_lock(&fan->lock);
  fan_folders_drop(fan->folders, folder);
  pthread_mutex_unlock(&fan->lock);
}

int64_t fan_read(struct fan *fan, uint8_t *to, size_t room) {
  pthread_mutex_lock(&fan->lock);
  if (!fan->drained)
    for (size_t left = queued(fan), took = 1; left > 0 && took > 0;) {
      took = take_some(fan);
      left -= took < left ? took : left;
    }
  size_t bytes = fan_notes_take(&fan->notes, to, room);
  fan->drained = bytes > 0;
  if (!fan_notes_any(&fan->notes)) {
    uint64_t count;
    ssize_t got = read(fan->wake, &count, sizeof count);
    (void)got;
  }
  pthread_mutex_unlock(&fan->lock);
  return bytes > 0 ? (int64_t)bytes : -EAGAIN;
}

void fan_end(struct fan *fan) {
  pthread_mutex_lock(&all_lock);
  struct fan **at = &open_ones;
  while (*at != fan)
    at = &(*at)->next;
  *at = fan->next;
  ending++;
  pthread_mutex_unlock(&all_lock);
  ring(fan->quit);
  let_go(fan);
}

void fan_wait_for_ends(void *unused) {
  (void)unused;
  pthread_mutex_lock(&all_lock);
  while (ending > 0)
    pthread_cond_wait(&ended, &all_lock);
  pthread_mutex_unlock(&all_lock);
}

// Which mounts are local, from /proc/self/mountinfo: read when it changed, which poll() shows. It
// knows mounts by their number, and no paths.
//
//   36 35 98:0 /root /point options [optional ...] - type source options
#include "mounts.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "file-systems.gen.h"
#include "syscalls.h"

/** The table is as old as this at most, where it has the mount: so long one may go by the number of another that went. */
enum { CHUNK_BYTES = 1 << 16, KNOWN_MS = 10 };

struct mount {
  uint64_t number;
  bool memory;
};

struct table {
  /** Below 0: not opened yet, or nothing could be opened then. */
  int fd;
  struct mount *local;
  size_t count;
  /** When it was last made sure that it is the kernel's. */
  int64_t looked_ms;
};

/** Of all threads of the process: whoever finds that it is old reads it again. */
static struct table table = {.fd = -1, .looked_ms = -KNOWN_MS};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/** Answered by other programs or machines, or made up by the kernel as they are read. */
static const char *const others[] = {OTHERS_FILE_SYSTEMS};

static bool is_other(const char *type, size_t bytes) {
  if (bytes > 5 && memcmp(type, "fuse.", 5) == 0)
    return true;
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (strlen(others[i]) == bytes && memcmp(type, others[i], bytes) == 0)
      return true;
  return false;
}

static bool is_type(const char *type, const char *name) {
  size_t bytes = strlen(name);
  return strncmp(type, name, bytes) == 0 && type[bytes] == ' ';
}

/** Takes a line in; false when there is no memory for it. */
static bool take_line(const char *line) {
  const char *dash = strstr(line, " - ");
  if (dash == NULL)
    return true;
  const char *type = dash + 3;
  if (is_other(type, strcspn(type, " ")))
    return true;
  struct mount *local = realloc(table.local, (table.count + 1) * sizeof *local);
  if (local == NULL)
    return false;
  table.local = local;
  local[table.count++] = (struct mount){
      .number = strtoull(line, NULL, 10),
      .memory = is_type(type, "tmpfs") || is_type(type, "ramfs"),
  };
  return true;
}

/** All of the file, ended by a NUL; NULL when it cannot be had. */
static char *read_all(int fd) {
  char *text = NULL;
  size_t used = 0, room = 0;
  for (;;) {
    if (room - used < CHUNK_BYTES) {
      room += 2 * CHUNK_BYTES;
      char *larger = realloc(text, room);
      if (larger == NULL)
        break;
      text = larger;
    }
    ssize_t count = pread(fd, text + used, CHUNK_BYTES - 1, (off_t)used);
    if (count < 0)
      break;
    used += (size_t)count;
    text[used] = '\0';
    if (count == 0)
      return text;
  }
  free(text);
  return NULL;
}

static void read_table(void) {
  table.count = 0;
  char *text = read_all(table.fd);
  if (text == NULL)
    return;
  char *rest = text;
  for (char *line = strtok_r(text, "\n", &rest); line != NULL;
       line = strtok_r(NULL, "\n", &rest))
    if (!take_line(line))
      break;
  free(text);
}

static void refresh(void) {
  if (table.fd < 0) {
    // No descriptor may have been left: the next caller tries again.
    table.fd = calls->open(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY, 0);
    if (table.fd >= 0)
      read_table();
    return;
  }
  struct pollfd watched = {.fd = table.fd, .events = POLLPRI};
  if (poll(&watched, 1, 0) > 0 && (watched.revents & (POLLPRI | POLLERR)) != 0)
    read_table();
}

static const struct mount *find(uint64_t number) {
  for (size_t i = 0; i < table.count; i++)
    if (table.local[i].number == number)
      return &table.local[i];
  return NULL;
}

enum mount_kind mounts_kind(const struct statx *stats) {
  if ((stats->stx_mask & STATX_MNT_ID) == 0)
    return MOUNT_OTHER;
  pthread_mutex_lock(&lock);
  int64_t now = coarse_ms();
  const struct mount *mount =
      now - table.looked_ms < KNOWN_MS ? find(stats->stx_mnt_id) : NULL;
  if (mount == NULL) {
    table.looked_ms = now;
    refresh();
    mount = find(stats->stx_mnt_id);
  }
  enum mount_kind kind = mount == NULL   ? MOUNT_OTHER
                         : mount->memory ? MOUNT_MEMORY
                                         : MOUNT_LOCAL;
  pthread_mutex_unlock(&lock);
  return kind;
}

// See small-files.h. An open of the ring's does not wait for a writer of a fifo, so one that was opened here is not closed
// before it was read to its end: whoever goes on with it waits for the writer then.
#include "small-files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blocks.h"
#include "clock.h"
#include "fnv1a.h"
#include "job.h"
#include "mounts.h"
#include "ops.gen.h"
#include "page-cache.h"
#include "syscalls.h"
#include "uring.h"

enum {
  FOLDERS = 64,
  /** A file system that comes to be mounted on a folder is found out after so long. */
  KNOWN_MS = 1000,
  /** Entries of the read that shows the end of a file, behind those of the files. */
  END = TOGETHER_MAX,
  ENTRIES = 2 * TOGETHER_MAX,
};

#define CODE(name, code) OP_##name = (code),
enum { EIO_OPS(CODE) };

struct folder {
  uint64_t hash;
  int64_t until_ms;
  enum mount_kind kind;
};

struct small_files {
  struct uring ring;
  struct open_how how;
  struct folder folders[FOLDERS];
  char paths[TOGETHER_MAX][PATH_BYTES];
  /** What the read at the end of each file found, which is nothing if that is the end. */
  uint8_t more[TOGETHER_MAX];
  int32_t results[ENTRIES];
};

struct small_files *small_files_open(void) {
  struct small_files *s = calloc(1, sizeof *s);
  if (s == NULL)
    return NULL;
  if (uring_open_quiet(&s->ring, ENTRIES) < 0) {
    free(s);
    return NULL;
  }
  if (!s->ring.knows[IORING_OP_OPENAT2]) {
    small_files_close(s);
    return NULL;
  }
  s->how = (struct open_how){
      .flags = O_RDONLY | O_CLOEXEC,
      .resolve = RESOLVE_CACHED | RESOLVE_NO_SYMLINKS,
  };
  return s;
}

void small_files_close(struct small_files *s) {
  uring_close(&s->ring);
  free(s);
}

bool small_file_maybe(const struct memory *m, int slot) {
  return slot >= 0 && slot < m->slots &&
         __atomic_load_n(&slot_words(m, slot)[SLOT_OP], __ATOMIC_RELAXED) ==
             OP_slurp;
}

static size_t folder_bytes(const char *path, size_t bytes) {
  while (bytes > 0 && path[bytes - 1] != '/')
    bytes--;
  return bytes;
}

static enum mount_kind look_up(const char *path, size_t bytes) {
  char folder[PATH_BYTES];
  memcpy(folder, path, bytes);
  memcpy(folder + bytes, ".", 2);
  struct statx stats;
  // Devices are opened by whoever has the patience.
  if (strncmp(path, "/dev/", 5) == 0 && strncmp(path, "/dev/shm/", 9) != 0)
    return MOUNT_OTHER;
  if (calls->statx(AT_FDCWD, folder, AT_STATX_DONT_SYNC, &stats) < 0)
    return MOUNT_OTHER;
  return mounts_kind(&stats);
}

/** Where the files of a folder are, as it was known a moment ago. */
static enum mount_kind kind_of(struct small_files *s, const char *path,
                               size_t length, bool looks) {
  size_t bytes = folder_bytes(path, length);
  if (bytes + 2 > PATH_BYTES)
    return MOUNT_OTHER;
  uint64_t hash = fnv1a(FNV1A_START, path, bytes);
  struct folder *folder = &s->folders[hash % FOLDERS];
  int64_t now = coarse_ms();
  if (folder->hash == hash && now < folder->until_ms)
    return folder->kind;
  if (!looks)
    return MOUNT_OTHER;
  *folder = (struct folder){
      .hash = hash,
      .until_ms = now + KNOWN_MS,
      .kind = look_up(path, bytes),
  };
  return folder->kind;
}

bool small_file_may(struct small_files *s, const struct memory *m, int slot,
                    bool looks) {
  const int32_t *w = slot_words(m, slot);
  double most = slot_number(w, NUMBERS_C);
  char path[PATH_BYTES];
  return w[SLOT_WD] < 0 && w[SLOT_RAN] == 0 && w[SLOT_FLAGS] == 0 &&
         w[SLOT_DIRECT] == 0 && w[SLOT_ROOM] > 1 &&
         (int)slot_number(w, NUMBERS_A) == O_RDONLY &&
         (most == 0 || most >= w[SLOT_ROOM]) &&
         slot_copy_path(m, slot, path, sizeof path) &&
         kind_of(s, path, strlen(path), looks) != MOUNT_OTHER;
}

static struct io_uring_sqe *entry(struct small_files *s, int opcode,
                                  unsigned index) {
  struct io_uring_sqe *sqe = uring_sqe(&s->ring);
  sqe->opcode = (uint8_t)opcode;
  sqe->user_data = index;
  return sqe;
}

static bool enter(struct small_files *s, int count) {
  return uring_run(&s->ring, s->results, count);
}

static bool open_all(struct small_files *s, const struct memory *m,
                     struct small_file *files, int count) {
  for (int i = 0; i < count; i++) {
    files[i] = (struct small_file){
        .slot = files[i].slot,
        .left = true,
        .fd = -1,
    };
    slot_copy_path(m, files[i].slot, s->paths[i], PATH_BYTES);
    struct io_uring_sqe *sqe = entry(s, IORING_OP_OPENAT2, (unsigned)i);
    sqe->fd = AT_FDCWD;
    sqe->addr = (uintptr_t)s->paths[i];
    sqe->len = sizeof s->how;
    sqe->off = (uintptr_t)&s->how;
  }
  if (!enter(s, count))
    return false;
  for (int i = 0; i < count; i++) {
    // Anything but this may be otherwise for who waits, or follows links.
    files[i].left = s->results[i] != -ENOENT;
    files[i].result = s->results[i];
    files[i].fd = s->results[i] < 0 ? -1 : s->results[i];
  }
  return true;
}

/** The read, and one of a single byte behind it, for which there is room. */
static void fill_read(struct small_files *s, const struct memory *m,
                      const struct small_file *file, unsigned index) {
  int32_t *w = slot_words(m, file->slot);
  struct io_uring_sqe *sqe = entry(s, IORING_OP_READ, index);
  sqe->fd = file->fd;
  sqe->addr = (uintptr_t)slot_data(m, w);
  sqe->len = (uint32_t)w[SLOT_ROOM] - 1;
  sqe->off = (uint64_t)-1;
  sqe->rw_flags = RWF_NOWAIT;
  sqe->flags = IOSQE_IO_HARDLINK;
  sqe = entry(s, IORING_OP_READ, END + index);
  sqe->fd = file->fd;
  sqe->addr = (uintptr_t)&s->more[index];
  sqe->len = 1;
  sqe->off = (uint64_t)-1;
  sqe->rw_flags = RWF_NOWAIT;
}

static bool is_regular(int fd) {
  struct statx stats;
  return calls->statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, &stats) ==
             0 &&
         S_ISREG(stats.stx_mode);
}

/** From memory, where the file system refuses to say that it does not wait. By a position: a fifo has none, and would wait. */
static void read_again(struct small_files *s, const struct memory *m,
                       const struct small_file *file, unsigned index) {
  int32_t *w = slot_words(m, file->slot);
  int32_t *count = &s->results[index], *behind = &s->results[END + index];
  *count = (int32_t)calls->read(file->fd, slot_data(m, w),
                                (size_t)w[SLOT_ROOM] - 1, 0);
  if (*count >= 0)
    *behind = (int32_t)calls->read(file->fd, &s->more[index], 1, *count);
}

/**
 * What came out of a pipe does not come again, where the kernel reads one without waiting. Without memory for it the request
 * fails, and it is lost as it would be then.
 */
static void keep_read(const struct memory *m, struct small_file *file,
                      size_t used) {
  file->data = block_take(used, &file->room);
  if (file->data == NULL) {
    calls->close(file->fd);
    file->fd = -1;
    file->left = false;
    file->result = job_fail(m, file->slot, -ENOMEM, "read", NULL, NULL);
    return;
  }
  memcpy(file->data, slot_data(m, slot_words(m, file->slot)), used);
  file->used = used;
}

/** Whoever goes on begins with the first byte, and may want the path, on which the data fell. */
static void leave_read(struct small_files *s, const struct memory *m,
                       struct small_file *file, unsigned index, size_t used) {
  file->left = true;
  if (used > 0 && lseek(file->fd, 0, SEEK_SET) < 0)
    keep_read(m, file, used);
  // What the failure says lies there, too.
  if (!file->left)
    return;
  memcpy(slot_block(m, file->slot), s->paths[index],
         (size_t)slot_words(m, file->slot)[SLOT_PATH]);
}

/** A read came to its end where nothing is behind it; nothing at all may be a fifo's way of saying that no writer has come. */
static void take_read(struct small_files *s, const struct memory *m,
                      struct small_file *file, unsigned index) {
  int32_t *w = slot_words(m, file->slot);
  size_t bytes = strlen(s->paths[index]);
  if (s->results[index] == -EOPNOTSUPP &&
      kind_of(s, s->paths[index], bytes, false) == MOUNT_MEMORY)
    read_again(s, m, file, index);
  int32_t count = s->results[index], behind = s->results[END + index];
  size_t used = count < 0 ? 0 : (size_t)count;
  if (behind == 1)
    slot_data(m, w)[used++] = s->more[index];
  if (count < 0 || behind != 0 || (count == 0 && !is_regular(file->fd))) {
    file->ready = behind == 1;
    leave_read(s, m, file, index, used);
    return;
  }
  file->left = false;
  w[SLOT_OUT_BYTES] = (int32_t)used;
  file->result =
      slot_number(w, NUMBERS_B) != 0 ? job_make_text(m, file->slot) : 0;
}

static bool read_all(struct small_files *s, const struct memory *m,
                     struct small_file *files, int count) {
  int entries = 0;
  for (int i = 0; i < count; i++)
    if (files[i].fd >= 0) {
      fill_read(s, m, &files[i], (unsigned)i);
      entries += 2;
    }
  if (!enter(s, entries))
    return false;
  page_cache_use(CACHE_KEEP);
  for (int i = 0; i < count; i++)
    if (files[i].fd >= 0)
      take_read(s, m, &files[i], (unsigned)i);
  return true;
}

static bool close_all(struct small_files *s, struct small_file *files,
                      int count) {
  int entries = 0;
  for (int i = 0; i < count; i++)
    if (files[i].fd >= 0 && !files[i].left) {
      entry(s, IORING_OP_CLOSE, (unsigned)i)->fd = files[i].fd;
      entries++;
    }
  if (enter(s, entries))
    return true;
  for (int i = 0; i < count; i++)
    if (files[i].fd >= 0 && !files[i].left)
      calls->close(files[i].fd);
  return false;
}

bool small_files_read(struct small_files *s, const struct memory *m,
                      struct small_file *files, int count) {
  return open_all(s, m, files, count) && read_all(s, m, files, count) &&
         close_all(s, files, count);
}

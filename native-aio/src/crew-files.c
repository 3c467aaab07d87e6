// Small files that wait one behind the other, read together by whoever takes the first: see small-files.h. What would have
// waited is left to all threads, in front of everything that is queued, which it was before. It does not know how files are read.
#include "crew-state.h"

#include <errno.h>
#include <stdlib.h>

#include "assertions.h"
#include "blocks.h"
#include "files.h"
#include "sys.h"
#include "syscalls.h"

enum {
  /**
   * Where most was left (larger files, a file system that cannot read without waiting), so many chances are let pass, and
   * twice as many each time.
   */
  SPARED_MIN = 32,
  SPARED_MAX = 2048,
};

static bool has_ring(struct file_reader *r) {
  if (r->ring == NULL && !r->refused) {
    r->ring = small_files_open();
    r->refused = r->ring == NULL;
  }
  return r->ring != NULL;
}

void crew_close_reader(struct file_reader *r) {
  if (r->ring != NULL)
    small_files_close(r->ring);
  r->ring = NULL;
}

void crew_drop_left(struct crew *c) {
  for (int i = 0; i < c->left_count; i++) {
    const struct small_file *file = &c->left_files[i];
    if (file->fd >= 0)
      calls->close(file->fd);
    if (file->data != NULL)
      block_give(file->data, file->room);
  }
  free(c->left_files);
}

/** Those behind the first, as far as they are small files, too. */
static int gather(struct crew *c, struct small_file *files) {
  int count = 1;
  for (int i = 0; i < RINGS && count < TOGETHER_MAX; i++) {
    if (ring_length(c->submissions[i]) == 0)
      continue;
    int slot = crew_take(c, c->submissions[i], small_file_maybe);
    // What comes before all others is something else.
    if (slot < 0)
      break;
    files[count++].slot = slot;
    i--;
  }
  return count;
}

static bool next_maybe(const struct crew *c) {
  for (int i = 0; i < RINGS; i++) {
    const int32_t *ring = c->submissions[i];
    uint32_t head = (uint32_t)load(ring + RING_HEAD);
    if (head != (uint32_t)load(ring + RING_TAIL))
      return small_file_maybe(&c->memory,
                              load(ring + RING_HEADER + (head & c->mask)));
  }
  return false;
}

static void leave(struct crew *c, const struct small_file *files, int count) {
  int waiting = 0;
  pthread_mutex_lock(&c->lock);
  for (int i = 0; i < count; i++)
    if (files[i].left) {
      c->left_files[c->left_count] = files[i];
      __atomic_store_n(&c->left_count, c->left_count + 1, __ATOMIC_SEQ_CST);
      waiting += files[i].ready ? 0 : 1;
    }
  pthread_mutex_unlock(&c->lock);
  // This thread reads one of them next. Those that wait do so side by side.
  if (waiting > 1 && load(word(c, CONTROL_SLEEPERS)) > 0)
    crew_ring(c, waiting - 1);
  else if (waiting > 1)
    crew_watch(c);
}

/** True: it can be read with others. */
static bool begin(struct crew *c, struct file_reader *r,
                  struct small_file *file) {
  *file = (struct small_file){.slot = file->slot, .fd = -1};
  if (!crew_begin(c, file->slot))
    file->result = -ECANCELED;
  else if (slot_take(&c->memory, file->slot) != NULL)
    file->result = -EINVAL;
  else
    file->left = file->ready = true;
  return file->left && small_file_may(r->ring, &c->memory, file->slot, false);
}

/** Those that cannot be read together come last, done or left. How many can. */
static int begin_all(struct crew *c, struct file_reader *r,
                     struct small_file *files, int count) {
  int suitable = 0;
  for (int i = 0; i < count; i++)
    if (begin(c, r, &files[i])) {
      struct small_file file = files[i];
      files[i] = files[suitable];
      files[suitable++] = file;
    }
  return suitable;
}

/** How many were read, and not left. */
static int read_all(struct crew *c, struct file_reader *r,
                    struct small_file *files, int count) {
  if (!small_files_read(r->ring, &c->memory, files, count)) {
    crew_close_reader(r);
    r->refused = true;
  }
  int done = 0;
  for (int i = 0; i < count; i++)
    done += files[i].left ? 0 : 1;
  if (done * 2 >= count)
    r->spares = 0;
  else if (r->spares < SPARED_MAX)
    r->spares = r->spares == 0 ? SPARED_MIN : 2 * r->spares;
  r->spared = r->spares;
  return done;
}

static void end(struct crew *c, int slot, int32_t result,
                struct outcome *outcome) {
  outcome->ended++;
  if (!crew_end(c, slot, result))
    outcome->wanted = false;
}

bool crew_read_files(struct crew *c, struct file_reader *r, int slot,
                     struct outcome *outcome) {
  if (load(word(c, CONTROL_USES_RINGS)) == 0 ||
      !small_file_maybe(&c->memory, slot) || !next_maybe(c))
    return false;
  if (r->spared > 0) {
    r->spared--;
    return false;
  }
  slot_enter(&c->memory, slot);
  if (!has_ring(r) || !small_file_may(r->ring, &c->memory, slot, true))
    return false;
  if (outcome->timed)
    outcome->began_ns = now_ns(CLOCK_MONOTONIC);
  struct small_file files[TOGETHER_MAX] = {{.slot = slot}};
  int count = gather(c, files);
  int suitable = begin_all(c, r, files, count);
  add(word(c, CONTROL_FILES_READ), read_all(c, r, files, suitable));
  leave(c, files, count);
  for (int i = 0; i < count; i++)
    if (!files[i].left)
      end(c, files[i].slot, files[i].result, outcome);
  return true;
}

bool crew_read_left(struct crew *c, struct outcome *outcome) {
  if (left_files(c) == 0)
    return false;
  struct small_file file;
  pthread_mutex_lock(&c->lock);
  int left = c->left_count - 1;
  if (left >= 0) {
    file = c->left_files[0];
    memmove(c->left_files, c->left_files + 1,
            (size_t)left * sizeof *c->left_files);
    __atomic_store_n(&c->left_count, left, __ATOMIC_SEQ_CST);
  }
  pthread_mutex_unlock(&c->lock);
  if (left < 0)
    return false;
  int32_t result = file.fd < 0 ? sys_run(&c->memory, file.slot)
                               : file_slurp_left(&c->memory, &file);
  end(c, file.slot, result, outcome);
  return true;
}

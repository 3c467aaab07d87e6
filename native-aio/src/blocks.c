// Size classes in quarters of a power of two, each with a stack of free blocks; see blocks.h.
#include "blocks.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

enum {
  /** The smallest block is 16 KiB; each power of two has four classes. */
  FIRST_SHIFT = 14,
  STEPS = 4,
  CLASSES = (31 - FIRST_SHIFT) * STEPS + 1,
  PAGE_BYTES = 4096,
};

/** What is kept for the next ones, at most. */
#define KEPT_MAX_BYTES ((size_t)128 << 20)

/** A free block begins with this. */
struct free_block {
  struct free_block *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct free_block *free_blocks[CLASSES];
static size_t kept_bytes;
/** Nobody wants any until the next one is taken: what is collected later goes back to the system. */
static bool trimmed;

static size_t class_bytes(int class) {
  size_t base = (size_t)1 << (FIRST_SHIFT + class / STEPS);
  size_t bytes = base + base / STEPS * (size_t)(class % STEPS);
  return (bytes + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1);
}

static int class_of(size_t bytes) {
  int class = 0;
  while (class_bytes(class) < bytes)
    class ++;
  return class;
}

void *block_take(size_t bytes, size_t *room) {
  if (bytes > BLOCK_MAX_BYTES)
    return NULL;
  int class = class_of(bytes);
  *room = class_bytes(class);
  pthread_mutex_lock(&lock);
  trimmed = false;
  struct free_block *block = free_blocks[class];
  if (block != NULL) {
    free_blocks[class] = block->next;
    kept_bytes -= *room;
  }
  pthread_mutex_unlock(&lock);
  if (block != NULL)
    return block;
  void *fresh = mmap(NULL, *room, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return fresh == MAP_FAILED ? NULL : fresh;
}

void block_give(void *data, size_t room) {
  struct free_block *block = data;
  int class = class_of(room);
  pthread_mutex_lock(&lock);
  bool keep = !trimmed && kept_bytes + room <= KEPT_MAX_BYTES;
  if (keep) {
    block->next = free_blocks[class];
    free_blocks[class] = block;
    kept_bytes += room;
  }
  pthread_mutex_unlock(&lock);
  if (!keep)
    munmap(data, room);
}

void blocks_trim(void) {
  for (int class = 0; class < CLASSES; class ++) {
    pthread_mutex_lock(&lock);
    trimmed = true;
    struct free_block *block = free_blocks[class];
    free_blocks[class] = NULL;
    for (struct free_block *b = block; b != NULL; b = b->next)
      kept_bytes -= class_bytes(class);
    pthread_mutex_unlock(&lock);
    while (block != NULL) {
      struct free_block *next = block->next;
      munmap(block, class_bytes(class));
      block = next;
    }
  }
}

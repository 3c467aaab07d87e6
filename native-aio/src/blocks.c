// Size classes in quarters of a power of two, each with a stack of free blocks; see blocks.h. It knows no file: whose
// results they hold is job.c's business.
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
  /** Blocks are cut from chunks; larger ones are mapped by themselves. */
  CUT_MAX_BYTES = 256 << 10,
  CHUNK_BYTES = 2 << 20,
  HUGE_PAGE_BYTES = 2 << 20,
};

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/** What is kept for the next ones, at most: twice what is taken, between these. A collection gives back several at once. */
#define KEPT_LEAST_BYTES ((size_t)128 << 20)
#define KEPT_MOST_BYTES ((size_t)512 << 20)

/** A free block begins with this. */
struct free_block {
  struct free_block *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct free_block *free_blocks[CLASSES];
static size_t kept_bytes, taken_bytes;
/** Nobody wants any until the next one is taken: what is collected later goes back to the system. */
static bool trimmed;
/** What is left of the chunk that blocks are cut from; its pages are untouched. */
static uint8_t *chunk;
static size_t chunk_left;

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

static uint8_t *map(size_t bytes) {
  void *data = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return data == MAP_FAILED ? NULL : data;
}

/** In the system's huge pages where it has some: one fault in place of 512. */
static uint8_t *map_large(size_t bytes) {
  if (bytes < HUGE_PAGE_BYTES)
    return map(bytes);
  uint8_t *data = map(bytes + HUGE_PAGE_BYTES);
  if (data == NULL)
    return NULL;
  size_t before = -(uintptr_t)data & (HUGE_PAGE_BYTES - 1);
  if (before != 0)
    munmap(data, before);
  if (before != HUGE_PAGE_BYTES)
    munmap(data + before + bytes, HUGE_PAGE_BYTES - before);
  (void)madvise(data + before, bytes, MADV_HUGEPAGE);
  return data + before;
}

/** From a chunk; under the lock. */
static uint8_t *cut(size_t room) {
  if (chunk_left < room) {
    uint8_t *fresh = map(CHUNK_BYTES);
    if (fresh == NULL)
      return NULL;
    if (chunk_left != 0)
      munmap(chunk, chunk_left);
    chunk = fresh;
    chunk_left = CHUNK_BYTES;
  }
  chunk_left -= room;
  return chunk + chunk_left;
}

/** All pages in one call, where the kernel has it (Linux 5.14): a fault for each costs more. */
static uint8_t *populate(uint8_t *data, size_t bytes) {
  if (data != NULL)
    (void)madvise(data, (bytes + PAGE_BYTES - 1) & -(size_t)PAGE_BYTES,
                  MADV_POPULATE_WRITE);
  return data;
}

/** The first free one of a class, or NULL; under the lock. */
static struct free_block *pop(int class) {
  struct free_block *block = free_blocks[class];
  if (block != NULL) {
    free_blocks[class] = block->next;
    kept_bytes -= class_bytes(class);
  }
  return block;
}

static void unmap_all(struct free_block *block, size_t room) {
  while (block != NULL) {
    struct free_block *next = block->next;
    munmap(block, room);
    block = next;
  }
}

void *block_take(size_t bytes, size_t *room) {
  if (bytes > BLOCK_MAX_BYTES)
    return NULL;
  int class = class_of(bytes);
  *room = class_bytes(class);
  bool is_cut = *room <= CUT_MAX_BYTES;
  uint8_t *fresh = NULL;
  pthread_mutex_lock(&lock);
  trimmed = false;
  taken_bytes += *room;
  struct free_block *block = pop(class);
  if (block == NULL && is_cut)
    fresh = cut(*room);
  pthread_mutex_unlock(&lock);
  if (block != NULL)
    return block;
  uint8_t *data = is_cut ? populate(fresh, bytes) : map_large(*room);
  if (data == NULL) {
    pthread_mutex_lock(&lock);
    taken_bytes -= *room;
    pthread_mutex_unlock(&lock);
  }
  return data;
}

static size_t keepable_bytes(void) {
  if (trimmed)
    return 0;
  size_t most = 2 * taken_bytes;
  return most < KEPT_LEAST_BYTES  ? KEPT_LEAST_BYTES
         : most > KEPT_MOST_BYTES ? KEPT_MOST_BYTES
                                  : most;
}

void block_give(void *data, size_t room) {
  struct free_block *block = data, *dropped = NULL;
  int class = class_of(room), largest = CLASSES - 1;
  pthread_mutex_lock(&lock);
  block->next = free_blocks[class];
  free_blocks[class] = block;
  kept_bytes += room;
  taken_bytes -= room;
  // The largest goes, so that small ones find room where large ones were read before.
  if (kept_bytes > keepable_bytes()) {
    while (free_blocks[largest] == NULL)
      largest--;
    dropped = pop(largest);
  }
  pthread_mutex_unlock(&lock);
  if (dropped != NULL)
    munmap(dropped, class_bytes(largest));
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
    unmap_all(block, class_bytes(class));
  }
}

// Node-API's external memory costs a weak handle each, which keeps a young ArrayBuffer alive until a full collection:
// readFile of 100 KB spent more time in those than in reading. V8's backing stores go with the next scavenge, and those with V8's
// deleter that does nothing it does not count; what becomes of the block is then up to the count of owners, which is ours. Node exports
// these functions of V8's under the same names from 20 to 26; where they are not found (Bun, Deno, Electron, another C++
// library) Node-API's way is taken.
#include "array-buffer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "blocks.h"
#include "v8-functions.h"

typedef void deleter(void *data, size_t length, void *deleter_data);

/**
 * std::unique_ptr<BackingStore> is returned in memory. A C structure is when it is larger than two registers, and the callee
 * fills its first word only.
 */
struct returned {
  void *store;
  void *unused[3];
};
typedef struct returned new_backing_store(void *data, size_t bytes, deleter *,
                                          void *deleter_data);

/** std::shared_ptr<BackingStore>, as libstdc++ has it; passed by reference. */
struct shared {
  void *store;
  struct counted *count;
};
typedef void *new_array_buffer(void *isolate, struct shared *store);
typedef void destroy_store(void *store);
typedef void delete_memory(void *memory);

struct parted_block {
  /** One for each part, and one of whoever makes them. */
  atomic_size_t owners;
  uint8_t *block;
  size_t room, bytes;
  /** What the block was lent by as a whole; NULL: V8 knows of it by itself. */
  struct loans *loans;
};

/** libstdc++'s _Sp_counted_base, whose table of functions is ours, and what it counts the owners of. */
struct counted {
  const void *const *functions;
  int uses, weak;
  void *store;
  /** Where it is one part of several; then the rest of the block is that of others. */
  struct parted_block *parted;
  void *block;
  size_t room, bytes;
  struct loans *loans;
};

static struct {
  new_backing_store *new_store;
  new_array_buffer *new_buffer;
  current_isolate *isolate;
  destroy_store *destroy;
  delete_memory *delete;
  deleter *no_deleter;
} v8;
static bool found;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find(void) {
  found = FIND(v8.new_store,
               "_ZN2v811ArrayBuffer15NewBackingStoreEPvmPFvS1_mS1_ES1_") &&
          FIND(v8.new_buffer, "_ZN2v811ArrayBuffer3NewEPNS_7IsolateESt10shared_"
                              "ptrINS_12BackingStoreEE") &&
          FIND(v8.isolate, CURRENT_ISOLATE) &&
          FIND(v8.destroy, "_ZN2v812BackingStoreD1Ev") &&
          FIND(v8.delete, "_ZdlPv") &&
          FIND(v8.no_deleter, "_ZN2v812BackingStore12EmptyDeleterEPvmS1_");
}

/** What happens to a store when its last owner lets go: called by libstdc++ through the table. */
static void dispose(struct counted *count) {
  v8.destroy(count->store);
  v8.delete(count->store);
  if (count->parted != NULL) {
    parted_block_close(count->parted);
    return;
  }
  block_give(count->block, count->room);
  loans_return(count->loans, count->bytes);
}
static void destroy(struct counted *count) { free(count); }
static void nothing(struct counted *count) { (void)count; }
static void *no_deleter(struct counted *count, const void *type) {
  return (void)count, (void)type, NULL;
}

/** Both destructors, _M_dispose, _M_destroy, _M_get_deleter. */
static const void *const functions[] = {
    (const void *)nothing, (const void *)nothing,    (const void *)dispose,
    (const void *)destroy, (const void *)no_deleter,
};

static napi_value by_v8(struct loans *loans, struct parted_block *parted,
                        void *block, size_t room, size_t bytes) {
  struct counted *count = malloc(sizeof *count);
  if (count == NULL)
    return NULL;
  void *store = v8.new_store(block, bytes, v8.no_deleter, NULL).store;
  *count = (struct counted){.functions = functions,
                            .uses = 1,
                            .weak = 1,
                            .store = store,
                            .parted = parted,
                            .block = block,
                            .room = room,
                            .bytes = bytes,
                            .loans = loans};
  struct shared shared = {.store = store, .count = count};
  // A handle of V8's is what Node-API calls a value.
  napi_value buffer = v8.new_buffer(v8.isolate(), &shared);
  // What was handed over was moved away, or copied: then our own share goes.
  if (shared.count != NULL)
    __atomic_fetch_sub(&count->uses, 1, __ATOMIC_ACQ_REL);
  return buffer;
}

static void collected(napi_env env, void *block, void *room) {
  (void)env;
  block_give(block, (size_t)(uintptr_t)room);
}

static void part_collected(napi_env env, void *data, void *parted) {
  (void)env, (void)data;
  parted_block_close(parted);
}

napi_value array_buffer_over(napi_env env, struct loans *loans, void *block,
                             size_t room, size_t bytes) {
  pthread_once(&once, find);
  napi_value buffer = NULL;
  if (!found) {
    (void)napi_create_external_arraybuffer(env, block, bytes, collected,
                                           (void *)(uintptr_t)room, &buffer);
    return buffer;
  }
  // First, so that a scavenge that comes of it does not make this buffer one that has outlived one.
  loans_lend(env, loans, bytes);
  buffer = by_v8(loans, NULL, block, room, bytes);
  if (buffer == NULL)
    loans_return(loans, bytes);
  return buffer;
}

struct parted_block *parted_block_open(napi_env env, struct loans *loans,
                                       void *block, size_t room, size_t bytes) {
  pthread_once(&once, find);
  struct parted_block *parted = malloc(sizeof *parted);
  if (parted == NULL)
    return NULL;
  *parted = (struct parted_block){.block = block,
                                  .room = room,
                                  .bytes = bytes,
                                  .loans = found ? loans : NULL};
  atomic_init(&parted->owners, 1);
  if (found)
    loans_lend(env, loans, bytes);
  return parted;
}

void parted_block_close(struct parted_block *parted) {
  if (atomic_fetch_sub(&parted->owners, 1) != 1)
    return;
  block_give(parted->block, parted->room);
  if (parted->loans != NULL)
    loans_return(parted->loans, parted->bytes);
  free(parted);
}

napi_value array_buffer_over_part(napi_env env, struct parted_block *parted,
                                  size_t offset, size_t bytes) {
  uint8_t *data = parted->block + offset;
  napi_value buffer = NULL;
  atomic_fetch_add(&parted->owners, 1);
  if (found)
    buffer = by_v8(NULL, parted, data, 0, bytes);
  else
    (void)napi_create_external_arraybuffer(env, data, bytes, part_collected,
                                           parted, &buffer);
  if (buffer == NULL)
    parted_block_close(parted);
  return buffer;
}

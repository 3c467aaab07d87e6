// See fan-folders.h. Each folder is one block of memory in two chains: of those with the like key, and of those with the like number.
#include "fan-folders.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fnv1a.h"

enum { CHAINS_MIN = 64 };

struct folder {
  struct folder *next_by_key, *next_by_number;
  uint64_t hash;
  int number;
  int type;
  uint32_t bytes;
  /** The file system, then the handle. */
  uint8_t key[];
};

struct fan_folders {
  struct folder **by_key, **by_number;
  /** Chains of each kind: a power of two. */
  size_t chains;
  size_t count;
  int numbers;
};

static uint64_t hash_of(struct fan_key key) {
  uint64_t hash = FNV1A_START ^ (uint64_t)key.type;
  hash = fnv1a(hash, key.file_system, FAN_SYSTEM_BYTES);
  hash = fnv1a(hash, key.handle, key.bytes);
  return hash ^ hash >> 32;
}

static bool has_key(const struct folder *f, uint64_t hash, struct fan_key key) {
  return f->hash == hash && f->type == key.type && f->bytes == key.bytes &&
         memcmp(f->key, key.file_system, FAN_SYSTEM_BYTES) == 0 &&
         memcmp(f->key + FAN_SYSTEM_BYTES, key.handle, key.bytes) == 0;
}

static void link_in(struct fan_folders *all, struct folder *f) {
  struct folder **by_key = &all->by_key[f->hash & (all->chains - 1)];
  struct folder **by_number =
      &all->by_number[(size_t)f->number & (all->chains - 1)];
  f->next_by_key = *by_key;
  *by_key = f;
  f->next_by_number = *by_number;
  *by_number = f;
}

static bool make_chains(struct fan_folders *all, size_t chains) {
  struct fan_folders grown = *all;
  grown.chains = chains;
  grown.by_key = calloc(chains, sizeof *grown.by_key);
  grown.by_number = calloc(chains, sizeof *grown.by_number);
  if (grown.by_key == NULL || grown.by_number == NULL) {
    free(grown.by_key);
    free(grown.by_number);
    return false;
  }
  for (size_t i = 0; i < all->chains; i++)
    for (struct folder *f = all->by_number[i], *next; f != NULL; f = next) {
      next = f->next_by_number;
      link_in(&grown, f);
    }
  free(all->by_key);
  free(all->by_number);
  *all = grown;
  return true;
}

struct fan_folders *fan_folders_open(void) {
  struct fan_folders *all = calloc(1, sizeof *all);
  if (all == NULL || make_chains(all, CHAINS_MIN))
    return all;
  free(all);
  return NULL;
}

void fan_folders_close(struct fan_folders *all) {
  for (size_t i = 0; i < all->chains; i++)
    for (struct folder *f = all->by_number[i], *next; f != NULL; f = next) {
      next = f->next_by_number;
      free(f);
    }
  free(all->by_key);
  free(all->by_number);
  free(all);
}

static const struct folder *find(const struct fan_folders *all, uint64_t hash,
                                 struct fan_key key) {
  const struct folder *f = all->by_key[hash & (all->chains - 1)];
  while (f != NULL && !has_key(f, hash, key))
    f = f->next_by_key;
  return f;
}

int fan_folders_find(const struct fan_folders *all, struct fan_key key) {
  const struct folder *f = find(all, hash_of(key), key);
  return f == NULL ? -1 : f->number;
}

int fan_folders_add(struct fan_folders *all, struct fan_key key) {
  uint64_t hash = hash_of(key);
  const struct folder *known = find(all, hash, key);
  if (known != NULL)
    return known->number;
  if (all->numbers == INT_MAX)
    return -ENOSPC;
  // Without memory for more chains those that there are become longer.
  if (all->count == all->chains)
    (void)make_chains(all, 2 * all->chains);
  struct folder *f = malloc(sizeof *f + FAN_SYSTEM_BYTES + key.bytes);
  if (f == NULL)
    return -ENOMEM;
  f->hash = hash;
  f->number = all->numbers++;
  f->type = key.type;
  f->bytes = (uint32_t)key.bytes;
  memcpy(f->key, key.file_system, FAN_SYSTEM_BYTES);
  memcpy(f->key + FAN_SYSTEM_BYTES, key.handle, key.bytes);
  link_in(all, f);
  all->count++;
  return f->number;
}

void fan_folders_drop(struct fan_folders *all, int number) {
  struct folder **at = &all->by_number[(size_t)number & (all->chains - 1)];
  while (*at != NULL && (*at)->number != number)
    at = &(*at)->next_by_number;
  struct folder *f = *at;
  if (f == NULL)
    return;
  *at = f->next_by_number;
  at = &all->by_key[f->hash & (all->chains - 1)];
  while (*at != f)
    at = &(*at)->next_by_key;
  *at = f->next_by_key;
  all->count--;
  free(f);
}

// What happens in the folders of a table, out of all that fanotify reports of a file system, in inotify's own form: a struct
// inotify_event with the folder's number for a watch, and the name. What happens elsewhere is dropped here.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fan-folders.h"

struct fan_notes {
  uint8_t *data;
  size_t used, room;
  /** So much of it has been taken. */
  size_t taken;
  /** Some are missing: by the kernel's limit, or by ours. */
  bool lost;
  uint32_t cookies;
};

/** Takes apart what was read from a fanotify group; returns how many events that were. */
size_t fan_notes_add(struct fan_notes *, const struct fan_folders *,
                     const void *events, size_t bytes);
/** As many as there is room for, whole; returns the bytes. */
size_t fan_notes_take(struct fan_notes *, uint8_t *to, size_t room);
static inline bool fan_notes_any(const struct fan_notes *n) {
  return n->lost || n->taken < n->used;
}

// Folders by the handles that file systems have for them, each with a number that stands for it: a table in memory, without a
// descriptor for any of them. It knows neither where they are nor what happens in them.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct fan_folders;

/** What fanotify calls a folder: its file system, and the handle that this has for it. */
struct fan_key {
  const void *file_system;
  int type;
  size_t bytes;
  const void *handle;
};

/** What identifies a file system: fsid_t. */
enum { FAN_SYSTEM_BYTES = 8 };

/** NULL without memory. */
struct fan_folders *fan_folders_open(void);
void fan_folders_close(struct fan_folders *);

/** The folder's number, which it may have had before; -ENOMEM, or -ENOSPC when there are no more numbers. */
int fan_folders_add(struct fan_folders *, struct fan_key);
/** -1: it is not in the table. */
int fan_folders_find(const struct fan_folders *, struct fan_key);
/** Its number is given to no other folder. */
void fan_folders_drop(struct fan_folders *, int number);

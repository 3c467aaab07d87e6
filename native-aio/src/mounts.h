// Which file systems respond by themselves, by the table of mounts alone. It knows no lanes; src/engine/routing.ts
// reads the same table for those.
#pragma once

#include <linux/stat.h>
#include <stdbool.h>

enum mount_kind {
  /** Its responses come from another program or machine, and may never come; or the kernel makes it up (/proc); or it is not known. */
  MOUNT_OTHER,
  /** It keeps files, and responds by itself. */
  MOUNT_LOCAL,
  /** So it does, and from memory alone. */
  MOUNT_MEMORY,
};

/** Reads the kernel's table of mounts only. `stats` come from a call with STATX_MNT_ID. */
enum mount_kind mounts_kind(const struct statx *stats);

static inline bool mounts_is_local(const struct statx *stats) {
  return mounts_kind(stats) != MOUNT_OTHER;
}

// Which file systems respond by themselves, by the table of mounts alone. It knows no lanes; src/engine/routing.ts
// reads the same table for those.
#pragma once

#include <linux/stat.h>
#include <stdbool.h>

/**
 * Whether the file system that a file lies on keeps files, and responds by itself: one whose responses come from another
 * program or machine may never respond, and what the kernel makes up (/proc) may be waited for. Reads the kernel's table of mounts
 * only. `stats` come from a call with STATX_MNT_ID; what is not known is not local.
 */
bool mounts_is_local(const struct statx *stats);

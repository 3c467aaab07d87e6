#pragma once

#include <linux/stat.h>
#include <stdbool.h>

/**
 * Whether the file system that a file lies on keeps files, and answers by itself: one whose answers come from another
 * program or machine may never answer, and what the kernel makes up (/proc) may be waited for. Asks the kernel's table of mounts only. `stats` were asked for
 * with STATX_MNT_ID; what is not known is not local.
 */
bool mounts_is_local(const struct statx *stats);

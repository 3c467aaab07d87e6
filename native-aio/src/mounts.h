#pragma once

#include <linux/stat.h>
#include <stdbool.h>

/**
 * Whether the file system that a file lies on answers by itself: one whose answers come from another
 * program or machine may never answer. Asks the kernel's table of mounts only. `stats` were asked for
 * with STATX_MNT_ID; what is not known is not local.
 */
bool mounts_is_local(const struct statx *stats);

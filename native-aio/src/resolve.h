// Where the paths of a request start, and where they may lead: a folder's descriptor and openat2's
// limits, as the slot gives them. It knows nothing of what is done with what is found there.
#pragma once

#include <fcntl.h>

#include "slot.h"

struct statx;

/** The folder of the first path; AT_FDCWD where the slot names none. */
static inline int slot_wd(const int32_t *words) {
  return words[SLOT_WD] < 0 ? AT_FDCWD : words[SLOT_WD];
}

/** Where the first path may lead: RESOLVE_*, 0 is anywhere. */
static inline uint64_t slot_resolve(const int32_t *words) {
  return words[SLOT_WD] < 0 ? 0 : (uint64_t)(words[SLOT_RESOLVE] & 0xffff);
}

/** The folder of the second path, and where that may lead. */
static inline int slot_wd2(const int32_t *words) {
  return words[SLOT_WD2] < 0 ? AT_FDCWD : words[SLOT_WD2];
}
static inline uint64_t slot_resolve2(const int32_t *words) {
  return words[SLOT_WD2] < 0
             ? 0
             : (uint64_t)((uint32_t)words[SLOT_RESOLVE] >> RESOLVE_SHIFT);
}

/**
 * What becomes of a path's last part: a link is followed, or not, or it is a name that is made,
 * removed or replaced.
 */
enum place_way { PLACE_TARGET, PLACE_ITSELF, PLACE_NAME };

/** A path for the calls that start in a folder: what its limits keep out is not to be reached by it. */
struct place {
  int folder;
  /** To be closed by place_leave(); -1: none. */
  int fd;
  char path[PATH_BYTES];
};

/** A folder that is given by a number goes before the one that the slot carries. 0 or -errno. */
int place_find(const struct memory *memory, int slot, int at,
               enum place_way way, struct place *place);
int place_find2(const struct memory *memory, int slot, int at,
                enum place_way way, struct place *place);
/** A path of the caller's that starts where the request's first one does. */
int place_find_text(const int32_t *words, const char *path, enum place_way way,
                    struct place *place);
/** The same for calls that start in no folder: the path alone says where. */
int place_find_path(const struct memory *memory, int slot, enum place_way way,
                    struct place *place);
void place_leave(const struct place *place);

/** Opens as open() does, but nothing that the limits keep out. A descriptor or -errno. */
int place_open(int folder, const char *path, int flags, unsigned mode,
               uint64_t resolve);

/** What statx returns for a path, a link itself with AT_SYMLINK_NOFOLLOW. 0 or -errno. */
int place_stat(int folder, const char *path, int flags, uint64_t resolve,
               struct statx *stats);

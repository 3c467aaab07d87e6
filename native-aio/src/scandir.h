// What listing a folder and listing a tree have in common: the operands of scandir, and how both open and fail.
#pragma once

#include "listing.h"
#include "slot.h"

/** Bits of the operand `how`; as in workers/listing.ts. */
enum { SCANDIR_TYPES = 1, SCANDIR_FOLLOW = 2 };
/** The operand `recursion`. */
enum { SCANDIR_DEPTH_FIRST = 1 };

/** Opens a folder to be read, within the request's limits. A descriptor or -errno. */
int scandir_open(const struct memory *memory, int slot, const char *path);
/** Listing `folder` failed. Returns `error`. */
int32_t scandir_fail(const struct memory *memory, int slot, int error,
                     const char *folder, const struct listing *listing);

/** How many entries there are in all, or -errno. */
int32_t scandir_tree(const struct memory *memory, int slot, int how, int order);

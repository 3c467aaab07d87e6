// Memory for results that are larger than a slot's own room: page-aligned blocks by size class, which
// are used again when they come back. It is shared by the whole process; it does not know its callers.
//
//   block_take -> a thread fills it -> JavaScript has it as a Buffer -> collected -> block_give
#pragma once

#include <stddef.h>

/** The largest result: what Node's readFile gives at most. */
#define BLOCK_MAX_BYTES 0x7fffffffULL

/** At least `bytes`; `room` is how many there are, which block_give() wants to know. NULL: no memory. */
void *block_take(size_t bytes, size_t *room);
void block_give(void *block, size_t room);

/** Gives the system back what is not in use, and what comes back before the next one is taken. */
void blocks_trim(void);

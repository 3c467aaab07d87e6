// Ops as plain system calls on the calling thread: what a worker of the pool runs where that is
// cheaper than the JavaScript that does the same. It may block; it knows no ring.
#pragma once

#include "slot.h"

/** The op's number, -errno, or SPECIAL_DECLINED: then nothing was done, and JavaScript does it. */
int32_t sys_run(const struct memory *memory, int slot);

/** Why an op is left to JavaScript; NULL when it is not. */
const char *sys_why_not(int op);

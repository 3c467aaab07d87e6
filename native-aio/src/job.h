// What a job of several calls in one hop (slurp, scandir, rmtree, ...) needs beside system calls: room for
// a result of any size, and a failure with details of its own. It knows slots, and no job.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "slot.h"

/**
 * Where a result of so many bytes can be put: the slot's own room, or else a block, which then belongs
 * to the slot. NULL: no memory, or more than a Buffer may have.
 */
uint8_t *job_room(const struct memory *m, int slot, size_t bytes);

/** A block of the caller's (see blocks.h) becomes the slot's result. */
void job_give_block(const struct memory *m, int slot, void *block, size_t room,
                    size_t bytes);

/** Whether the slot's result lies in a block; its words are as they were when it was given. */
bool job_has_block(const struct memory *m, int slot);

/** The slot's block, which is the caller's from here on. Only after job_has_block(). */
void *job_take_block(const struct memory *m, int slot);

/** The slot has no block any more (a failure after job_room, a result that is not wanted). */
void job_drop_block(const struct memory *m, int slot);

/** Whether the result of an op is a descriptor. */
bool job_returns_fd(int op);

/** Nobody reads the result of a slot that is done: a descriptor that it opened is closed, and its block goes back. */
void job_drop_result(const struct memory *m, int slot);

/**
 * The request failed with -errno in `syscall`, on a path of its own and on a second one (NULL: none), and
 * its error says so. Returns `error`. What is not given is taken from the request.
 */
int32_t job_fail(const struct memory *m, int slot, int error,
                 const char *syscall, const char *path, const char *dest);

/**
 * Makes of the bytes that the slot has as its result a text for V8, where they are UTF-8: returns
 * enum text.
 */
int32_t job_make_text(const struct memory *m, int slot);

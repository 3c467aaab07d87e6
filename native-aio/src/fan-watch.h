// A fanotify group with one mark for each file system that folders of a tree are on, and a thread that reads from it: a mark brings
// whatever happens on the file system, and what is not in the folders (see fan-notes.h) never gets to the loop. It knows no JavaScript.
//
//   fan_open -- fan_watch, on any thread -- fan_read, on the loop -- fan_end --> the thread closes the group, and goes
#pragma once

#include <stddef.h>
#include <stdint.h>

struct fan;

/** NULL, with what failed, and its errno. */
struct fan *fan_open(const char **what, int *error);
/** Stands for it in fan_watch: no other ever has this number. */
int fan_number(const struct fan *);
/** Readable when there is something to be read. */
int fan_wake_fd(const struct fan *);

/**
 * Watches the folder that is open: the number that it has in what is read, or -errno. With FAN_DELETE_SELF or FAN_MOVE_SELF in the mask
 * the folder has a mark of its own for that.
 */
int fan_watch(int number, int folder, uint32_t mask);
void fan_forget(struct fan *, int folder);

/** Into `to` what has happened in the folders by now: the bytes, or -EAGAIN: nothing more. */
int64_t fan_read(struct fan *, uint8_t *to, size_t room);

/** It is not its caller's any more. Does not wait. */
void fan_end(struct fan *);
/** Waits for threads that are about to go: their code may be unloaded afterwards. */
void fan_wait_for_ends(void *);

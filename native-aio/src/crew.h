// The native threads of one instance: they take slots off the submission rings in shared memory, run them with
// blocking system calls, and publish completions on one ring. They know slots and priorities; what a slot
// requests is sys.c's business, and who is waiting is JavaScript's.
//
//   JavaScript: push a slot on the ring of its priority -> is anybody awake? no: crew_ring / crew_start
//   a thread:   take -> run -> publish -> the loop sleeps? yes: wake it, once
//   the watcher: a sleeper that looks every millisecond while a backlog stands still, and joins in
#pragma once

#include <stdbool.h>

#include "slot.h"

struct crew;

/** Wakes the loop from any thread. */
struct crew_waker {
  void (*wake)(void *data);
  void *data;
};

/**
 * `memory.control` is this crew's own control area, with the words of layout.ts; `control` is that of the instance.
 * NULL: no memory.
 */
struct crew *crew_open(struct memory memory, int32_t *control,
                       struct crew_waker waker);
/** How many words a crew's control area has. */
size_t crew_words_for(int slots);

/** Starts one more thread. 0 or -errno. */
int crew_start(struct crew *);
/** Wakes so many of those that sleep. */
void crew_ring(struct crew *, int count);
/** Has a thread look after what stays queued. */
void crew_watch(struct crew *);

/**
 * Lets all threads leave, and waits for them, but not for ever. False: some hang in a system call. When it returns
 * their requests count as cancelled, and until then they use what their slots had: the memory has to stay.
 */
bool crew_close(struct crew *);
/** After crew_close, if all have left: gives back memory and descriptors that lie in slots and will not be taken. */
void crew_drop_results(struct crew *);
/** After crew_close: it goes with the last thread. */
void crew_release(struct crew *);
